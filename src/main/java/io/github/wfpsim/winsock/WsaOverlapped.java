package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The structure that an overlapped call works with, WSAOVERLAPPED. It belongs to one call until that has ended. Safe for
 * use by many threads.
 *
 * <p>Source: WSAOVERLAPPED structure (SDK). Requirements: WSA-50, WSA-53, WSA-56.
 */
public final class WsaOverlapped {

    private final AtomicReference<@Nullable OverlappedRequest> pending = new AtomicReference<>();
    private volatile @Nullable Object hEvent;
    private volatile Win32Error internal = Win32Error.NO_ERROR;
    private volatile int internalHigh;
    private volatile int flags;
    private volatile boolean withRoutine;
    private volatile boolean freed;

    /** Creates a structure of zeros. */
    public WsaOverlapped() {}

    /**
     * Creates a structure with an event.
     *
     * @param event is reset when a call starts and signalled when it ends, unless the call has a routine
     * @return the structure
     */
    public static WsaOverlapped withEvent(WsaEvent event) {
        WsaOverlapped overlapped = new WsaOverlapped();
        overlapped.setHEvent(Objects.requireNonNull(event, "event must not be null: use the constructor for none"));
        return overlapped;
    }

    /**
     * Tells the member hEvent.
     *
     * @return a {@link WsaEvent}, or with a completion routine whatever the caller keeps there; null for none
     */
    public @Nullable Object hEvent() {
        return hEvent;
    }

    /**
     * Sets the member hEvent.
     *
     * @param value a {@link WsaEvent}; anything if the call has a completion routine; null for none
     */
    public void setHEvent(@Nullable Object value) {
        this.hEvent = value;
    }

    /**
     * Tells how the last call ended, member Internal as the error code that it stands for.
     *
     * @return the error; {@code WSA_IO_PENDING} while a call is pending
     */
    public Win32Error internal() {
        return pending.get() == null ? internal : Win32Error.WSA_IO_PENDING;
    }

    /**
     * Tells the member InternalHigh.
     *
     * @return bytes moved, or needed if a query was too small (WSA-53); a DWORD without sign
     */
    public int internalHigh() {
        return internalHigh;
    }

    /**
     * Tells whether no call is pending, HasOverlappedIoCompleted.
     *
     * @return true before the first call and after the end of each
     */
    public boolean hasOverlappedIoCompleted() {
        return pending.get() == null;
    }

    /**
     * Says that the memory is given back. A call that is pending then would write into it.
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a call is pending
     */
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
