package io.github.wfpsim.host;

import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A way in which a host departs from a rule of the requirement catalogue, where its sources disagree or real Windows may
 * well differ. A host has none unless {@link SimOptions#with} adds it.
 *
 * <p>Two deviations from one rule exclude each other, so a rule may have any number of them. "C-17" and the like stand
 * for the rows of the page on contradictions, which tells what each source gives.
 */
public enum Deviation {
    /**
     * Whoever accepted a redirected connection may query its records and context, not only the process that the redirect
     * names.
     *
     * <p>Source: published tests that name an arbitrary process (C-16, C-17). Requirements: REC-35.
     */
    QUERY_ACCESS_ANY_LOCAL_PROCESS(Evidence.REPORTED, "REC-35"),

    /**
     * A record can be set on a bound socket until it starts to connect; without it that is refused as too late.
     *
     * <p>Source: the pages of the code that sets records, which ask for the new socket (C-26). Requirements:
     * WSK-34, WSA-10.
     */
    SET_AFTER_BIND_ALLOWED(Evidence.POSSIBLE, "WSK-34", "WSA-10"),

    /**
     * Winsock Kernel ignores arguments that a control code does not use; without it they must be null and zero.
     *
     * <p>Source: the pages of the three control codes (WDK), which call them unused and give no status. Requirements: WSK-12, WSK-32.
     */
    WSK_PARAMETER_CHECKING_LENIENT(Evidence.POSSIBLE, "WSK-12", "WSK-32"),

    /**
     * A Winsock Kernel query that only asks for the size ends with STATUS_SUCCESS instead of STATUS_BUFFER_TOO_SMALL.
     *
     * <p>Source: the pages of the two query codes (WDK), which only say that the size is there on completion (C-07).
     * Requirements: WSK-18.
     */
    WSK_SIZE_QUERY_STATUS_SUCCESS(Evidence.POSSIBLE, "WSK-18"),

    /**
     * The query codes of Winsock report what published clients handle, not what the reference pages list: WSAEFAULT for a
     * buffer that is too small, WSAEINVAL for no redirect and no context.
     *
     * <p>Source: published clients (C-53). Requirements: WSA-14, WSA-33, WSA-34, WSA-57.
     */
    WINSOCK_ERRORS_OBSERVED(Evidence.REPORTED, "WSA-14", "WSA-33", "WSA-34", "WSA-57"),

    /**
     * The query codes of Winsock fail with WSAEINVAL and a count of 0 if the buffer is too small; without it, with
     * ERROR_INSUFFICIENT_BUFFER and the length. Size 0 asks for the length all the same.
     *
     * <p>Source: the text on lpcbBytesReturned of the query codes' pages (C-53). Requirements: WSA-14, WSA-58.
     */
    WINSOCK_SIZE_ERRORS_LITERAL(Evidence.POSSIBLE, "WSA-14", "WSA-58"),

    /**
     * Winsock reports ERROR_NOT_FOUND for no redirect and no context, instead of the FWP_E_NOT_FOUND that a sample of
     * Microsoft expects.
     *
     * <p>Source: the kernel-mode pages with STATUS_NOT_FOUND (WDK); the user-mode pages are silent (C-04). Requirements:
     * WSA-33, WSA-34.
     */
    NOT_FOUND_AS_ERROR_NOT_FOUND(Evidence.POSSIBLE, "WSA-33", "WSA-34"),

    /**
     * A redirect to a local address without target process or live redirect handle is dropped, and the connection goes to its
     * old destination; without it the connection attempt fails with access denied.
     *
     * <p>Source: FWPS_CONNECT_REQUEST0, by which such a change is not accepted, not what happens then (C-18).
     * Requirements: WFP-50.
     */
    INCOMPLETE_LOCAL_REDIRECT_DISCARDED(Evidence.POSSIBLE, "WFP-50"),

    /**
     * CONNECT_REDIRECT offers a redirect record handle only if the connection has been redirected before; without it,
     * always.
     *
     * <p>Source: WFPSampler, which tests for its presence (C-48). Requirements: WFP-18.
     */
    RECORD_HANDLE_ONLY_WHEN_RECORDS_EXIST(Evidence.POSSIBLE, "WFP-18"),

    /**
     * CONNECT_REDIRECT shows port 0 for a datagram socket that its owner has not bound; without it, the port that the
     * implicit bind has given it.
     *
     * <p>Source: a report on WFPSampler (C-81). Requirements: WFP-14.
     */
    UDP_PORT_UNKNOWN_AT_CONNECT_REDIRECT(Evidence.REPORTED, "WFP-14"),

    /**
     * Sending a datagram that a filter blocks fails with access denied; without it, the datagram is dropped and the send
     * succeeds.
     *
     * <p>Source: the tests of eBPF for Windows, in which such sends must not fail (C-82). Requirements: UDP-61.
     */
    BLOCKED_DATAGRAM_FAILS_SEND(Evidence.POSSIBLE, "UDP-61"),

    /**
     * Datagrams that a connected socket sends without an address are lost if their flow is redirected to this machine;
     * without it they arrive.
     *
     * <p>Source: Failed to redirect connected UDP traffic to a local proxy service (C-83). Requirements: UDP-63.
     */
    CONNECTED_UDP_REDIRECT_LOST(Evidence.REPORTED, "UDP-63"),

    /**
     * Of two filters of equal weight in one sub-layer the older is asked first; without it, the younger.
     *
     * <p>Source: tests of eBPF for Windows; Filter Weight Assignment promises no order (C-61). Requirements: WFP-23.
     */
    EQUAL_WEIGHTS_OLDER_FIRST(Evidence.POSSIBLE, "WFP-23"),

    /**
     * A block at a redirect layer fails the connection attempt; without it, it does nothing.
     *
     * <p>Source: Filter Arbitration (C-37). Requirements: WFP-57.
     */
    REDIRECT_LAYER_BLOCK_ENFORCED(Evidence.POSSIBLE, "WFP-57"),

    /**
     * A local address that is changed at CONNECT_REDIRECT is used, for TCP; without it the change is dropped.
     *
     * <p>Source: a report to the documentation of the connect request (C-38). Requirements: WFP-48.
     */
    LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP(Evidence.REPORTED, "WFP-48"),

    /**
     * The first version of a connect request that a callout acquires leads to the unmodified request in its previousVersion;
     * without it, previousVersion is null until a callout has changed the request.
     *
     * <p>Source: the sample code of Using Bind or Connect Redirection, and WFPSampler for a repeat, which read through it
     * unguarded, against the page of the connect request (C-42). Requirements: WFP-55.
     */
    UNMODIFIED_CONNECT_REQUEST_AS_PREVIOUS_VERSION(Evidence.REPORTED, "WFP-55"),

    /**
     * Every redirected connection is authorized twice; without it, only one whose new destination is not loopback.
     *
     * <p>Source: documents and published tests, which disagree on the connections that are (C-46). Requirements: WFP-69.
     */
    DOUBLE_AUTHORIZATION_ALWAYS(Evidence.POSSIBLE, "WFP-69"),

    /**
     * AUTH_CONNECT authorizes a connection that carries records as the proxy only; without it, as the first application of
     * its chain and then as the proxy.
     *
     * <p>Source: the flag and field pages, which know of one authorization (C-60). Requirements: WFP-100.
     */
    PROXIED_CONNECTION_AUTHORIZED_ONCE(Evidence.POSSIBLE, "WFP-100"),

    /**
     * FwpsQueryConnectionSioFormatRedirectRecords0 answers STATUS_INVALID_PARAMETER to a null count; without it, it takes
     * one.
     *
     * <p>Source: a correction of the function's page from 2026 (C-49). Observed in the field. Requirements: WFP-79.
     */
    NULL_BYTES_TRANSFERRED_REJECTED(Evidence.REPORTED, "WFP-79");

    private final Evidence evidence;

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed.
    private final List<String> rules;

    /** Whether drivers, tests or reports from outside show that Windows does so. */
    private enum Evidence {
        REPORTED,
        POSSIBLE
    }

    Deviation(Evidence evidence, String... rules) {
        this.evidence = evidence;
        this.rules = List.of(rules);
    }

    /**
     * {@return whether the field reports that Windows departs from the documented rule in this way, so that
     * {@link SimOptions#observed} has it}
     */
    public boolean isObserved() {
        return evidence == Evidence.REPORTED;
    }

    /** {@return the ids of the rules that this departs from, such as {@code WSA-34}; at least one, never changes} */
    public List<String> rules() {
        return rules;
    }

    /**
     * {@return whether a host cannot have both, because they depart from one rule; false for itself}
     *
     * @param other another deviation
     */
    public boolean excludes(Deviation other) {
        Objects.requireNonNull(other, "other must not be null: name the deviation to compare with");
        return this != other && !Collections.disjoint(rules, other.rules);
    }
}
