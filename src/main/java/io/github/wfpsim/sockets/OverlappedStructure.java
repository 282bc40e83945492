package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An OVERLAPPED with the call that has it. Lock-free: one compare-and-set claims it. */
final class OverlappedStructure implements WsaOverlapped {

    private final AtomicReference<@Nullable OverlappedRequest> pending = new AtomicReference<>();
    private volatile @Nullable Object hEvent;
    private volatile Win32Error internal = Win32Error.NO_ERROR;
    private volatile int internalHigh;
    private volatile int flags;
    private volatile boolean withRoutine;
    private volatile boolean freed;

    /** The structure as this room knows it. */
    static OverlappedStructure of(WsaOverlapped overlapped) {
        if (overlapped instanceof OverlappedStructure own) {
            return own;
        }
        throw new IllegalArgumentException(overlapped + " is no memory of a process: give what newOverlapped made");
    }

    @Override
    public @Nullable Object hEvent() {
        return hEvent;
    }

    @Override
    public void setHEvent(@Nullable Object value) {
        this.hEvent = value;
    }

    @Override
    public Win32Error internal() {
        return pending.get() == null ? internal : Win32Error.WSA_IO_PENDING;
    }

    @Override
    public int internalHigh() {
        return internalHigh;
    }

    @Override
    public boolean hasOverlappedIoCompleted() {
        return pending.get() == null;
    }

    @Override
    public void free() {
        freed = true;
        OverlappedRequest request = pending.get();
        if (request != null) {
            request.reportFreed(this);
        }
    }

    int flags() {
        return flags;
    }

    boolean hasRoutine() {
        return withRoutine;
    }

    @Nullable
    WsaEvent event() {
        return hEvent instanceof WsaEvent event ? event : null;
    }

    /** Takes the structure for a request; false if another one has it, or its memory is gone. */
    boolean claim(OverlappedRequest request, boolean routine) {
        if (freed || !pending.compareAndSet(null, request)) {
            return false;
        }
        withRoutine = routine;
        internalHigh = 0;
        flags = 0;
        return true;
    }

    @Nullable
    OverlappedRequest request() {
        return pending.get();
    }

    /** Gives the structure back with an outcome. */
    void release(Win32Error outcome, int bytes, int outFlags) {
        internalHigh = bytes;
        flags = outFlags;
        internal = outcome;
        pending.set(null);
    }
}
