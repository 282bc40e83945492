package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.stack.HostStack;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions of kernel32 and ws2_32 about completion ports, events and alertable waits that asynchronous sockets need.
 * Times are virtual. Safe for use by many threads.
 *
 * <p>Source: I/O Completion Ports; SleepEx function; WSAWaitForMultipleEvents function (SDK). Requirements: WSA-50 to
 * WSA-55, IOCP-01 to IOCP-06.
 */
public final class Kernel32 {

    /** Waits without end. */
    public static final int INFINITE = 0xFFFFFFFF;

    /** WSAWaitForMultipleEvents: the first event is signalled; others count from here. */
    public static final int WSA_WAIT_EVENT_0 = 0;

    /** A wait was ended by calls of the thread that ran, 192. */
    public static final int WAIT_IO_COMPLETION = 192;

    /** A wait was ended by its time, 258. */
    public static final int WSA_WAIT_TIMEOUT = 258;

    /** A wait could not be made. */
    public static final int WSA_WAIT_FAILED = 0xFFFFFFFF;

    /** Leaves packets out for calls that succeed at once. */
    public static final int FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 0x1;

    /** Leaves the event of the handle alone; sockets here have none. */
    public static final int FILE_SKIP_SET_EVENT_ON_HANDLE = 0x2;

    private final HostStack stack;
    private final Winsock winsock;
    private final OverlappedProcess process;

    Kernel32(HostStack stack, Winsock winsock, OverlappedProcess process) {
        this.stack = stack;
        this.winsock = winsock;
        this.process = process;
    }

    // ---- completion ports

    /**
     * Creates a completion port, or associates a socket with one, for good (CreateIoCompletionPort function).
     * <b>Simulated</b>; the number of threads is <b>stored</b>.
     *
     * @param fileHandle the socket; null, INVALID_HANDLE_VALUE, only creates a port
     * @param existingCompletionPort the port; null creates one
     * @param completionKey what the socket's packets carry
     * @param numberOfConcurrentThreads how many threads are to work at a time; 0 for one for each processor
     * @return the port; null with {@code WSA_INVALID_HANDLE} for no socket or a closed port, {@code
     *     WSA_INVALID_PARAMETER} for a socket that has a port or no overlapped attribute
     */
    public @Nullable CompletionPort createIoCompletionPort(
            @Nullable SocketHandle fileHandle,
            @Nullable CompletionPort existingCompletionPort,
            long completionKey,
            int numberOfConcurrentThreads) {
        CompletionPort port =
                existingCompletionPort == null ? new CompletionPort(numberOfConcurrentThreads) : existingCompletionPort;
        if (fileHandle == null && existingCompletionPort == null) {
            return port;
        }
        SocketEntry entry = fileHandle == null ? null : winsock.findQuietly(fileHandle);
        Win32Error error = Win32Error.NO_ERROR;
        if (entry == null || port.isClosed()) {
            error = Win32Error.WSA_INVALID_HANDLE;
        } else if (!entry.isOverlapped() || !entry.associate(new PortBinding(port, completionKey))) {
            error = Win32Error.WSA_INVALID_PARAMETER;
        }
        winsock.result(error);
        return error == Win32Error.NO_ERROR ? port : null;
    }

    /**
     * Takes a packet, waiting for one (GetQueuedCompletionStatus function). <b>Simulated.</b>
     *
     * @param completionPort the port
     * @param lpNumberOfBytesTransferred receives the bytes moved
     * @param lpCompletionKey receives the key
     * @param lpOverlapped receives the structure; null if no packet was taken, or none was posted with it
     * @param dwMilliseconds how long to wait, {@link #INFINITE} without end
     * @return true for a packet of a call that succeeded; false with its error for one that failed, {@code
     *     ERROR_NETNAME_DELETED} for a reset; with {@code WAIT_TIMEOUT} without packet, with {@code ERROR_ABANDONED_WAIT_0} once the port is closed
     */
    public boolean getQueuedCompletionStatus(
            CompletionPort completionPort,
            OutUlong lpNumberOfBytesTransferred,
            Out<Long> lpCompletionKey,
            Out<WsaOverlapped> lpOverlapped,
            int dwMilliseconds) {
        Objects.requireNonNull(
                lpNumberOfBytesTransferred, "lpNumberOfBytesTransferred must not be null: give an OutUlong");
        Objects.requireNonNull(lpCompletionKey, "lpCompletionKey must not be null: give an Out");
        Objects.requireNonNull(lpOverlapped, "lpOverlapped must not be null: give an Out");
        List<CompletionPort.Entry> taken = take(completionPort, 1, dwMilliseconds);
        lpOverlapped.set(null);
        if (taken.isEmpty()) {
            return false;
        }
        CompletionPort.Entry entry = taken.get(0);
        lpNumberOfBytesTransferred.set(entry.bytesTransferred());
        lpCompletionKey.set(entry.completionKey());
        lpOverlapped.set(entry.overlapped());
        boolean reset = entry.error() == Win32Error.WSAECONNRESET;
        return winsock.result(reset ? Win32Error.ERROR_NETNAME_DELETED : entry.error()) == 0;
    }

