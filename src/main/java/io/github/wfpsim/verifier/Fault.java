package io.github.wfpsim.verifier;

import java.util.List;

/** A breach of a rule that on Windows leaks, corrupts, crashes, hangs or silently misdirects. */
public enum Fault implements Finding.Kind {
    /** A callout changed actionType without holding the write right. */
    ACTION_WRITTEN_WITHOUT_RIGHT("WFP-28"),
    /** A redirect left the address family of its layer. */
    ADDRESS_FAMILY_CHANGED("WFP-52"),
    /** Writable layer data was acquired and never applied. */
    APPLY_MISSING("WFP-46"),
    /** Layer data was applied twice, late, or another object than was acquired. */
    APPLY_MISUSE("WFP-46"),
    /** A redirect context came without a size, or a size without a context. */
    BAD_REDIRECT_CONTEXT("REC-33"),
    /** A redirect layer was asked to block, which does not stop the connection. */
    BLOCK_AT_REDIRECT_LAYER("WFP-57"),
    /** A buffer was freed while a request still used it. */
    BUFFER_FREED_WHILE_PENDING("WSK-22", "WSK-38", "WSKS-28", "WSA-56"),
    /** A driver unloaded while one of its callouts was registered. */
    CALLOUT_LEAK("WFP-32"),
    /** A classifyFn ended with an exception. */
    CALLOUT_THREW("WFP-38"),
    /** A version-0 callout sits at a redirect layer. */
    CALLOUT_VERSION_TOO_OLD("WFP-35"),
    /** The callback of a subscription to changes ended with an exception. */
    CHANGE_CALLBACK_THREW("WFP-140"),
    /** A classify handle was never released. */
    CLASSIFY_HANDLE_LEAK("WFP-42"),
    /** A classify handle was released twice, used when it was dead, or used for another filter. */
    CLASSIFY_HANDLE_MISUSE("WFP-43", "WFP-44"),
    /** A pended classification was never completed. */
    CLASSIFY_NEVER_COMPLETED("WFP-60"),
    /** A classification was completed without a pend, or twice. */
    COMPLETE_MISUSE("WFP-60"),
    /** A driver wrote to or freed a context that WFP owns. */
    CONTEXT_USED_AFTER_TRANSFER("REC-31"),
    /** A redirect to this machine lacks its process or its handle. */
    INCOMPLETE_LOCAL_REDIRECT("WFP-50"),
    /** A retained data indication was not released before close. */
    INDICATION_LEAK("WSKS-11"),
    /** An IRP was handed in or freed while it was pending. */
    IRP_BUSY("IRP-16"),
    /** The routine of an own IRP does not ask for every outcome. */
    IRP_INCOMPLETE_INVOKE_FLAGS("IRP-04"),
    /** An own IRP was not freed by unload. */
    IRP_LEAK("WSK-38", "IRP-17"),
    /** An IRP was treated as own that came from above. */
    IRP_NOT_OWNED("IRP-02", "IRP-09", "IRP-13"),
    /** An own IRP has no completion routine. */
    IRP_NO_COMPLETION_ROUTINE("WSK-07"),
    /** A completion routine did not mark a passed-down IRP pending. */
    IRP_PENDING_NOT_PROPAGATED("IRP-08"),
    /** An IRP has no free stack location. */
    IRP_STACK_EXHAUSTED("IRP-01", "IRP-03"),
    /** An IRP was touched after it was completed or passed on. */
    IRP_USED_AFTER_COMPLETION("IRP-15"),
    /** A function was called above the level that it allows. */
    IRQL_TOO_HIGH("WSK-04", "WSKS-04", "IRP-10", "WFP-37", "WFP-41"),
    /** A local address was changed at CONNECT_REDIRECT. */
    LOCAL_ADDRESS_CHANGED_AT_CONNECT("WFP-48"),
    /** A metadata member was read whose bit is not set. */
    METADATA_NOT_PRESENT("WFP-10"),
    /** A provider was released more often than captured. */
    NPI_OVER_RELEASED("WSKS-03"),
    /** WSPIoctl was called without a place for its error. */
    NULL_ERRNO("WSA-03"),
    /** An OVERLAPPED was used again while it was pending. */
    OVERLAPPED_BUSY("WSA-56"),
    /** The routine of an own IRP let completion go on. */
    OWN_IRP_COMPLETED_UPWARD("IRP-06"),
    /** A classification was pended twice or where it cannot be. */
    PEND_MISUSE("WFP-59", "WFP-63"),
    /** A pool block was freed a second time. */
    POOL_DOUBLE_FREE("REC-31"),
    /** A pool block was neither freed nor handed over by unload. */
    POOL_LEAK("REC-31", "WSK-38"),
    /** Callouts kept each other classifying without end. */
    RECLASSIFY_LIMIT("WFP-65"),
    /** A destroyed redirect handle was used. */
    REDIRECT_HANDLE_DESTROYED("WFP-40"),
    /** A redirect handle was not destroyed by unload. */
    REDIRECT_HANDLE_LEAK("WFP-39"),
    /** A callout redirected what it had redirected before. */
    REDIRECT_NOT_PERMITTED_IN_STATE("REC-24"),
    /** A socket was used during or after its close. */
    SOCKET_USED_AFTER_CLOSE("WSKS-11"),
    /** What WFP or WSK had lent was used after its classification or callback was over. */
    STALE_REFERENCE("WSKS-15", "WFP-19"),
    /** A subscription to changes was ended in its own callback, which it waits for. */
    UNSUBSCRIBED_IN_OWN_CALLBACK("WFP-142"),
    /** An event callback waited for another request. */
    WAIT_IN_WSK_CALLBACK("WSKS-35"),
    /** A completion routine started a WSK request. */
    WSK_CALL_IN_COMPLETION_ROUTINE("WSKS-36"),
    /** A registration was not given up by unload. */
    WSK_NOT_DEREGISTERED("WSKS-01"),
    /** A WSK socket was not closed by unload. */
    WSK_SOCKET_LEAK("WSKS-01");

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed.
    private final List<String> rules;

    Fault(String... rules) {
        this.rules = List.of(rules);
    }

    @Override
    public List<String> rules() {
        return rules;
    }

    @Override
    public String remedy() {
        return Remedy.of(this);
    }
}
