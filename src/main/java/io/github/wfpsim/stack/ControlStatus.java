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
    /** SET: altered, cut, foreign, or addressed to another process (REC-37). */
    BAD_RECORD,
    /** Query: the buffer is too small; the needed size was reported (WSA-14, WSK-16). */
    TOO_SMALL;

    /** The kernel's name of the outcome, which WSK reports and the trace shows (WSK-09). */
    public NtStatus ntStatus() {
        return switch (this) {
            case SUCCESS -> NtStatus.STATUS_SUCCESS;
            case PROTOCOL_NOT_COVERED -> NtStatus.STATUS_NOT_SUPPORTED;
            case NOT_CONNECTED, NOT_REDIRECTED, NO_CONTEXT -> NtStatus.STATUS_NOT_FOUND;
            case CONNECTION_DEAD -> NtStatus.STATUS_FILE_FORCED_CLOSED;
            case NOT_TARGET_PROCESS, NO_PRIVILEGE, BAD_RECORD -> NtStatus.STATUS_ACCESS_DENIED;
            case WRONG_SOCKET_TYPE -> NtStatus.STATUS_INVALID_DEVICE_REQUEST;
            case WRONG_STAGE -> NtStatus.STATUS_INVALID_DEVICE_STATE;
            case INTEGER_OVERFLOW -> NtStatus.STATUS_INTEGER_OVERFLOW;
            case TOO_SMALL -> NtStatus.STATUS_BUFFER_TOO_SMALL;
        };
    }
}
