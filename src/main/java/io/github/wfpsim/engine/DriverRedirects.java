package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.DriverRedirectHandle;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.Fwps;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A driver's redirect handles, and what the chain of a connection says about them (WFP-39, WFP-40, WFP-75 to WFP-79). */
final class DriverRedirects {

    private final FilterEngine engine;
    private final DriverObjects objects;

    DriverRedirects(FilterEngine engine, DriverObjects objects) {
        this.engine = engine;
        this.objects = objects;
    }

    NtStatus create(@Nullable UUID providerGuid, int flags, Out<RedirectHandle> redirectHandle) {
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleCreate0")) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        objects.requireLoaded("FwpsRedirectHandleCreate0");
        if (providerGuid == null) {
            return NtStatus.STATUS_FWP_NULL_POINTER;
        }
        if (flags != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        RedirectHandle handle =
                new DriverRedirectHandle(engine.handles().next(), providerGuid, objects.driver(), this::destroyIfLive);
        objects.add(handle);
        engine.redirectHandles().put(handle, objects);
        objects.stayIfLoaded("FwpsRedirectHandleCreate0", () -> forget(handle));
        redirectHandle.set(handle);
        return NtStatus.STATUS_SUCCESS;
    }

    void destroy(RedirectHandle redirectHandle) {
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleDestroy0")) {
            return;
        }
        if (!forget(redirectHandle)) {
            reportDestroyed(redirectHandle, "destroyed a second time");
        }
    }

    /** Takes a handle out of the machine; false if it was gone. */
    private boolean forget(RedirectHandle redirectHandle) {
        DriverObjects owner = engine.redirectHandles().remove(redirectHandle);
        if (owner != null) {
            owner.remove(redirectHandle);
        }
        return owner != null;
    }

    /** What closing a handle does: nothing if it was destroyed already. */
    private void destroyIfLive(RedirectHandle redirectHandle) {
        if (engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleDestroy0")) {
            forget(redirectHandle);
        }
    }

    RedirectState stateOf(
            @Nullable CalloutTurn turn, RedirectHandle redirectHandle, @Nullable Out<RedirectContext> redirectContext) {
        if (!engine.redirectHandles().containsKey(redirectHandle)) {
            reportDestroyed(redirectHandle, "used in FwpsQueryConnectionRedirectState0");
            return RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        }
        if (turn == null || isStale(turn, "FwpsQueryConnectionRedirectState0")) {
            return RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        }
        LiveRequest live = turn.live();
        RedirectChain chain = live.chain();
        RedirectState state = chain.stateFor(redirectHandle);
        if (redirectContext != null) {
            RedirectRecord own = chain.newestOf(redirectHandle);
            CapturedContext context = own == null ? null : engine.contexts().find(own.id());
            redirectContext.set(context == null ? null : new LentContext(turn, context));
        }
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.RedirectStateQueried(live.question().subject(), objects.driver(), state));
        }
        return state;
    }

    private void reportDestroyed(RedirectHandle handle, String use) {
        engine.verifier()
                .fault(
                        null,
                        Fault.REDIRECT_HANDLE_DESTROYED,
                        objects.driver(),
                        "redirect handle #" + handle.id() + " " + use);
    }

    private static boolean isStale(CalloutTurn turn, String function) {
        return turn.isOver() && !turn.refuseStale(function, "record handle used");
    }

    NtStatus recordsOf(
            @Nullable CalloutTurn turn,
            @Nullable ByteBuffer outputBuffer,
            long outputBufferLength,
            @Nullable OutUlong bytesTransferred) {
        boolean countNeeded = engine.options().has(Deviation.NULL_BYTES_TRANSFERRED_REJECTED);
        if ((bytesTransferred == null && countNeeded) || !isWritable(outputBuffer, outputBufferLength)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (turn == null || isStale(turn, "FwpsQueryConnectionSioFormatRedirectRecords0")) {
            return NtStatus.STATUS_NOT_FOUND;
        }
        RedirectChain chain = turn.live().queryableChain();
        if (chain == null) {
            return NtStatus.STATUS_NOT_FOUND;
        }
        if (outputBuffer != null && outputBuffer.position() % Fwps.POINTER_ALIGNMENT != 0) {
            return NtStatus.STATUS_DATATYPE_MISALIGNMENT;
        }
        byte[] records = engine.codec().encode(chain);
        if (bytesTransferred != null) {
            bytesTransferred.set(records.length);
        }
        if (outputBuffer == null || outputBufferLength < records.length) {
            return NtStatus.STATUS_BUFFER_TOO_SMALL;
        }
        outputBuffer.put(outputBuffer.position(), records);
        return NtStatus.STATUS_SUCCESS;
    }

    private static boolean isWritable(@Nullable ByteBuffer buffer, long length) {
        return length >= 0 && (buffer == null || (!buffer.isReadOnly() && length <= buffer.remaining()));
    }
}
