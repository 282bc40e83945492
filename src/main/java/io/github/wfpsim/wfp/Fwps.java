package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.chain.DriverRedirectHandle;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The functions that a callout driver calls, one object for each driver.
 *
 * <p>Safe for use by many threads, from inside classifyFn and outside. After the driver was unloaded, calls that would
 * create something throw {@link IllegalStateException}. Callout registration and redirect handles need
 * PASSIVE_LEVEL, all else goes up to DISPATCH_LEVEL (WFP-41). A breach of the rules raises a fault; one that is raised
 * inside classifyFn surfaces from the call that caused the classification.
 *
 * <p>Source: Windows Filtering Platform Callout Drivers (WDK, fwpsk.h). Requirements: WFP-32, WFP-35, WFP-39 to WFP-57,
 * WFP-75 to WFP-79.
 */
public final class Fwps {

    /** The buffer that takes redirect records has to start at a multiple of this, in bytes (WFP-79). */
    public static final int POINTER_ALIGNMENT = 8;

    /** Flag of {@link #fwpsApplyModifiedLayerData0}: ask the callout again if others modify the layer data. */
    public static final int FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS = 0x00000001;

    private final FilterEngine engine;
    private final LoadedDriver caller;
    private final String driver;
    private final DriverObjects objects;

    /**
     * Creates the functions of one driver. Called by the root.
     *
     * @param engine the machine's engine
     * @param driver who calls
     */
    public Fwps(FilterEngine engine, LoadedDriver driver) {
        this.engine = Objects.requireNonNull(engine, "engine must not be null");
        this.caller = driver;
        this.driver = driver.name();
        this.objects = new DriverObjects(driver.name(), engine);
        driver.owns(objects);
    }

    /**
     * Registers a callout that can redirect, FwpsCalloutRegister1. <b>Simulated.</b>
     *
     * @param callout key and function
     * @param calloutId receives the run-time id; may be null
     * @return STATUS_SUCCESS; STATUS_FWP_ALREADY_EXISTS if the key is registered; STATUS_UNSUCCESSFUL above
     *     PASSIVE_LEVEL, with fault IRQL_TOO_HIGH
     */
    public NtStatus fwpsCalloutRegister1(FwpsCallout1 callout, @Nullable Out<Integer> calloutId) {
        Objects.requireNonNull(callout, "callout must not be null: give key and classifyFn");
        return register(
                "FwpsCalloutRegister1",
                callout.calloutKey(),
                id -> new CalloutSlot.Registration(
                        id, objects, callout.classifyFn(), null, callout.notifyFn(), callout.flowDeleteFn()),
                calloutId);
    }

    /**
     * Registers a version-0 callout, FwpsCalloutRegister0. <b>Simulated;</b> at the redirect layers it counts as
     * unregistered.
     *
     * @param callout key and function
     * @param calloutId receives the run-time id; may be null
     * @return as {@link #fwpsCalloutRegister1}
     */
    public NtStatus fwpsCalloutRegister0(FwpsCallout0 callout, @Nullable Out<Integer> calloutId) {
        Objects.requireNonNull(callout, "callout must not be null: give key and classifyFn");
        return register(
                "FwpsCalloutRegister0",
                callout.calloutKey(),
                id -> new CalloutSlot.Registration(id, objects, null, callout.classifyFn(), null, null),
                calloutId);
    }

