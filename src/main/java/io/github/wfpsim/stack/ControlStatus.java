package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;

/**
 * How a redirect ioctl ended, finer than either door can say. Each door translates every constant in one place; the
 * order of the constants is the order in which causes are judged (WSK-10, WSA-42).
 */
public enum ControlStatus {
    /** Done. */
    SUCCESS,
    /** Query: the socket's protocol is outside redirection (WSA-30). */
    PROTOCOL_NOT_COVERED,
    /** Query: the socket has no peer (WSA-31). */
    NOT_CONNECTED,
    /** Another thread closed the socket meanwhile. */
    CLOSED,
    /** Query: the connection was reset (WSK-40). */
    CONNECTION_DEAD,
    /** Query: not the accepting end of a connection that was redirected (WSA-34, WSK-25, WSK-26). */
    NOT_REDIRECTED,
    /** Query: the newest redirect named another process (REC-35). */
    NOT_TARGET_PROCESS,
    /** Query: the redirect carried no context, or it is freed (WSA-33, WSK-27). */
    NO_CONTEXT,
    /** SET: not a TCP socket (WSA-11). */
    WRONG_SOCKET_TYPE,
    /** SET: the socket is past the stage at which records can be set (WSA-10, WSK-34). */
    WRONG_STAGE,
    /** SET: the caller's token has no administrator rights (REC-37). */
    NO_PRIVILEGE,
    /** A length does not fit 32 bits (REC-38). */
    INTEGER_OVERFLOW,
    /** SET: shorter or longer than the record says (REC-37). */
    RECORD_CUT,
    /** SET: no record at all (REC-34, REC-37). */
    NO_RECORD,
    /** SET: issued by another machine (REC-37). */
    RECORD_OF_ANOTHER_MACHINE,
    /** SET: changed since it was issued (REC-37). */
    RECORD_ALTERED,
    /** SET: addressed to another process (REC-37). */
    RECORD_OF_ANOTHER_PROCESS,
    /** Query: the buffer is too small; the needed size was reported (WSA-14, WSK-16). */
    TOO_SMALL;

    /** The kernel's name of the outcome, which WSK reports and the trace shows (WSK-09). */
    public NtStatus ntStatus() {
        return switch (this) {
            case SUCCESS -> NtStatus.STATUS_SUCCESS;
            case PROTOCOL_NOT_COVERED -> NtStatus.STATUS_NOT_SUPPORTED;
            case NOT_CONNECTED, NOT_REDIRECTED, NO_CONTEXT -> NtStatus.STATUS_NOT_FOUND;
            case CLOSED -> NtStatus.STATUS_CANCELLED;
            case CONNECTION_DEAD -> NtStatus.STATUS_FILE_FORCED_CLOSED;
            case NOT_TARGET_PROCESS,
                    NO_PRIVILEGE,
                    RECORD_CUT,
                    NO_RECORD,
                    RECORD_OF_ANOTHER_MACHINE,
                    RECORD_ALTERED,
                    RECORD_OF_ANOTHER_PROCESS -> NtStatus.STATUS_ACCESS_DENIED;
            case WRONG_SOCKET_TYPE -> NtStatus.STATUS_INVALID_DEVICE_REQUEST;
            case WRONG_STAGE -> NtStatus.STATUS_INVALID_DEVICE_STATE;
            case INTEGER_OVERFLOW -> NtStatus.STATUS_INTEGER_OVERFLOW;
            case TOO_SMALL -> NtStatus.STATUS_BUFFER_TOO_SMALL;
        };
    }

    /** Why access is denied, in words; empty if it is not (WSA-36). */
    public String whyDenied() {
        return switch (this) {
            case NOT_TARGET_PROCESS -> "the newest redirect names another process";
            case NO_PRIVILEGE -> "the caller is not elevated";
            case RECORD_CUT -> "the record is cut, or something is appended";
            case NO_RECORD -> "these bytes are no record";
            case RECORD_OF_ANOTHER_MACHINE -> "another machine has issued the record";
            case RECORD_ALTERED -> "the record was altered";
            case RECORD_OF_ANOTHER_PROCESS -> "the record is addressed to another process";
            default -> "";
        };
    }
}
