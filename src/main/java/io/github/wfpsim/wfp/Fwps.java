package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The functions that a callout driver calls, one object for each driver.
 *
 * <p>Safe for use by many threads, from inside classifyFn and outside. After the driver was unloaded, calls that would
 * create something throw {@link IllegalStateException}. Callout registration and redirect handles need
 * PASSIVE_LEVEL, all else goes up to DISPATCH_LEVEL (WFP-41). A breach of the rules raises a fault; one that is raised
 * inside classifyFn surfaces from the call that caused the classification. Contexts, handles and records are opaque: what
 * the machine has not made, such as the double of a unit test, is refused with {@link IllegalArgumentException}.
 *
 * <p>Source: Windows Filtering Platform Callout Drivers (WDK, fwpsk.h). Requirements: WFP-32, WFP-35, WFP-39 to WFP-57,
 * WFP-75 to WFP-79.
 */
public interface Fwps {

    /** The buffer that takes redirect records has to start at a multiple of this, in bytes (WFP-79). */
    int POINTER_ALIGNMENT = 8;

    /** Flag of {@link #fwpsApplyModifiedLayerData0}: ask the callout again if others modify the layer data. */
    int FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS = 0x00000001;

    /**
     * Registers a callout that can redirect, FwpsCalloutRegister1. <b>Simulated.</b>
     *
     * @param callout key and function
     * @param calloutId receives the run-time id; may be null
     * @return STATUS_SUCCESS; STATUS_FWP_ALREADY_EXISTS if the key is registered; STATUS_UNSUCCESSFUL above
     *     PASSIVE_LEVEL, with fault IRQL_TOO_HIGH
     */
    NtStatus fwpsCalloutRegister1(FwpsCallout1 callout, @Nullable Out<Integer> calloutId);

    /**
     * Registers a version-0 callout, FwpsCalloutRegister0. <b>Simulated;</b> at the redirect layers it counts as
     * unregistered.
     *
     * @param callout key and function
     * @param calloutId receives the run-time id; may be null
     * @return as {@link #fwpsCalloutRegister1}
     */
    NtStatus fwpsCalloutRegister0(FwpsCallout0 callout, @Nullable Out<Integer> calloutId);

    /**
     * Unregisters a callout, FwpsCalloutUnregisterById0. <b>Simulated.</b> Its functions are not called any more; waits until
     * those that other threads run have returned.
     *
     * @param calloutId its run-time id
     * @return STATUS_SUCCESS; STATUS_FWP_CALLOUT_NOT_FOUND; STATUS_DEVICE_BUSY while flows have a context of it, see
     *     {@link #fwpsFlowRemoveContext0}, or inside one of its own functions; STATUS_FWP_IN_USE while another thread
     *     unregisters it; STATUS_UNSUCCESSFUL above PASSIVE_LEVEL, with fault IRQL_TOO_HIGH
     */
    NtStatus fwpsCalloutUnregisterById0(int calloutId);

    /**
     * Unregisters a callout, FwpsCalloutUnregisterByKey0. <b>Simulated.</b>
     *
     * @param calloutKey its GUID
     * @return as {@link #fwpsCalloutUnregisterById0}
     */
    NtStatus fwpsCalloutUnregisterByKey0(UUID calloutKey);

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
    NtStatus fwpsFlowAssociateContext0(long flowId, Layer layerId, int calloutId, long flowContext);

    /**
     * Takes a context away from a flow, FwpsFlowRemoveContext0. <b>Simulated.</b> The callout's flowDeleteFn is called
     * before the function returns, or when the callout's classifyFn returns that is asked about the flow now.
     *
     * @param flowId the flow handle
     * @param layerId the layer that the context was tied to
     * @param calloutId run-time id of the callout
     * @return STATUS_SUCCESS; STATUS_PENDING if flowDeleteFn is called later; STATUS_UNSUCCESSFUL if it has no context there
     */
    NtStatus fwpsFlowRemoveContext0(long flowId, Layer layerId, int calloutId);

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
    NtStatus fwpsRedirectHandleCreate0(@Nullable UUID providerGuid, int flags, Out<RedirectHandle> redirectHandle);

    /**
     * Destroys a redirect handle, FwpsRedirectHandleDestroy0. <b>Simulated.</b> Raises REDIRECT_HANDLE_DESTROYED if it
     * was destroyed before and IRQL_TOO_HIGH above PASSIVE_LEVEL.
     *
     * @param redirectHandle the handle
     */
    void fwpsRedirectHandleDestroy0(RedirectHandle redirectHandle);

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
    RedirectState fwpsQueryConnectionRedirectState0(
            @Nullable RedirectRecords redirectRecords,
            RedirectHandle redirectHandle,
            @Nullable Out<RedirectContext> redirectContext);

    /**
     * Turns the classify context into a handle, FwpsAcquireClassifyHandle0. <b>Simulated.</b> Each success needs one
     * {@link #fwpsReleaseClassifyHandle0}.
     *
     * @param classifyContext what classifyFn got
     * @param flags 0
     * @param classifyHandle receives the handle; left alone on failure
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER for other flags, a null or a stale context, the latter with fault
     *     STALE_REFERENCE
     */
    NtStatus fwpsAcquireClassifyHandle0(
            @Nullable ClassifyContext classifyContext, int flags, Out<ClassifyHandle> classifyHandle);

    /**
     * Releases a classify handle, FwpsReleaseClassifyHandle0. <b>Simulated.</b> A pend holds a reference of its own: the
     * driver may release its reference right after it, and still acquire, apply and complete through the handle. Raises
     * CLASSIFY_HANDLE_MISUSE on a second release. The release of the last reference raises APPLY_MISSING if writable layer
     * data was not applied; its changes are then dropped.
     *
     * @param classifyHandle the handle
     */
    void fwpsReleaseClassifyHandle0(ClassifyHandle classifyHandle);

