package io.github.wfpsim.verifier;

/** Says what to do about a fault or diagnostic. */
final class Remedy {

    private Remedy() {}

    static String of(Diagnostic diagnostic) {
        return switch (diagnostic) {
            case BLOCK_AT_FLOW_ESTABLISHED -> "block at AUTH_CONNECT or AUTH_RECV_ACCEPT instead";
            case DATAGRAM_REDIRECTED_TO_NOBODY ->
                "bind the proxy's socket to the address that the callout writes, before it redirects";
            case OWN_REDIRECT_NOT_RECOGNIZED ->
                "create one redirect handle, use it in both address families, and destroy it when the driver unloads";
            case PENDED_WITHOUT_BLOCK -> "write FWP_ACTION_BLOCK to classifyOut when pending";
            case PENDED_WITHOUT_RIGHT -> "check rights for FWPS_RIGHT_ACTION_WRITE before pending";
            case CHANGE_NOTICES_IN_A_LOOP ->
                "let one of the callbacks give up after some tries, as two products that undo each other must";
            case CONDITION_NEVER_MATCHES -> "write the value as the engine has it; the detail tells how";
            case EQUAL_WEIGHTS_DECIDE -> "give the filters different weights, or sub-layers of their own";
            case PORT_LOOKS_SWAPPED -> "give ports of conditions in host order, without htons";
            case PROVIDER_CONTEXT_NOT_SHOWN ->
                "call FwpmCalloutAdd0 with FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT before the filter is added";
            case PROXY_REDIRECTED_TO_ITSELF -> "set the redirect records on the onward socket before it connects";
            case REAUTHORIZE_FLAG_INLINE -> "pass the flag only for a classification that was pended";
            case REDIRECT_LOOP ->
                "set the redirect records on each onward socket, and permit what the callout redirected itself";
            case REDIRECT_CONTROL_DENIED ->
                "query and carry on as the process that the redirect names, elevated, with exactly the bytes of the query";
            case REDIRECT_TARGET_DOES_NOT_ACCEPT ->
                "name the process whose socket listens at the new address in localRedirectTargetPID";
            case REDIRECT_OVERRIDDEN -> "ask for the redirect state and permit what another callout redirected";
            case UDP_RECORD_DISCARDED -> "receive with WSARecvMsg and room for control data";
            case UDP_RECORD_TOO_LATE -> "send the record with the first datagram to a destination";
            case UNKNOWN_REDIRECT_TARGET -> "name a process that lives in localRedirectTargetPID";
        };
    }

    static String of(Fault fault) {
        return switch (fault) {
            case ACTION_WRITTEN_WITHOUT_RIGHT -> "check rights for FWPS_RIGHT_ACTION_WRITE before writing actionType";
            case ADDRESS_FAMILY_CHANGED -> "redirect to an address of the layer's family";
            case APPLY_MISSING -> "apply the layer data before the classify handle is released";
            case APPLY_MISUSE -> "apply exactly the object that was acquired, once, while it is valid";
            case BAD_REDIRECT_CONTEXT -> "set both context and size, or neither";
            case BLOCK_AT_REDIRECT_LAYER ->
                "block at AUTH_CONNECT instead, and register a callout before its filters are added";
            case BUFFER_FREED_WHILE_PENDING -> "keep the buffer until the request completes";
            case CALLOUT_LEAK -> "unregister each callout before unload";
            case CALLOUT_THREW -> "mend classifyFn, the cause says where";
            case CALLOUT_VERSION_TOO_OLD -> "register the callout with FwpsCalloutRegister1";
            case CHANGE_CALLBACK_THREW -> "catch in the callback what it throws: nobody above it can";
            case CLASSIFY_HANDLE_LEAK -> "release each acquired classify handle";
            case CLASSIFY_HANDLE_MISUSE ->
                "use a classify handle until classifyFn returns or a pend is completed, with the filter id that classifyFn got, and release it once";
            case CLASSIFY_NEVER_COMPLETED -> "complete each classification that was pended";
            case COMPLETE_MISUSE -> "complete a pended classification exactly once";
            case CONTEXT_USED_AFTER_TRANSFER -> "leave a context alone once it was applied, WFP frees it";
            case INCOMPLETE_LOCAL_REDIRECT -> "set both the redirect handle and the target process";
            case INDICATION_LEAK -> "release retained data indications before the socket closes";
            case IRP_BUSY -> "wait for the IRP to complete, or use another";
            case IRP_INCOMPLETE_INVOKE_FLAGS -> "ask for success, error and cancel in IoSetCompletionRoutine";
            case IRP_LEAK -> "free each own IRP before unload";
            case IRP_NOT_OWNED -> "free, reuse and cancel only IRPs that the driver allocated";
            case IRP_NO_COMPLETION_ROUTINE -> "call IoSetCompletionRoutine before the request";
            case IRP_PENDING_NOT_PROPAGATED -> "call IoMarkIrpPending in the routine if PendingReturned is set";
            case IRP_STACK_EXHAUSTED -> "allocate the IRP with a stack location more";
            case IRP_USED_AFTER_COMPLETION -> "let go of an IRP once it was completed or passed on";
            case IRQL_TOO_HIGH -> "defer the call to a work item at PASSIVE_LEVEL or to the level allowed";
            case LOCAL_ADDRESS_CHANGED_AT_CONNECT -> "change the local address at BIND_REDIRECT";
            case METADATA_NOT_PRESENT -> "test the member's bit in currentMetadataValues first";
            case NPI_OVER_RELEASED -> "release the provider once for each capture";
            case NULL_ERRNO -> "pass a place for lpErrno";
            case OVERLAPPED_BUSY -> "use another OVERLAPPED, or wait for the operation to complete";
            case OWN_IRP_COMPLETED_UPWARD -> "return STATUS_MORE_PROCESSING_REQUIRED from the routine of an own IRP";
            case PEND_MISUSE -> "pend a classification once, at a layer that can pend";
            case POOL_DOUBLE_FREE -> "free each block once";
            case POOL_LEAK -> "free each block before unload, or hand it over with an applied redirect";
            case RECLASSIFY_LIMIT -> "apply without REAUTHORIZE_IF_MODIFIED_BY_OTHERS when asked again";
            case REDIRECT_HANDLE_DESTROYED -> "destroy the redirect handle last";
            case REDIRECT_HANDLE_LEAK -> "call FwpsRedirectHandleDestroy0 before unload";
            case REDIRECT_NOT_PERMITTED_IN_STATE ->
                "query the redirect state first and permit what was redirected before";
            case SOCKET_USED_AFTER_CLOSE -> "close a socket once and last";
            case STALE_REFERENCE -> "copy what is needed before the classification or callback is over";
            case UNSUBSCRIBED_IN_OWN_CALLBACK -> "let the callback return, and unsubscribe on another thread";
            case WAIT_IN_WSK_CALLBACK -> "return from the callback and go on in a completion routine or work item";
            case WSK_CALL_IN_COMPLETION_ROUTINE -> "queue a work item that makes the call";
            case WSK_NOT_DEREGISTERED -> "call WskDeregister in the unload routine";
            case WSK_SOCKET_LEAK -> "close each socket and await its IRP before WskDeregister";
        };
    }
}
