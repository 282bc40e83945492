package io.github.wfpsim.verifier;

import java.util.List;

/** Worth knowing, never thrown. */
public enum Diagnostic implements Finding.Kind {
    /** A decision was made at a layer that is no place for it. */
    BLOCK_AT_FLOW_ESTABLISHED("WFP-08"),
    /** A redirect sends datagrams to a port where no socket takes them. */
    DATAGRAM_REDIRECTED_TO_NOBODY("UDP-62"),
    /** Callbacks that hear of changes of management undo each other's for ever; the last of the chain is not told. */
    CHANGE_NOTICES_IN_A_LOOP("WFP-141"),
    /** A driver redirects for a second time, as its other redirect handle does not see that it has redirected before. */
    OWN_REDIRECT_NOT_RECOGNIZED("REC-25", "REC-61"),
    /** A callout pended without writing block. */
    PENDED_WITHOUT_BLOCK("WFP-59"),
    /** A callout pended although it was asked without the write right. */
    PENDED_WITHOUT_RIGHT("WFP-59"),
    /** A filter's condition compares with something that no connection has, as it was written. */
    CONDITION_NEVER_MATCHES("WFP-93"),
    /** Two filters of equal weight match, and which is asked first makes a difference. */
    EQUAL_WEIGHTS_DECIDE("WFP-23"),
    /** A filter's port is a well-known one with its bytes swapped. */
    PORT_LOOKS_SWAPPED("WFP-93"),
    /** A filter's provider context is hidden from its callout, which was added without the flag for it. */
    PROVIDER_CONTEXT_NOT_SHOWN("WFP-92"),
    /** A process's own connection is redirected to itself: it left SET out. The loop guard ends what comes of it. */
    PROXY_REDIRECTED_TO_ITSELF("REC-19"),
    /** The re-authorize flag was passed outside a pend. */
    REAUTHORIZE_FLAG_INLINE("WFP-64"),
    /** A connection was redirected round and round; the detail lists the hops. */
    REDIRECT_LOOP("REC-19"),
    /** A query of records or context, or records that were to be carried on, met with access denied; the detail says why. */
    REDIRECT_CONTROL_DENIED("REC-35", "REC-37", "WSA-36"),
    /** A callout took a connection away from another callout's proxy. */
    REDIRECT_OVERRIDDEN("REC-17", "WFP-56"),
    /** A redirect names one process, and another one accepts. */
    REDIRECT_TARGET_DOES_NOT_ACCEPT("REC-35", "WFP-120"),
    /** A plain receive lost the redirect record of a datagram. */
    UDP_RECORD_DISCARDED("UDP-03"),
    /** A record was sent with a datagram that creates no flow. */
    UDP_RECORD_TOO_LATE("UDP-13"),
    /** A redirect names a process that does not live. */
    UNKNOWN_REDIRECT_TARGET("WFP-51");

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed.
    private final List<String> rules;

    Diagnostic(String... rules) {
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