    /**
     * Hands out a private copy of the request, FwpsAcquireWritableLayerDataPointer0. <b>Simulated.</b> On success sets
     * the action to block and clears the write right; the callout sets what it wants later.
     *
     * @param classifyHandle the handle; one that is dead raises CLASSIFY_HANDLE_MISUSE: it is released, its classification
     *     was completed, or its classifyFn returned without a pend
     * @param filterId run-time id of the filter that classifyFn got; another raises CLASSIFY_HANDLE_MISUSE
     * @param flags 0
     * @param writableLayerData receives a {@link ConnectRequest} or {@link BindRequest}; left alone on failure
     * @param classifyOut what classifyFn got, outside classifyFn a copy; may be null
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER at layers other than the redirect layers, for other flags or
     *     another filter, for a dead handle, or while a copy of this classify context is out already
     */
    NtStatus fwpsAcquireWritableLayerDataPointer0(
            ClassifyHandle classifyHandle,
            long filterId,
            int flags,
            Out<Object> writableLayerData,
            @Nullable ClassifyOut classifyOut);

    /**
     * Applies an edited request, FwpsApplyModifiedLayerData0. <b>Simulated.</b> Called exactly once for each acquire,
     * modified or not. A redirect context passes to WFP with this call. Raises APPLY_MISUSE for a second call, another
     * object or a handle that is dead, CLASSIFY_HANDLE_MISUSE if it is released, and the faults of an edit that is not
     * allowed.
     *
     * @param classifyHandle the handle that the data was acquired through
     * @param modifiedLayerData the very object that was acquired
     * @param flags 0 or {@link #FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS}, which has the callout asked again
     *     after another one altered the request; without a pend that is advice REAUTHORIZE_FLAG_INLINE
     */
    void fwpsApplyModifiedLayerData0(ClassifyHandle classifyHandle, Object modifiedLayerData, int flags);

    /**
     * Holds a classification, FwpsPendClassify0. <b>Simulated.</b> Called inside classifyFn, before or after the layer data
     * was acquired; classifyFn then writes FWP_ACTION_BLOCK itself (diagnostic PENDED_WITHOUT_BLOCK if not) and returns; the
     * connection waits until {@link #fwpsCompleteClassify0}. Adds a reference to the handle. Raises PEND_MISUSE for a
     * second pend of the handle or outside classifyFn, and CLASSIFY_HANDLE_MISUSE for a released handle; a pend without
     * the write right is diagnostic PENDED_WITHOUT_RIGHT.
     *
     * @param classifyHandle from FwpsAcquireClassifyHandle0
     * @param filterId run-time id of the filter that classifyFn got; another raises CLASSIFY_HANDLE_MISUSE
     * @param flags 0
     * @param classifyOut what classifyFn got; left alone
     * @return STATUS_SUCCESS; STATUS_FWP_CANNOT_PEND at layers other than the redirect layers and ENDPOINT_CLOSURE;
     *     STATUS_INVALID_PARAMETER for other flags, another filter or misuse
     */
    NtStatus fwpsPendClassify0(ClassifyHandle classifyHandle, long filterId, int flags, ClassifyOut classifyOut);

    /**
     * Lets a pended classification go on, FwpsCompleteClassify0. <b>Simulated.</b> Called once for each pend, from any
     * thread, before or after the driver releases its own reference. The handle is dead then. Raises COMPLETE_MISUSE
     * without a pend or a second time, APPLY_MISSING if layer data was acquired and not applied, which then is void, and
     * STALE_REFERENCE for the classify-out that classifyFn got, once that has returned.
     *
     * @param classifyHandle the handle that the classification was pended through
     * @param flags reserved
     * @param classifyOut the decision, in a structure of the driver's own that is read now; null asks for a fresh classification of the layer
     */
    void fwpsCompleteClassify0(ClassifyHandle classifyHandle, int flags, @Nullable ClassifyOut classifyOut);

    /**
     * Holds an operation at an authorization layer or RESOURCE_ASSIGNMENT, FwpsPendOperation0. <b>Simulated.</b> Called
     * inside classifyFn, which then writes FWP_ACTION_BLOCK (diagnostic PENDED_WITHOUT_BLOCK if not; the write right may
     * stay) and returns; the operation waits until {@link #fwpsCompleteOperation0}.
     *
     * @param completionHandle the metadata's completion handle
     * @param completionContext receives what completes the operation; left alone on failure
     * @return STATUS_SUCCESS; STATUS_FWP_NULL_POINTER for a null handle; STATUS_FWP_CANNOT_PEND in a re-authorization or
     *     outside classifyFn, with fault STALE_REFERENCE after the classification
     */
    NtStatus fwpsPendOperation0(@Nullable CompletionHandle completionHandle, Out<CompletionContext> completionContext);

    /**
     * Lets a pended operation go on, FwpsCompleteOperation0. <b>Simulated.</b> The layer is asked again from the top, as
     * a re-authorization with reason CLASSIFY_COMPLETION. Raises COMPLETE_MISUSE a second time.
     *
     * @param completionContext from {@link #fwpsPendOperation0}
     * @param netBufferList null: there are no packets here
     */
    void fwpsCompleteOperation0(CompletionContext completionContext, @Nullable Object netBufferList);

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
    NtStatus fwpsQueryConnectionSioFormatRedirectRecords0(
            @Nullable RedirectRecords redirectRecords,
            @Nullable ByteBuffer outputBuffer,
            long outputBufferLength,
            @Nullable OutUlong bytesTransferred);
}
