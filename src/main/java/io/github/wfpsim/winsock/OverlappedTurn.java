package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.stack.Turns;
import org.jspecify.annotations.Nullable;

/** An overlapped call that waits for its turn at a socket. Buffers are touched only while nobody else can end it. */
abstract class OverlappedTurn implements Turns.Turn {

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
        this.entry = entry;
        this.request = request;
    }

    /** Does what can be done now; null if the socket is not ready to end the call. */
    abstract @Nullable Result tryNow();

    /** Waits for the rest, after {@link Result#moved}; the request is pending then. */
    void goOn() {
        throw new IllegalStateException("an attempt that moves on has to say where to");
    }

    @Override
    public final boolean attempt() {
        if (!request.take()) {
            return true;
        }
        boolean done = false;
        try {
            Result result = tryNow();
            done = true;
            if (result == null) {
                return giveBack();
            }
            if (result.isMoved()) {
                request.giveBack();
                goOn();
                return true;
            }
            boolean aborted = result.error() != Win32Error.NO_ERROR && entry.isClosed();
            request.finish(aborted ? Win32Error.WSA_OPERATION_ABORTED : result.error(), result.bytes(), 0);
            return true;
        } finally {
            if (!done) {
                request.finish(Win32Error.WSAECONNABORTED, 0, 0);
            }
        }
    }

    private boolean giveBack() {
        request.giveBack();
        if (entry.isClosed()) {
            request.cancel();
        }
        return request.isOver();
    }
}
