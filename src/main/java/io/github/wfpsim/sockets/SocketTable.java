package io.github.wfpsim.sockets;

import io.github.wfpsim.machine.HandleTable;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.winsock.SocketHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One process's use of Winsock: how often it started it, and the sockets that it holds.
 *
 * <p>Looking a handle up takes no lock. Source: WSAStartup function, WSACleanup function (SDK). Requirements: WSA-23,
 * WSA-26.
 */
final class SocketTable {

    private final HostStack stack;
    private final ProcessEntry process;
    private final HandleTable<SocketEntry> sockets = new HandleTable<>();
    private final AtomicInteger startups;

    SocketTable(HostStack stack, ProcessEntry process) {
        this.stack = stack;
        this.process = process;
        this.startups = new AtomicInteger(stack.options().autoWsaStartup() ? 1 : 0);
    }

    /** Whether the process may call; code that outlives its process finds Winsock gone. */
    boolean isInitialised() {
        return startups.get() > 0 && process.isAlive();
    }

    void startUp() {
        startups.incrementAndGet();
    }

    /**
     * Takes one start-up back; the last one resets the sockets that are still open.
     *
     * @return false if there was none to take back, or the process has ended
     */
    boolean cleanUp() {
        if (!process.isAlive()) {
            return false;
        }
        int before = startups.getAndUpdate(count -> Math.max(0, count - 1));
        if (before == 1) {
            resetAll();
        }
        return before > 0;
    }

    /** Finds a socket that is open; the machine closes sockets too, when it or the process ends. */
    @Nullable
    SocketEntry find(SocketHandle handle) {
        SocketEntry entry = sockets.get(handle.value());
        return entry == null || entry.isClosed() ? null : entry;
    }

    /**
     * Registers a new socket.
     *
     * @return false if the process cleaned up or ended meanwhile; the socket is closed again then
     */
    boolean add(SocketEntry entry) {
        sockets.put(entry.handle().value(), entry);
        return staysIn(entry.handle(), entry);
    }

    /**
     * Registers a descriptor of a socket that may have others here: by the socket's number, or by a new one if another
     * descriptor has that.
     *
     * @return the number; null as for {@link #add}
     */
    @Nullable
    SocketHandle addDescriptor(SocketEntry entry) {
        SocketHandle handle = SocketEntry.handleOf(entry.kernel());
        if (!sockets.putIfAbsent(handle.value(), entry)) {
            handle = new SocketHandle(stack.nextHandle());
            sockets.put(handle.value(), entry);
        }
        return staysIn(handle, entry) ? handle : null;
    }

    private boolean staysIn(SocketHandle handle, SocketEntry entry) {
        // Either this thread sees the count at 0 or the process gone, or whoever did that sees the entry.
        if (isInitialised()) {
            return true;
        }
        close(handle, entry, true);
        return false;
    }

    /**
     * Gives a descriptor up, and with the last one the socket. Of several threads only one does so.
     *
     * @return false if another thread was faster
     */
    boolean close(SocketHandle handle, SocketEntry entry, boolean abortive) {
        if (!sockets.remove(handle.value(), entry)) {
            return false;
        }
        if (stack.release(entry.kernel(), process)) {
            entry.giveUp();
            stack.close(entry.kernel(), abortive);
        }
        return true;
    }

    /** "Sockets that were open when WSACleanup was called are reset" (WSACleanup function), oldest first. */
    private void resetAll() {
        Map<SocketHandle, SocketEntry> open = new LinkedHashMap<>();
        sockets.forEach((entry, handle) -> open.put(new SocketHandle(handle), entry));
        // One scope around all: a fault of one close must not keep the next socket open.
        try (FaultScope scope = stack.verifier().enter()) {
            open.forEach((handle, entry) -> close(handle, entry, true));
        }
    }
}
