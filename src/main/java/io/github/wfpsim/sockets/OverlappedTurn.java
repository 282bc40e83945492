package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.stack.RequestTurn;

/** An overlapped call that waits for its turn at a socket. */
abstract class OverlappedTurn extends RequestTurn<OverlappedTurn.Result> {

    /**
     * How an attempt, or the whole call, ended.
     *
     * @param status the outcome, as completion ports go by it (IOCP-10)
     * @param error the outcome as Winsock tells it
     * @param bytes bytes moved, or needed
     */
    record Result(NtStatus status, Win32Error error, int bytes) {

        static Result of(int bytes) {
            return new Result(NtStatus.STATUS_SUCCESS, Win32Error.NO_ERROR, bytes);
        }

        static Result failed(NtStatus status, Win32Error error) {
            return new Result(status, error, 0);
        }

        /** Of a call that was cancelled. */
        static Result aborted() {
            return failed(NtStatus.STATUS_CANCELLED, Win32Error.WSA_OPERATION_ABORTED);
        }

        /** Of a datagram that was longer than the room for it. */
        static Result cut(int bytes) {
            return new Result(NtStatus.STATUS_BUFFER_OVERFLOW, Win32Error.WSAEMSGSIZE, bytes);
        }

        /** Of an attempt that has done its part; {@link #goOn} waits for the rest elsewhere. */
        static Result moved() {
            return failed(NtStatus.STATUS_PENDING, Win32Error.WSA_IO_PENDING);
        }

        /** Whether the call was carried out all the same: its end is indicated, also when it ends at once (OVL-14). */
        boolean isWarning() {
            return status.severity() == NtStatus.Severity.WARNING;
        }

        boolean isMoved() {
            return error == Win32Error.WSA_IO_PENDING;
        }
    }

    private final SocketEntry entry;
    private final OverlappedRequest request;

    OverlappedTurn(SocketEntry entry, OverlappedRequest request) {
        super(request);
        this.entry = entry;
        this.request = request;
    }

    /** Waits for the rest, after {@link Result#moved}; the request is pending then. */
    void goOn() {
        throw new IllegalStateException("an attempt that moves on has to say where to");
    }

    @Override
    protected final void end(Result result) {
        if (result.isMoved()) {
            request.giveBack();
            goOn();
            return;
        }
        boolean aborted = result.error() != Win32Error.NO_ERROR && entry.isClosed();
        // What it took may have been all that came before the end (WSA-72).
        entry.enable(0);
        request.finish(aborted ? Result.aborted() : result);
    }

    @Override
    protected final void giveUp() {
        request.finish(Result.failed(NtStatus.STATUS_CONNECTION_ABORTED, Win32Error.WSAECONNABORTED));
    }

    @Override
    protected final boolean isClosed() {
        return entry.isClosed();
    }
}