    private NtStatus register(
            String function, UUID key, IntFunction<CalloutSlot.Registration> withId, @Nullable Out<Integer> calloutId) {
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, function)) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        requireLoaded(function);
        CalloutSlot slot = engine.callouts().slotFor(key);
        int id = (int) engine.handles().next();
        CalloutSlot.Registration registration = withId.apply(id);
        objects.add(registration, slot);
        if (!slot.fill(registration)) {
            objects.remove(registration);
            return NtStatus.STATUS_FWP_ALREADY_EXISTS;
        }
        if (calloutId != null) {
            calloutId.set(id);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    private void requireLoaded(String function) {
        if (!caller.isLoaded()) {
            throw new IllegalStateException(function + " was called by " + driver + ", which is unloaded");
        }
    }

    /**
     * Unregisters a callout, FwpsCalloutUnregisterById0. <b>Simulated.</b>
     *
     * @param calloutId its run-time id
     * @return STATUS_SUCCESS; STATUS_FWP_CALLOUT_NOT_FOUND; STATUS_DEVICE_BUSY while flows have a context of it, see
     *     {@link #fwpsFlowRemoveContext0}; STATUS_UNSUCCESSFUL above PASSIVE_LEVEL, with fault IRQL_TOO_HIGH
     */
    public NtStatus fwpsCalloutUnregisterById0(int calloutId) {
        return engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsCalloutUnregisterById0")
                ? unregister(engine.callouts().find(calloutId))
                : NtStatus.STATUS_UNSUCCESSFUL;
    }

    /**
     * Unregisters a callout, FwpsCalloutUnregisterByKey0. <b>Simulated.</b>
     *
     * @param calloutKey its GUID
     * @return as {@link #fwpsCalloutUnregisterById0}
     */
    public NtStatus fwpsCalloutUnregisterByKey0(UUID calloutKey) {
        Objects.requireNonNull(calloutKey, "calloutKey must not be null: give the callout's GUID");
        return engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsCalloutUnregisterByKey0")
                ? unregister(engine.callouts().find(calloutKey))
                : NtStatus.STATUS_UNSUCCESSFUL;
    }

    private NtStatus unregister(@Nullable CalloutSlot slot) {
        CalloutSlot.Registration registration = slot == null ? null : slot.registration();
        if (slot == null || registration == null) {
            return NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        if (engine.flowContexts().isUsed(registration.id())) {
            return NtStatus.STATUS_DEVICE_BUSY;
        }
        if (!slot.clear(registration)) {
            return NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        registration.owner().remove(registration);
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Ties a context to a flow, FwpsFlowAssociateContext0. <b>Simulated</b> as far as its end goes: flowDeleteFn hears of
     * it when the flow ends or the context is removed; there are no data layers that would show it.
     *
     * @param flowId FLOW_ESTABLISHED's flow handle
     * @param layerId the layer that is to see the context
     * @param calloutId run-time id of the callout
     * @param flowContext the context, not 0
     * @return STATUS_SUCCESS; STATUS_FWP_CALLOUT_NOT_FOUND; STATUS_INVALID_PARAMETER for a context of 0, a callout
     *     without flowDeleteFn or a flow that does not live; STATUS_OBJECT_NAME_EXISTS, which NT_SUCCESS takes for a
     *     success, if the callout has a context there, which stays
     */
    public NtStatus fwpsFlowAssociateContext0(long flowId, Layer layerId, int calloutId, long flowContext) {
        Objects.requireNonNull(layerId, "layerId must not be null: give a FWPS_LAYER_*");
        CalloutSlot slot = engine.callouts().find(calloutId);
        CalloutSlot.Registration callout = slot == null ? null : slot.registration();
        if (callout == null) {
            return NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        if (flowContext == 0 || callout.flowDeleteFn() == null) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return engine.flowContexts().tie(flowId, layerId, callout, flowContext);
    }

    /**
     * Takes a context away from a flow, FwpsFlowRemoveContext0. <b>Simulated.</b> The callout's flowDeleteFn is called
     * before the function returns.
     *
     * @param flowId the flow handle
     * @param layerId the layer that the context was tied to
     * @param calloutId run-time id of the callout
     * @return STATUS_SUCCESS; STATUS_UNSUCCESSFUL if it has no context there
     */
    public NtStatus fwpsFlowRemoveContext0(long flowId, Layer layerId, int calloutId) {
        Objects.requireNonNull(layerId, "layerId must not be null: give a FWPS_LAYER_*");
        return engine.flowContexts().untie(flowId, layerId, calloutId)
                ? NtStatus.STATUS_SUCCESS
                : NtStatus.STATUS_UNSUCCESSFUL;
    }

    /**
     * Creates a redirect handle, FwpsRedirectHandleCreate0. <b>Simulated.</b> Create one, keep it, share it between the
     * callouts of both address families, destroy it before the driver unloads.
     *
     * @param providerGuid GUID of the provider
     * @param flags reserved, 0
     * @param redirectHandle receives the handle; left alone on failure
     * @return STATUS_SUCCESS; STATUS_FWP_NULL_POINTER for a null GUID; STATUS_INVALID_PARAMETER for other flags;
     *     STATUS_UNSUCCESSFUL above PASSIVE_LEVEL, with fault IRQL_TOO_HIGH
     */
    public NtStatus fwpsRedirectHandleCreate0(
            @Nullable UUID providerGuid, int flags, Out<RedirectHandle> redirectHandle) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give Out.empty()");
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleCreate0")) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        requireLoaded("FwpsRedirectHandleCreate0");
        if (providerGuid == null) {
            return NtStatus.STATUS_FWP_NULL_POINTER;
        }
        if (flags != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        RedirectHandle handle =
                new DriverRedirectHandle(engine.handles().next(), providerGuid, driver, this::destroyIfLive);
        objects.add(handle);
        engine.redirectHandles().put(handle, objects);
        redirectHandle.set(handle);
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Destroys a redirect handle, FwpsRedirectHandleDestroy0. <b>Simulated.</b> Raises REDIRECT_HANDLE_DESTROYED if it
     * was destroyed before and IRQL_TOO_HIGH above PASSIVE_LEVEL.
     *
     * @param redirectHandle the handle
     */
    public void fwpsRedirectHandleDestroy0(RedirectHandle redirectHandle) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give the handle to destroy");
        if (!engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleDestroy0")) {
            return;
        }
        if (!destroy(redirectHandle)) {
            reportDestroyed(redirectHandle, "destroyed a second time");
        }
    }

    private boolean destroy(RedirectHandle redirectHandle) {
        DriverObjects owner = engine.redirectHandles().remove(redirectHandle);
        if (owner != null) {
            owner.remove(redirectHandle);
        }
        return owner != null;
    }

    /** What closing a handle does: nothing if it was destroyed already. */
    private void destroyIfLive(RedirectHandle redirectHandle) {
        if (engine.irql().allows(Irql.PASSIVE_LEVEL, "FwpsRedirectHandleDestroy0")) {
            destroy(redirectHandle);
        }
    }

    /**
     * Tells what a connection's chain says about a redirect handle, FwpsQueryConnectionRedirectState0.
     * <b>Simulated.</b> Raises REDIRECT_HANDLE_DESTROYED for a destroyed handle and STALE_REFERENCE for a record handle
     * of an ended classification; the answer is then FWPS_CONNECTION_NOT_REDIRECTED.
     *
     * @param redirectRecords the metadata's record handle; null means not redirected
     * @param redirectHandle the caller's redirect handle
     * @param redirectContext receives the context of the caller's own redirect, in the states REDIRECTED_BY_SELF and
     *     PREVIOUSLY_REDIRECTED_BY_SELF and while its flow lives, else null; may be null
     * @return the state
     */
    public RedirectState fwpsQueryConnectionRedirectState0(
            @Nullable RedirectRecords redirectRecords,
            RedirectHandle redirectHandle,
            @Nullable Out<RedirectContext> redirectContext) {
        Objects.requireNonNull(redirectHandle, "redirectHandle must not be null: give the driver's handle");
        if (redirectContext != null) {
            redirectContext.set(null);
        }
        if (!engine.redirectHandles().containsKey(redirectHandle)) {
            reportDestroyed(redirectHandle, "used in FwpsQueryConnectionRedirectState0");
            return RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        }
        if (redirectRecords == null || isStale(redirectRecords, "FwpsQueryConnectionRedirectState0")) {
            return RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        }
        ClassifySession session = redirectRecords.session();
        RedirectChain chain = session.chain();
        RedirectState state = chain.stateFor(redirectHandle);
        if (redirectContext != null) {
            RedirectRecord own = chain.newestOf(redirectHandle);
            redirectContext.set(own == null ? null : engine.contexts().find(own.id()));
        }
        if (engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.RedirectStateQueried(session.input().subject(), driver, state));
        }
        return state;
    }

    private void reportDestroyed(RedirectHandle handle, String use) {
        engine.verifier()
                .fault(null, Fault.REDIRECT_HANDLE_DESTROYED, driver, "redirect handle #" + handle.id() + " " + use);
    }

    private boolean isStale(RedirectRecords records, String function) {
        if (records.session().isStale()) {
            records.session().fault(Fault.STALE_REFERENCE, function, "the record handle outlived its classification");
            return true;
        }
        return false;
    }

    /**
     * Turns the classify context into a handle, FwpsAcquireClassifyHandle0. <b>Simulated.</b> Each success needs one
     * {@link #fwpsReleaseClassifyHandle0}.
     *
     * @param classifyContext what classifyFn got
     * @param flags 0
     * @param classifyHandle receives the handle; left alone on failure
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER for other flags, a null or a stale context
     */
    public NtStatus fwpsAcquireClassifyHandle0(
            @Nullable ClassifyContext classifyContext, int flags, Out<ClassifyHandle> classifyHandle) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give Out.empty()");
        if (classifyContext == null || flags != 0 || classifyContext.session().isDecided()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        requireLoaded("FwpsAcquireClassifyHandle0");
        ClassifyHandle handle = new ClassifyHandle(engine.handles().next(), classifyContext, objects);
        objects.add(handle);
        classifyHandle.set(handle);
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Releases a classify handle, FwpsReleaseClassifyHandle0. <b>Simulated.</b> Raises CLASSIFY_HANDLE_MISUSE on a
     * second release, and APPLY_MISSING if writable layer data was not applied; its changes are then dropped. A
     * classification that is pended through it stays so, and cannot be completed any more.
     *
     * @param classifyHandle the handle
     */
    public void fwpsReleaseClassifyHandle0(ClassifyHandle classifyHandle) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give the handle to release");
        if (!classifyHandle.release()) {
            classifyHandle.session().fault(Fault.CLASSIFY_HANDLE_MISUSE, driver, classifyHandle + " released again");
            return;
        }
        classifyHandle.owner().remove(classifyHandle);
        if (classifyHandle.wasPended()) {
            classifyHandle.session().pendedHandleReleased();
        }
        if (classifyHandle.giveBack() != null) {
            classifyHandle
                    .session()
                    .fault(Fault.APPLY_MISSING, driver, classifyHandle + " while its layer data was not applied");
        }
    }

    /**
     * Hands out a private copy of the request, FwpsAcquireWritableLayerDataPointer0. <b>Simulated.</b> On success sets
     * the action to block and clears the write right; the callout sets what it wants later.
     *
     * @param classifyHandle the handle; a released one raises CLASSIFY_HANDLE_MISUSE
     * @param filterId run-time id of the filter that classifyFn got; another raises CLASSIFY_HANDLE_MISUSE
     * @param flags 0
     * @param writableLayerData receives a {@link ConnectRequest} or {@link BindRequest}; left alone on failure
     * @param classifyOut what classifyFn got; may be null
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER at layers other than the redirect layers, for other flags or
     *     another filter, for a released handle, after the classification ended, or while a copy of this classify context is out already
     */
    public NtStatus fwpsAcquireWritableLayerDataPointer0(
            ClassifyHandle classifyHandle,
            long filterId,
            int flags,
            Out<Object> writableLayerData,
            @Nullable ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        Objects.requireNonNull(writableLayerData, "writableLayerData must not be null: give Out.empty()");
        if (classifyHandle.isReleased()) {
            classifyHandle.session().fault(Fault.CLASSIFY_HANDLE_MISUSE, driver, classifyHandle + " used to acquire");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        ClassifySession session = classifyHandle.session();
        if (flags != 0 || session.isDecided() || isOfAnotherFilter(classifyHandle, filterId, "acquire")) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        Object copy = session.writableCopy(filterId);
        if (copy == null || !classifyHandle.acquire(copy)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        writableLayerData.set(copy);
        if (classifyOut != null) {
            classifyOut.setActionType(ActionType.FWP_ACTION_BLOCK);
            classifyOut.clearWriteRight();
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Applies an edited request, FwpsApplyModifiedLayerData0. <b>Simulated.</b> Called exactly once for each acquire,
     * modified or not. A redirect context passes to WFP with this call. Raises APPLY_MISUSE for a second call or another
     * object, CLASSIFY_HANDLE_MISUSE for a released handle, and the faults of an edit that is not allowed.
     *
     * @param classifyHandle the handle that the data was acquired through
     * @param modifiedLayerData the very object that was acquired
     * @param flags 0 or {@link #FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS}, which has the callout asked again
     *     after another one altered the request; without a pend that is advice REAUTHORIZE_FLAG_INLINE
     */
    public void fwpsApplyModifiedLayerData0(ClassifyHandle classifyHandle, Object modifiedLayerData, int flags) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        ClassifySession session = classifyHandle.session();
        if (classifyHandle.isReleased()) {
            session.fault(Fault.CLASSIFY_HANDLE_MISUSE, driver, classifyHandle + " used to apply");
            return;
        }
        Object acquired = classifyHandle.acquired();
        if (acquired == null || acquired != modifiedLayerData || session.isDecided()) {
            session.fault(Fault.APPLY_MISUSE, driver, misuse(acquired, session));
            return;
        }
        if (classifyHandle.giveBack() == null) {
            session.fault(Fault.APPLY_MISUSE, driver, "applied twice");
            return;
        }
        if ((flags & FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS) != 0) {
            watch(classifyHandle, acquired);
        }
        checkApplyInPlace(classifyHandle);
        if (acquired instanceof ConnectRequest connect) {
            try (FaultScope scope = engine.verifier().enter()) {
                engine.redirection().apply(session, connect, driver);
            }
        } else if (acquired instanceof BindRequest bind) {
            engine.bindRedirection().apply(session, bind, driver);
        }
    }

    /** The filter id becomes the modifier's and has the right callout asked again: it must be the one of this call. */
    private boolean isOfAnotherFilter(ClassifyHandle classifyHandle, long filterId, String use) {
        long own = classifyHandle.call().filter().id();
        if (filterId == own) {
            return false;
        }
        classifyHandle
                .session()
                .fault(
                        Fault.CLASSIFY_HANDLE_MISUSE,
                        driver,
                        classifyHandle + " used to " + use + " for filter " + filterId + ", but filter " + own
                                + " asks");
        return true;
    }

    private void watch(ClassifyHandle classifyHandle, Object acquired) {
        ClassifySession session = classifyHandle.session();
        session.watch(
                acquired instanceof ConnectRequest connect
                        ? connect.modifierFilterId()
                        : ((BindRequest) acquired).modifierFilterId());
        if (!classifyHandle.wasPended()) {
            engine.verifier()
                    .diagnose(
                            session.input().subject(),
                            Diagnostic.REAUTHORIZE_FLAG_INLINE,
                            driver,
                            "FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS has a defined effect after a pend only");
        }
    }

    /** On Windows 7 the steps after a pend belong to a worker (WFP-63). */
    private void checkApplyInPlace(ClassifyHandle classifyHandle) {
        boolean inPlace = classifyHandle.wasPended() && classifyHandle.call().isInside();
        if (inPlace && !engine.options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8)) {
            classifyHandle
                    .session()
                    .fault(Fault.PEND_MISUSE, driver, classifyHandle + " pended and applied inside one classifyFn");
        }
    }

    private static String misuse(@Nullable Object acquired, ClassifySession session) {
        if (session.isDecided()) {
            return "applied after the classification ended";
        }
        return acquired == null ? "applied without an acquire, or twice" : "applied another object than was acquired";
    }

    /**
     * Holds a classification, FwpsPendClassify0. <b>Simulated.</b> Called inside classifyFn, which then writes
     * FWP_ACTION_BLOCK and clears the write right itself (fault PENDED_WITHOUT_BLOCK if not) and returns; the connection
     * waits until {@link #fwpsCompleteClassify0}. Raises PEND_MISUSE for a second pend of the handle or outside
     * classifyFn, and CLASSIFY_HANDLE_MISUSE for a released handle.
     *
     * @param classifyHandle from FwpsAcquireClassifyHandle0
     * @param filterId run-time id of the filter that classifyFn got; another raises CLASSIFY_HANDLE_MISUSE
     * @param flags 0
     * @param classifyOut what classifyFn got; left alone
     * @return STATUS_SUCCESS; STATUS_FWP_CANNOT_PEND at layers other than the redirect layers and ENDPOINT_CLOSURE, or
     *     without the write right; STATUS_INVALID_PARAMETER for other flags, another filter or misuse
     */
    public NtStatus fwpsPendClassify0(
            ClassifyHandle classifyHandle, long filterId, int flags, ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: acquire one first");
        Objects.requireNonNull(classifyOut, "classifyOut must not be null: give what classifyFn got");
        ClassifySession session = classifyHandle.session();
        if (classifyHandle.isReleased()) {
            session.fault(Fault.CLASSIFY_HANDLE_MISUSE, driver, classifyHandle + " used to pend");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (flags != 0 || isOfAnotherFilter(classifyHandle, filterId, "pend")) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (!session.values().layer().canPendClassify()) {
            classifyHandle
                    .call()
                    .pendRefused(
                            session.values().layer().canPendOperation()
                                    ? "use FwpsPendOperation0 at this layer"
                                    : "nothing can be pended at this layer");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        if (!classifyHandle.pend()) {
            session.fault(Fault.PEND_MISUSE, driver, classifyHandle + " pended again");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (!classifyOut.canWrite() || !classifyHandle.call().mayWrite()) {
            classifyHandle.unpend();
            classifyHandle.call().pendRefused("it does not hold the write right");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        session.handlePended();
        if (!classifyHandle.call().pend(true)) {
            classifyHandle.unpend();
            session.pendedHandleReleased();
            session.fault(Fault.PEND_MISUSE, driver, classifyHandle + " pended outside classifyFn");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Lets a pended classification go on, FwpsCompleteClassify0. <b>Simulated.</b> Called once for each pend, from any
     * thread, before the handle is released. Raises COMPLETE_MISUSE without a pend, a second time or after the release,
     * and APPLY_MISSING if layer data was acquired and not applied, which then is void.
     *
     * @param classifyHandle the handle that the classification was pended through
     * @param flags reserved
     * @param classifyOut the decision, read now; null asks for a fresh classification of the layer
     */
    public void fwpsCompleteClassify0(ClassifyHandle classifyHandle, int flags, @Nullable ClassifyOut classifyOut) {
        Objects.requireNonNull(classifyHandle, "classifyHandle must not be null: give the handle that was pended");
        if (classifyHandle.isReleased() || !classifyHandle.complete()) {
            classifyHandle
                    .session()
                    .fault(
                            Fault.COMPLETE_MISUSE,
                            driver,
                            classifyHandle
                                    + (classifyHandle.isReleased()
                                            ? " completed after its release"
                                            : " completed without a pend, or twice"));
            return;
        }
        boolean unapplied = classifyHandle.giveBack() != null;
        classifyHandle
                .call()
                .complete(classifyOut == null ? null : new ClassifyOut(classifyOut.actionType(), classifyOut.rights()));
        if (unapplied) {
            classifyHandle
                    .session()
                    .fault(
                            Fault.APPLY_MISSING,
                            driver,
                            classifyHandle + " completed while its layer data was not applied");
        }
    }

    /**
     * Holds an operation at an authorization layer or RESOURCE_ASSIGNMENT, FwpsPendOperation0. <b>Simulated.</b> Called
     * inside classifyFn, which then writes FWP_ACTION_BLOCK (fault PENDED_WITHOUT_BLOCK if not; the write right may stay)
     * and returns; the operation waits until {@link #fwpsCompleteOperation0}.
     *
     * @param completionHandle the metadata's completion handle
     * @param completionContext receives what completes the operation; left alone on failure
     * @return STATUS_SUCCESS; STATUS_FWP_NULL_POINTER for a null handle; STATUS_FWP_CANNOT_PEND in a re-authorization or
     *     outside classifyFn
     */
    public NtStatus fwpsPendOperation0(
            @Nullable CompletionHandle completionHandle, Out<CompletionContext> completionContext) {
        Objects.requireNonNull(completionContext, "completionContext must not be null: give Out.empty()");
        if (completionHandle == null) {
            return NtStatus.STATUS_FWP_NULL_POINTER;
        }
        requireLoaded("FwpsPendOperation0");
        CalloutCall call = completionHandle.call();
        boolean again = call.session().isReauthorization();
        if (again || !call.pend(false)) {
            call.pendRefused(again ? "this is a re-authorization" : "classifyFn has returned");
            return NtStatus.STATUS_FWP_CANNOT_PEND;
        }
        CompletionContext context = new CompletionContext(engine.handles().next(), call, objects);
        objects.add(context);
        completionContext.set(context);
        if (!caller.isLoaded() && context.complete()) {
            // Unloaded by another thread meanwhile, which did not see the context: nobody would complete it.
            objects.remove(context);
            call.endPend(null);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Lets a pended operation go on, FwpsCompleteOperation0. <b>Simulated.</b> The layer is asked again from the top, as
     * a re-authorization with reason CLASSIFY_COMPLETION. Raises COMPLETE_MISUSE a second time.
     *
     * @param completionContext from {@link #fwpsPendOperation0}
     * @param netBufferList null: there are no packets here
     */
    public void fwpsCompleteOperation0(CompletionContext completionContext, @Nullable Object netBufferList) {
        Objects.requireNonNull(completionContext, "completionContext must not be null: pend an operation first");
        if (!completionContext.complete()) {
            completionContext
                    .call()
                    .session()
                    .fault(Fault.COMPLETE_MISUSE, driver, completionContext + " completed twice");
            return;
        }
        completionContext.owner().remove(completionContext);
        completionContext.call().complete(null);
    }

    /**
     * Returns the records of a redirected connection in the form that SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS takes,
     * FwpsQueryConnectionSioFormatRedirectRecords0. <b>Simulated.</b> Serves local proxies only.
     *
     * @param redirectRecords the metadata's record handle
     * @param outputBuffer receives the records from its position on, which is not moved and has to be a multiple of
     *     {@link #POINTER_ALIGNMENT}; null asks for the size
     * @param outputBufferLength size of the buffer in bytes
     * @param bytesTransferred receives the bytes moved, or with STATUS_BUFFER_TOO_SMALL the bytes needed; may be null
     * @return STATUS_SUCCESS; STATUS_NOT_FOUND for a null handle, an empty chain or a foreign destination;
     *     STATUS_BUFFER_TOO_SMALL; STATUS_DATATYPE_MISALIGNMENT; STATUS_INVALID_PARAMETER if the length exceeds the
     *     buffer, the buffer is read-only, or the count is null and the machine rejects that
     */
    public NtStatus fwpsQueryConnectionSioFormatRedirectRecords0(
            @Nullable RedirectRecords redirectRecords,
            @Nullable ByteBuffer outputBuffer,
            long outputBufferLength,
            @Nullable OutUlong bytesTransferred) {
        boolean countNeeded = engine.options().has(Deviation.NULL_BYTES_TRANSFERRED_REJECTED);
        if ((bytesTransferred == null && countNeeded) || !isWritable(outputBuffer, outputBufferLength)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (redirectRecords == null || isStale(redirectRecords, "FwpsQueryConnectionSioFormatRedirectRecords0")) {
            return NtStatus.STATUS_NOT_FOUND;
        }
        RedirectChain chain = redirectRecords.session().queryableChain();
        if (chain == null) {
            return NtStatus.STATUS_NOT_FOUND;
        }
        if (outputBuffer != null && outputBuffer.position() % POINTER_ALIGNMENT != 0) {
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
