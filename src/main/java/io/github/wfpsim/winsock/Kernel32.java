package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The functions of kernel32 and ws2_32 about completion ports, events and alertable waits that asynchronous sockets need.
 * Times are virtual. Safe for use by many threads.
 *
 * <p>Source: I/O Completion Ports; SleepEx function; WSAWaitForMultipleEvents function (SDK). Requirements: WSA-50 to
 * WSA-55, IOCP-01 to IOCP-06.
 */
public interface Kernel32 {

    /** Waits without end. */
    int INFINITE = 0xFFFFFFFF;

    /** WSAWaitForMultipleEvents: the first event is signalled; others count from here. */
    int WSA_WAIT_EVENT_0 = 0;

    /** A wait was ended by calls of the thread that ran, 192. */
    int WAIT_IO_COMPLETION = 192;

    /** A wait was ended by its time, 258. */
    int WSA_WAIT_TIMEOUT = 258;

    /** A wait could not be made. */
    int WSA_WAIT_FAILED = 0xFFFFFFFF;

    /** Leaves packets out for calls that succeed at once. */
    int FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 0x1;

    /** Leaves the event of the handle alone; sockets here have none. */
    int FILE_SKIP_SET_EVENT_ON_HANDLE = 0x2;

    // ---- completion ports

    /**
     * Creates a completion port (CreateIoCompletionPort function). <b>Simulated</b>; every waiting thread is let run.
     *
     * @param numberOfConcurrentThreads <b>ignored</b>
     * @return the port; close it, as CloseHandle does
     */
    CompletionPort createIoCompletionPort(int numberOfConcurrentThreads);

    /**
     * Creates a completion port, or associates a socket with one, for good (CreateIoCompletionPort function).
     * <b>Simulated</b>; every waiting thread is let run.
     *
     * @param fileHandle the socket; null, INVALID_HANDLE_VALUE, only creates a port
     * @param existingCompletionPort the port; null creates one
     * @param completionKey what the socket's packets carry
     * @param numberOfConcurrentThreads <b>ignored</b>
     * @return the port; null with {@code WSA_INVALID_HANDLE} for no socket or a closed port, {@code
     *     WSA_INVALID_PARAMETER} for a socket that has a port or no overlapped attribute
     */
    @Nullable
    CompletionPort createIoCompletionPort(
            @Nullable SocketHandle fileHandle,
            @Nullable CompletionPort existingCompletionPort,
            long completionKey,
            int numberOfConcurrentThreads);

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
    boolean getQueuedCompletionStatus(
            CompletionPort completionPort,
            OutUlong lpNumberOfBytesTransferred,
            Out<Long> lpCompletionKey,
            Out<WsaOverlapped> lpOverlapped,
            int dwMilliseconds);

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
    List<CompletionPort.Entry> getQueuedCompletionStatusEx(
            CompletionPort completionPort, int ulCount, int dwMilliseconds);

    /**
     * Adds a packet of the caller's own (PostQueuedCompletionStatus function). <b>Simulated.</b>
     *
     * @param completionPort the port
     * @param dwNumberOfBytesTransferred any number
     * @param dwCompletionKey any number
     * @param lpOverlapped any structure, or null
     * @return true, or false with {@code WSA_INVALID_HANDLE} for a closed port
     */
    boolean postQueuedCompletionStatus(
            CompletionPort completionPort,
            int dwNumberOfBytesTransferred,
            long dwCompletionKey,
            @Nullable WsaOverlapped lpOverlapped);

    /**
     * Says how the end of calls on a socket is told (SetFileCompletionNotificationModes function). <b>Simulated</b> for
     * {@link #FILE_SKIP_COMPLETION_PORT_ON_SUCCESS}.
     *
     * @param fileHandle a socket with a port
     * @param flags the modes, which stay for good
     * @return true; false with {@code WSA_INVALID_HANDLE} for no socket, {@code WSA_INVALID_PARAMETER} for other flags or
     *     without port
     */
    boolean setFileCompletionNotificationModes(SocketHandle fileHandle, int flags);

    // ---- waiting

    /** {@return a new event that is not signalled (WSACreateEvent function); close it, as WSACloseEvent does} */
    WsaEvent wsaCreateEvent();

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
    int wsaWaitForMultipleEvents(List<WsaEvent> lphEvents, boolean fWaitAll, int dwTimeout, boolean fAlertable);

    /**
     * Sleeps, letting completion routines of this thread run (SleepEx function). <b>Simulated.</b>
     *
     * @param dwMilliseconds how long, {@link #INFINITE} without end
     * @param bAlertable whether routines may run, which ends the sleep
     * @return {@link #WAIT_IO_COMPLETION} if routines ran, else 0
     */
    int sleepEx(int dwMilliseconds, boolean bAlertable);

    /**
     * Queues a call to a thread (QueueUserAPC function). <b>Simulated.</b>
     *
     * @param thread the thread
     * @param pfnApc runs in its next alertable wait
     * @return true, or false with {@code WSA_INVALID_HANDLE} for a thread that has ended
     */
    boolean queueUserApc(Thread thread, Runnable pfnApc);

    /** Ends what this thread issued, as its end does (ExitThread function; WSA-55). The Java thread goes on. */
    void exitThread();
}
