package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.winsock.CompletionPort;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Completion ports, events and alertable waits of one process.
 *
 * <p>Requirements: WSA-50 to WSA-55, IOCP-01 to IOCP-06.
 */
final class CompletionCalls implements Kernel32 {

    private final HostStack stack;
    private final Caller caller;
    private final OverlappedProcess process;

    CompletionCalls(HostStack stack, Caller caller, OverlappedProcess process) {
        this.stack = stack;
        this.caller = caller;
        this.process = process;
    }

    // ---- completion ports

    @Override
    public CompletionPort createIoCompletionPort(int numberOfConcurrentThreads) {
        return new CompletionQueue(stack.waits());
    }

    @Override
    public @Nullable CompletionPort createIoCompletionPort(
            @Nullable SocketHandle fileHandle,
            @Nullable CompletionPort existingCompletionPort,
            long completionKey,
            int numberOfConcurrentThreads) {
        CompletionQueue port = existingCompletionPort == null
                ? new CompletionQueue(stack.waits())
                : CompletionQueue.of(existingCompletionPort);
        if (fileHandle == null && existingCompletionPort == null) {
            return port;
        }
        SocketEntry entry = fileHandle == null ? null : caller.findQuietly(fileHandle);
        Win32Error error = Win32Error.NO_ERROR;
        if (entry == null || port.isClosed()) {
            error = Win32Error.WSA_INVALID_HANDLE;
        } else if (!entry.isOverlapped() || !entry.associate(new PortBinding(port, completionKey))) {
            error = Win32Error.WSA_INVALID_PARAMETER;
        }
        caller.result(error);
        return error == Win32Error.NO_ERROR ? port : null;
    }

    @Override
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
        return caller.result(entry.error()) == 0;
    }

    @Override
    public List<CompletionPort.Entry> getQueuedCompletionStatusEx(
            CompletionPort completionPort, int ulCount, int dwMilliseconds) {
        if (ulCount < 1) {
            caller.fail(Win32Error.WSA_INVALID_PARAMETER);
            return List.of();
        }
        return take(completionPort, ulCount, dwMilliseconds);
    }

    private List<CompletionPort.Entry> take(CompletionPort completionPort, int most, int milliseconds) {
        CompletionQueue port = CompletionQueue.of(completionPort);
        try {
            List<CompletionPort.Entry> taken = port.take(most, deadline(milliseconds));
            if (taken.isEmpty()) {
                caller.fail(port.isClosed() ? Win32Error.ERROR_ABANDONED_WAIT_0 : Win32Error.WAIT_TIMEOUT);
            }
            return taken;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            caller.fail(Win32Error.WSAEINTR);
            return List.of();
        }
    }

    @Override
    public boolean postQueuedCompletionStatus(
            CompletionPort completionPort,
            int dwNumberOfBytesTransferred,
            long dwCompletionKey,
            @Nullable WsaOverlapped lpOverlapped) {
        boolean posted = CompletionQueue.of(completionPort)
                .post(new CompletionPort.Entry(
                        dwCompletionKey, lpOverlapped, dwNumberOfBytesTransferred, Win32Error.NO_ERROR));
        caller.result(posted ? Win32Error.NO_ERROR : Win32Error.WSA_INVALID_HANDLE);
        return posted;
    }

    @Override
    public boolean setFileCompletionNotificationModes(SocketHandle fileHandle, int flags) {
        SocketEntry entry = caller.findQuietly(fileHandle);
        PortBinding binding = entry == null ? null : entry.port();
        int known = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
        if (entry == null) {
            return caller.result(Win32Error.WSA_INVALID_HANDLE) == 0;
        }
        if (binding == null || (flags & ~known) != 0) {
            return caller.result(Win32Error.WSA_INVALID_PARAMETER) == 0;
        }
        if ((flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0) {
            binding.skipOnSuccess();
        }
        return true;
    }

    // ---- waiting

    @Override
    public WsaEvent wsaCreateEvent() {
        return new ManualResetEvent();
    }

    @Override
    public int wsaWaitForMultipleEvents(List<WsaEvent> lphEvents, boolean fWaitAll, int dwTimeout, boolean fAlertable) {
        Objects.requireNonNull(lphEvents, "lphEvents must not be null: give 1 to 64 events");
        lphEvents.forEach(event -> Objects.requireNonNull(event, "lphEvents must not hold null: give events only"));
        List<ManualResetEvent> events =
                lphEvents.stream().map(ManualResetEvent::of).toList();
        if (events.isEmpty() || events.size() > MOST_EVENTS) {
            caller.fail(Win32Error.WSA_INVALID_PARAMETER);
            return WSA_WAIT_FAILED;
        }
        if (events.stream().anyMatch(ManualResetEvent::isClosed)) {
            caller.fail(Win32Error.WSA_INVALID_HANDLE);
            return WSA_WAIT_FAILED;
        }
        return switch (process.awaitEvents(events, fWaitAll, fAlertable, deadline(dwTimeout))) {
            case READY -> signalled(events);
            case IO_COMPLETION -> WAIT_IO_COMPLETION;
            case TIMEOUT -> WSA_WAIT_TIMEOUT;
            case INTERRUPTED -> {
                caller.fail(Win32Error.WSAEINTR);
                yield WSA_WAIT_FAILED;
            }
        };
    }

    private static final int MOST_EVENTS = 64;

    /** An event that was closed meanwhile has ended the wait too, and tells nothing. */
    private int signalled(List<ManualResetEvent> events) {
        if (events.stream().anyMatch(ManualResetEvent::isClosed)) {
            caller.fail(Win32Error.WSA_INVALID_HANDLE);
            return WSA_WAIT_FAILED;
        }
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).isSignalled()) {
                return WSA_WAIT_EVENT_0 + i;
            }
        }
        return WSA_WAIT_EVENT_0;
    }

    @Override
    public int sleepEx(int dwMilliseconds, boolean bAlertable) {
        OverlappedProcess.Wake wake = process.sleep(bAlertable, deadline(dwMilliseconds));
        return wake == OverlappedProcess.Wake.IO_COMPLETION ? WAIT_IO_COMPLETION : 0;
    }

    @Override
    public boolean queueUserApc(Thread thread, Runnable pfnApc) {
        Objects.requireNonNull(thread, "thread must not be null: give the thread that is to run it");
        Objects.requireNonNull(pfnApc, "pfnApc must not be null: give what is to run");
        return process.queueApc(thread, pfnApc) || caller.result(Win32Error.WSA_INVALID_HANDLE) == 0;
    }

    @Override
    public void exitThread() {
        process.exitThread();
    }

    private Deadline deadline(int milliseconds) {
        return milliseconds == INFINITE
                ? Deadline.NEVER
                : stack.clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(milliseconds)));
    }
}
