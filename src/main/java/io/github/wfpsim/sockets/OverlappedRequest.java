package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.PendingRequest;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaOverlapped;
import io.github.wfpsim.winsock.WsaOverlappedCompletionRoutine;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One overlapped call as its provider sees it. For the rooms of the library that carry calls out.
 *
 * <p>After {@link #begin} the provider takes one of three ways: {@link #refuse} for an immediate failure, which is told by
 * the call alone; {@link #succeedNow}; or {@link #pend}, then {@link #take} and {@link #finish}.
 *
 * <p>Requirements: WSA-44, WSA-46, WSA-48 to WSA-51, WSA-53 to WSA-56, OVL-14.
 */
final class OverlappedRequest extends PendingRequest {

    private final OverlappedProcess process;
    private final OverlappedStructure overlapped;
    private final @Nullable WsaOverlappedCompletionRoutine routine;
    private final @Nullable PortBinding port;
    private final ApcQueue issuer;
    private volatile boolean aborted;

    private OverlappedRequest(
            OverlappedProcess process,
            OverlappedStructure overlapped,
            @Nullable WsaOverlappedCompletionRoutine routine,
            @Nullable PortBinding port,
            Thread issuer,
            String function) {
        super(function, process.drawInline());
        this.process = process;
        this.overlapped = overlapped;
        this.routine = routine;
        this.port = port;
        this.issuer = process.apcs(issuer);
    }

    /**
     * Claims an OVERLAPPED for a call.
     *
     * @param process who calls
     * @param overlapped the structure
     * @param routine the completion routine, or null
     * @param port where the socket's completions go, or null
     * @param issuer the thread whose alertable waits run the routine
     * @param function Windows name of the function, for faults
     * @return the request; null after fault {@code OVERLAPPED_BUSY}
     * @throws io.github.wfpsim.verifier.FaultException for that, if faults are thrown
     */
    public static @Nullable OverlappedRequest begin(
            OverlappedProcess process,
            OverlappedStructure overlapped,
            @Nullable WsaOverlappedCompletionRoutine routine,
            @Nullable PortBinding port,
            Thread issuer,
            String function) {
        OverlappedRequest request = new OverlappedRequest(process, overlapped, routine, port, issuer, function);
        if (!overlapped.claim(request, routine != null)) {
            process.fault(Fault.OVERLAPPED_BUSY, function + " was called with an OVERLAPPED that is pending or freed");
            return null;
        }
        WsaEvent event = request.event();
        if (event != null) {
            event.reset();
        }
        return request;
    }

    /** The event that tells of the end; with a routine hEvent is the caller's. */
    private @Nullable WsaEvent event() {
        return routine == null ? overlapped.event() : null;
    }

    /**
     * Ends a call that fails at once: no indication comes (WSA-49).
     *
     * @param error why
     * @return the error, for the caller
     */
    public Win32Error refuse(Win32Error error) {
        answer();
        overlapped.release(error, 0, 0);
        process.ended();
        return error;
    }

    /**
     * Ends a call that succeeds at once; the indication still comes (WSA-49).
     *
     * @param bytes bytes moved
     * @return no error, for the caller
     */
    public Win32Error succeedNow(int bytes) {
        answer();
        boolean skips = port != null && port.skipsOnSuccess();
        indicate(OverlappedTurn.Result.of(bytes), skips);
        return Win32Error.NO_ERROR;
    }

    /**
     * Ends a call that was carried out at once, though with a warning: the indication comes as well (OVL-14).
     *
     * @param warning the outcome
     * @return the error, for the caller
     */
    public Win32Error warnNow(OverlappedTurn.Result warning) {
        answer();
        indicate(warning, false);
        return warning.error();
    }

    /**
     * Lets the call wait. Call it before the request is put where another thread finds it; if {@link #isOver()}
     * afterwards, it was cancelled already.
     *
     * @param hook takes the request out of the provider's queue when it is cancelled
     * @return {@code WSA_IO_PENDING}, for the caller
     */
    public Win32Error pend(Runnable hook) {
        Objects.requireNonNull(hook, "hook must not be null: give a no-op");
        process.pended(this);
        letWait(hook);
        if (!process.entry().isAlive()) {
            // Ended by another thread meanwhile, which may not have seen the request.
            cancel();
        }
        return Win32Error.WSA_IO_PENDING;
    }

    /** {@inheritDoc} Of a call whose thread has ended nobody would hear: it is cancelled then (WSA-55). */
    @Override
    public boolean take() {
        if (issuer.hasEnded() && routine != null) {
            cancel();
            return false;
        }
        return super.take();
    }

    /**
     * Ends a call after {@link #take}.
     *
     * @param result the outcome
     */
    public void finish(OverlappedTurn.Result result) {
        end();
        process.over(this);
        indicate(result, false);
    }

    @Override
    protected void endCancelled() {
        aborted = true;
        finish(OverlappedTurn.Result.aborted());
    }

    /** Asks for the end of the call, as CancelIoEx does; false if it has ended. */
    boolean askToEnd() {
        // Somebody may just try it, and cancels it for us as it is given back: before or after we look again.
        return !isFinished() && (cancel() || !isFinished() || aborted);
    }

    OverlappedProcess process() {
        return process;
    }

    /**
     * Tells whether a structure belongs to this call.
     *
     * @param structure the structure
     * @return true if the call was begun with it
     */
    public boolean isOf(WsaOverlapped structure) {
        return overlapped == structure;
    }

    boolean isIssuedBy(ApcQueue thread) {
        return issuer == thread;
    }

    void reportFreed(OverlappedStructure structure) {
        process.fault(Fault.BUFFER_FREED_WHILE_PENDING, "the OVERLAPPED of a pending " + function() + " was freed");
    }

    private void indicate(OverlappedTurn.Result result, boolean quietly) {
        WsaEvent event = event();
        // Given back first: whoever hears of the end may use the structure again.
        overlapped.release(result.error(), result.bytes(), 0);
        if (event != null) {
            event.set();
        }
        if (routine != null) {
            WsaOverlappedCompletionRoutine told = routine;
            issuer.add(() -> told.completed(result.error(), result.bytes(), overlapped, 0));
        } else if (port != null && !quietly) {
            port.post(result, overlapped);
        }
        process.ended();
    }
}
