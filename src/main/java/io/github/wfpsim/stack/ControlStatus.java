package io.github.wfpsim.stack;

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
    TOO_SMALL
}
