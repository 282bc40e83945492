package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A completion port: packets in the order in which they came, taken by any thread. Guarded by its private monitor. Safe for
 * use by many threads. The number of concurrent threads is <b>stored</b>; every waiting thread is let run.
 *
 * <p>Source: CreateIoCompletionPort function; GetQueuedCompletionStatus function (SDK). Requirements: IOCP-01 to IOCP-06.
 */
public final class CompletionPort implements AutoCloseable {

    /**
     * What a wait takes, OVERLAPPED_ENTRY with the outcome.
     *
     * @param completionKey what the socket was associated with, or was posted
     * @param overlapped the structure of the call; null if none was posted
     * @param bytesTransferred bytes moved, a DWORD without sign
     * @param error the outcome of the call; no error for posted packets
     */
    public record Entry(
            long completionKey, @Nullable WsaOverlapped overlapped, int bytesTransferred, Win32Error error) {}

    private final Object monitor = new Object();
    private final ArrayDeque<Entry> packets = new ArrayDeque<>();
    private final int concurrentThreads;
    private boolean closed;

    /**
     * Creates a port.
     *
     * @param concurrentThreads how many threads are to work at a time; 0 for one for each processor
     */
    public CompletionPort(int concurrentThreads) {
        this.concurrentThreads = concurrentThreads;
    }

    /** {@return how many threads are to work at a time} */
    public int concurrentThreads() {
        return concurrentThreads;
    }

    /**
     * Adds a packet.
     *
     * @param entry the packet
     * @return false if the port is closed
     */
    public boolean post(Entry entry) {
        Objects.requireNonNull(entry, "entry must not be null: give a packet");
        synchronized (monitor) {
            if (!closed) {
                packets.add(entry);
                monitor.notifyAll();
            }
            return !closed;
        }
    }

    /**
     * Takes packets, waiting for the first.
     *
     * @param most how many at most
     * @param deadline when to give up
     * @return the packets; none if the deadline passed or the port is closed
     * @throws InterruptedException if the thread was interrupted
     */
    public List<Entry> take(int most, Deadline deadline) throws InterruptedException {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (packets.isEmpty() && !closed && !deadline.isExpired()) {
                    monitor.wait();
                }
                List<Entry> taken = new ArrayList<>();
                while (taken.size() < most && !packets.isEmpty()) {
                    taken.add(packets.remove());
                }
                return taken;
            }
        }
    }

    /** {@return whether the port was closed} */
    public boolean isClosed() {
        synchronized (monitor) {
            return closed;
        }
    }

    private void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }

    /** Closes the port, CloseHandle; who waits is told. A second call does nothing. */
    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            packets.clear();
            monitor.notifyAll();
        }
    }
}
