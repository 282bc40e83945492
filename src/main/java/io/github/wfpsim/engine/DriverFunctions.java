package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.CompletionContext;
import io.github.wfpsim.wfp.CompletionHandle;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsCallout0;
import io.github.wfpsim.wfp.FwpsCallout1;
import io.github.wfpsim.wfp.RedirectRecords;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one driver may call of the engine. Here arguments are checked and opaque values become what they stand for; what a
 * call does stands with its subject: callouts, redirects, classify handles, pends.
 */
final class DriverFunctions implements Fwps {

    private final DriverCallouts callouts;
    private final DriverRedirects redirects;
    private final DriverClassifications classifications;
    private final DriverPends pends;

    DriverFunctions(FilterEngine engine, LoadedDriver driver) {
        DriverObjects objects = new DriverObjects(driver, engine);
        driver.owns(objects);
        this.callouts = new DriverCallouts(engine, objects);
        this.redirects = new DriverRedirects(engine, objects);
        this.classifications = new DriverClassifications(engine, objects);
        this.pends = new DriverPends(engine, objects);
    }

    // ---- callouts

    @Override
    public NtStatus fwpsCalloutRegister1(FwpsCallout1 callout, @Nullable Out<Integer> calloutId) {
        Objects.requireNonNull(callout, "callout must not be null: give key and classifyFn");
        return callouts.register(callout, calloutId);
    }

    @Override
    public NtStatus fwpsCalloutRegister0(FwpsCallout0 callout, @Nullable Out<Integer> calloutId) {
        Objects.requireNonNull(callout, "callout must not be null: give key and classifyFn");
        return callouts.register(callout, calloutId);
    }

    @Override
    public NtStatus fwpsCalloutUnregisterById0(int calloutId) {
        return callouts.unregister(calloutId);
    }

    @Override
    public NtStatus fwpsCalloutUnregisterByKey0(UUID calloutKey) {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        return callouts.unregister(calloutKey);
    }

    @Override
    public NtStatus fwpsFlowAssociateContext0(long flowId, Layer layerId, int calloutId, long flowContext) {
        Objects.requireNonNull(layerId, "layerId must not be null: give a FWPS_LAYER_*");
        return callouts.tie(flowId, layerId, calloutId, flowContext);
    }

    @Override
    public NtStatus fwpsFlowRemoveContext0(long flowId, Layer layerId, int calloutId) {
        Objects.requireNonNull(layerId, "layerId must not be null: give a FWPS_LAYER_*");
        return callouts.untie(flowId, layerId, calloutId);
    }

    // ---- redirects

    @Override
    public NtStatus fwpsRedirectHandleCreate0(
            @Nullable UUID providerGuid, int flags, Out<RedirectHandle> redirectHandle) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give Out.empty()");
        return redirects.create(providerGuid, flags, redirectHandle);
    }

    @Override
    public void fwpsRedirectHandleDestroy0(RedirectHandle redirectHandle) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give the handle to destroy");
        redirects.destroy(redirectHandle);
    }

    @Override
    public RedirectState fwpsQueryConnectionRedirectState0(
            @Nullable RedirectRecords redirectRecords,
            RedirectHandle redirectHandle,
            @Nullable Out<RedirectContext> redirectContext) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give the driver's handle");
        if (redirectContext != null) {
            redirectContext.set(null);
        }
        CalloutTurn turn = redirectRecords == null ? null : turnOf(redirectRecords);
        return redirects.stateOf(turn, redirectHandle, redirectContext);
    }

    @Override
    public NtStatus fwpsQueryConnectionSioFormatRedirectRecords0(
            @Nullable RedirectRecords redirectRecords,
            @Nullable ByteBuffer outputBuffer,
            long outputBufferLength,
            @Nullable OutUlong bytesTransferred) {
        CalloutTurn turn = redirectRecords == null ? null : turnOf(redirectRecords);
        return redirects.recordsOf(turn, outputBuffer, outputBufferLength, bytesTransferred);
    }

    // ---- classify handles and layer data

    @Override
    public NtStatus fwpsAcquireClassifyHandle0(
            @Nullable ClassifyContext classifyContext, int flags, Out<ClassifyHandle> classifyHandle) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give Out.empty()");
        CalloutTurn turn = classifyContext == null ? null : ours(CalloutTurn.class, classifyContext);
        return classifications.acquire(turn, flags, classifyHandle);
    }

    @Override
    public void fwpsReleaseClassifyHandle0(ClassifyHandle classifyHandle) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give the handle to release");
        classifications.release(held(classifyHandle));
    }

    @Override
    public NtStatus fwpsAcquireWritableLayerDataPointer0(
            ClassifyHandle classifyHandle,
            long filterId,
            int flags,
            Out<Object> writableLayerData,
            @Nullable ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        Objects.requireNonNull(writableLayerData, "writableLayerData must not be null: give Out.empty()");
        return classifications.acquireWritable(held(classifyHandle), filterId, flags, writableLayerData, classifyOut);
    }

    @Override
    public void fwpsApplyModifiedLayerData0(ClassifyHandle classifyHandle, Object modifiedLayerData, int flags) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        classifications.apply(held(classifyHandle), modifiedLayerData, flags);
    }

    // ---- deciding later

    @Override
    public NtStatus fwpsPendClassify0(
            ClassifyHandle classifyHandle, long filterId, int flags, ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        Objects.requireNonNull(classifyOut, "classifyOut must not be null: give what classifyFn got");
        return pends.pend(held(classifyHandle), filterId, flags, classifyOut);
    }

    @Override
    public void fwpsCompleteClassify0(ClassifyHandle classifyHandle, int flags, @Nullable ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give the handle that was pended");
        pends.complete(held(classifyHandle), classifyOut);
    }

    @Override
    public NtStatus fwpsPendOperation0(
            @Nullable CompletionHandle completionHandle, Out<CompletionContext> completionContext) {
        Objects.requireNonNull(completionContext, "completionContext must not be null: give Out.empty()");
        return completionHandle == null
                ? NtStatus.STATUS_FWP_NULL_POINTER
                : pends.pend(ours(CalloutTurn.class, completionHandle), completionContext);
    }

    @Override
    public void fwpsCompleteOperation0(CompletionContext completionContext, @Nullable Object netBufferList) {
        Objects.requireNonNull(completionContext, "completionContext must not be null: pend an operation first");
        pends.complete(ours(HeldOperation.class, completionContext));
    }

    private static CalloutTurn turnOf(RedirectRecords redirectRecords) {
        return ours(LentMetadata.class, redirectRecords).turn();
    }

    private static HeldClassification held(ClassifyHandle classifyHandle) {
        return ours(HeldClassification.class, classifyHandle);
    }

    /** Opaque values mean something only if the engine has made them; others stem from a unit test's double. */
    private static <T> T ours(Class<T> made, Object given) {
        if (!made.isInstance(given)) {
            throw new IllegalArgumentException(
                    given + " was not made by the simulator: hand on what classifyFn or an Fwps function gave");
        }
        return made.cast(given);
    }
}