    /**
     * Takes several packets, waiting for the first (GetQueuedCompletionStatusEx function). <b>Simulated</b>; not
     * alertable.
     *
     * @param completionPort the port
     * @param ulCount the most to take, at least 1
     * @param dwMilliseconds how long to wait, {@link #INFINITE} without end
     * @return the packets; none with the errors of {@link #getQueuedCompletionStatus}, or {@code WSA_INVALID_PARAMETER}
     *     for a count below 1
     */
    public List<CompletionPort.Entry> getQueuedCompletionStatusEx(
            CompletionPort completionPort, int ulCount, int dwMilliseconds) {
        if (ulCount < 1) {
            winsock.fail(Win32Error.WSA_INVALID_PARAMETER);
            return List.of();
        }
        return take(completionPort, ulCount, dwMilliseconds);
    }

    private List<CompletionPort.Entry> take(CompletionPort port, int most, int milliseconds) {
        requirePort(port);
        try {
            List<CompletionPort.Entry> taken = port.take(most, deadline(milliseconds));
            if (taken.isEmpty()) {
                winsock.fail(port.isClosed() ? Win32Error.ERROR_ABANDONED_WAIT_0 : Win32Error.WAIT_TIMEOUT);
            }
            return taken;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            winsock.fail(Win32Error.WSAEINTR);
            return List.of();
        }
    }

    private static void requirePort(CompletionPort port) {
        Objects.requireNonNull(port, "completionPort must not be null: give one that CreateIoCompletionPort made");
    }

    /**
     * Adds a packet of the caller's own (PostQueuedCompletionStatus function). <b>Simulated.</b>
     *
     * @param completionPort the port
     * @param dwNumberOfBytesTransferred any number
     * @param dwCompletionKey any number
     * @param lpOverlapped any structure, or null
     * @return true, or false with {@code WSA_INVALID_HANDLE} for a closed port
     */
    public boolean postQueuedCompletionStatus(
            CompletionPort completionPort,
            int dwNumberOfBytesTransferred,
            long dwCompletionKey,
            @Nullable WsaOverlapped lpOverlapped) {
        requirePort(completionPort);
        boolean posted = completionPort.post(new CompletionPort.Entry(
                dwCompletionKey, lpOverlapped, dwNumberOfBytesTransferred, Win32Error.NO_ERROR));
        winsock.result(posted ? Win32Error.NO_ERROR : Win32Error.WSA_INVALID_HANDLE);
        return posted;
    }

