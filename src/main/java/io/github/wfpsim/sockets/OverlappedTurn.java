package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.stack.RequestTurn;

/** An overlapped call that waits for its turn at a socket. */
abstract class OverlappedTurn extends RequestTurn<OverlappedTurn.Result> {

    /**
     * How an attempt ended.
     *
     * @param error the outcome
     * @param bytes bytes moved
     */
    record Result(Win32Error error, int bytes) {

        static Result of(int bytes) {
            return new Result(Win32Error.NO_ERROR, bytes);
        }

        static Result failed(Win32Error error) {
            return new Result(error, 0);
        }

        /** Of an attempt that has done its part; {@link #goOn} waits for the rest elsewhere. */
        static Result moved() {
            return failed(Win32Error.WSA_IO_PENDING);
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
        request.finish(aborted ? Win32Error.WSA_OPERATION_ABORTED : result.error(), result.bytes(), 0);
    }

    @Override
    protected final void giveUp() {
        request.finish(Win32Error.WSAECONNABORTED, 0, 0);
    }

    @Override
    protected final boolean isClosed() {
        return entry.isClosed();
    }
}