    /**
     * Says how the end of calls on a socket is told (SetFileCompletionNotificationModes function). <b>Simulated</b> for
     * {@link #FILE_SKIP_COMPLETION_PORT_ON_SUCCESS}.
     *
     * @param fileHandle a socket with a port
     * @param flags the modes, which stay for good
     * @return true; false with {@code WSA_INVALID_HANDLE} for no socket, {@code WSA_INVALID_PARAMETER} for other flags or
     *     without port
     */
    public boolean setFileCompletionNotificationModes(SocketHandle fileHandle, int flags) {
        SocketEntry entry = winsock.findQuietly(fileHandle);
        PortBinding binding = entry == null ? null : entry.port();
        int known = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
        if (entry == null) {
            return winsock.result(Win32Error.WSA_INVALID_HANDLE) == 0;
        }
        if (binding == null || (flags & ~known) != 0) {
            return winsock.result(Win32Error.WSA_INVALID_PARAMETER) == 0;
        }
        if ((flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0) {
            binding.skipOnSuccess();
        }
        return true;
    }

    // ---- waiting

    /**
     * Waits for events (WSAWaitForMultipleEvents function). <b>Simulated.</b>
     *
     * @param lphEvents the events, 1 to 64
     * @param fWaitAll whether all have to be signalled
     * @param dwTimeout milliseconds, {@link #INFINITE} without end
     * @param fAlertable whether completion routines of this thread may run meanwhile
     * @return {@link #WSA_WAIT_EVENT_0} plus the index of the first signalled event; {@link #WAIT_IO_COMPLETION}; {@link
     *     #WSA_WAIT_TIMEOUT}; {@link #WSA_WAIT_FAILED} with {@code WSA_INVALID_PARAMETER} for no or too many events,
     *     {@code WSA_INVALID_HANDLE} for one that is closed, before or meanwhile, or {@code WSAEINTR}
     */
    public int wsaWaitForMultipleEvents(List<WsaEvent> lphEvents, boolean fWaitAll, int dwTimeout, boolean fAlertable) {
        Objects.requireNonNull(lphEvents, "lphEvents must not be null: give 1 to 64 events");
        lphEvents.forEach(event -> Objects.requireNonNull(event, "lphEvents must not hold null: give events only"));
        List<WsaEvent> events = List.copyOf(lphEvents);
        if (events.isEmpty() || events.size() > MOST_EVENTS) {
            winsock.fail(Win32Error.WSA_INVALID_PARAMETER);
            return WSA_WAIT_FAILED;
        }
        if (events.stream().anyMatch(WsaEvent::isClosed)) {
            winsock.fail(Win32Error.WSA_INVALID_HANDLE);
            return WSA_WAIT_FAILED;
        }
        return switch (process.awaitEvents(events, fWaitAll, fAlertable, deadline(dwTimeout))) {
            case READY -> signalled(events);
            case IO_COMPLETION -> WAIT_IO_COMPLETION;
            case TIMEOUT -> WSA_WAIT_TIMEOUT;
            case INTERRUPTED -> {
                winsock.fail(Win32Error.WSAEINTR);
                yield WSA_WAIT_FAILED;
            }
        };
    }

    private static final int MOST_EVENTS = 64;

    /** An event that was closed meanwhile has ended the wait too, and tells nothing. */
    private int signalled(List<WsaEvent> events) {
        if (events.stream().anyMatch(WsaEvent::isClosed)) {
            winsock.fail(Win32Error.WSA_INVALID_HANDLE);
            return WSA_WAIT_FAILED;
        }
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).isSignalled()) {
                return WSA_WAIT_EVENT_0 + i;
            }
        }
        return WSA_WAIT_EVENT_0;
    }

    /**
     * Sleeps, letting completion routines of this thread run (SleepEx function). <b>Simulated.</b>
     *
     * @param dwMilliseconds how long, {@link #INFINITE} without end
     * @param bAlertable whether routines may run, which ends the sleep
     * @return {@link #WAIT_IO_COMPLETION} if routines ran, else 0
     */
    public int sleepEx(int dwMilliseconds, boolean bAlertable) {
        OverlappedProcess.Wake wake = process.sleep(bAlertable, deadline(dwMilliseconds));
        return wake == OverlappedProcess.Wake.IO_COMPLETION ? WAIT_IO_COMPLETION : 0;
    }

    /**
     * Queues a call to a thread (QueueUserAPC function). <b>Simulated.</b>
     *
     * @param thread the thread
     * @param pfnApc runs in its next alertable wait
     * @return true, or false with {@code WSA_INVALID_HANDLE} for a thread that has ended
     */
    public boolean queueUserApc(Thread thread, Runnable pfnApc) {
        Objects.requireNonNull(thread, "thread must not be null: give the thread that is to run it");
        Objects.requireNonNull(pfnApc, "pfnApc must not be null: give what is to run");
        return process.queueApc(thread, pfnApc) || winsock.result(Win32Error.WSA_INVALID_HANDLE) == 0;
    }

    /** Ends what this thread issued, as its end does (ExitThread function; WSA-55). The Java thread goes on. */
    public void exitThread() {
        process.exitThread();
    }

    private Deadline deadline(int milliseconds) {
        return milliseconds == INFINITE
                ? Deadline.NEVER
                : stack.clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(milliseconds)));
    }
}
