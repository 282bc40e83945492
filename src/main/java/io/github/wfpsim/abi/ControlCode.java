package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A code of WSAIoctl, ioctlsocket or WskControlSocket, and the building blocks that such codes are made of.
 *
 * <p>The three redirect codes are {@code IOC_IN | IOC_VENDOR | n} with n = 220, 221 and 222.
 *
 * <p>Source: SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS and its two sister pages (WDK); WSAIoctl function (SDK); Winsock
 * Kernel client IOCTLs (WDK). Requirements: WSK-02, WSA-01.
 */
public enum ControlCode {
    /** Copies the redirect record of an accepted connection out. */
    SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS(0x980000DC),
    /** Copies the context that the redirecting callout attached out. */
    SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT(0x980000DD),
    /** Gives a redirect record to the onward socket before it connects. */
    SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS(0x980000DE),
    /** Switches WSAECONNRESET for datagrams that nobody took on or off. */
    SIO_UDP_CONNRESET(0x9800000C),
    /** Discards the send queue of the socket. */
    SIO_FLUSH(0x28000004),
    /** Looks up an extension function such as WSARecvMsg. */
    SIO_GET_EXTENSION_FUNCTION_POINTER(0xC8000006),
    /** Switches non-blocking mode on or off. */
    FIONBIO(0x8004667E),
    /** Tells how many bytes wait to be received. */
    FIONREAD(0x4004667F),
    /** Fixes the remote address of a datagram socket. */
    SIO_WSK_SET_REMOTE_ADDRESS(0x8F000001),
    /** Registers an extension interface of Winsock Kernel. */
    SIO_WSK_REGISTER_EXTENSION(0xCF000002),
    /** Asks for the ideal amount of unsent data. */
    SIO_WSK_QUERY_IDEAL_SEND_BACKLOG(0x4F000003),
    /** Asks for the amount of data received and not yet taken. */
    SIO_WSK_QUERY_RECEIVE_BACKLOG(0x4F000004),
    /** Asks for the inspect id of an accepted connection. */
    SIO_WSK_QUERY_INSPECT_ID(0x4F000005),
    /** Fixes the default destination of a datagram socket. */
    SIO_WSK_SET_SENDTO_ADDRESS(0x8F000006),
    /** Makes a dead connection fall silent instead of being reset. */
    SIO_WSK_SET_TCP_SILENT_MODE(0x2F000007);

    /** Control code without parameters. */
    public static final int IOC_VOID = 0x20000000;

    /** Control code that writes the caller's output buffer. */
    public static final int IOC_OUT = 0x40000000;

    /** Control code that reads the caller's input buffer. */
    public static final int IOC_IN = 0x80000000;

    /** Control code that does both. */
    public static final int IOC_INOUT = 0xC0000000;

    /** Code space of UNIX ioctls. */
    public static final int IOC_UNIX = 0x00000000;

    /** Code space of generic Winsock 2 codes. */
    public static final int IOC_WS2 = 0x08000000;

    /** Code space of codes for one address family. */
    public static final int IOC_PROTOCOL = 0x10000000;

    /** Code space of vendor codes, where the redirect codes live. */
    public static final int IOC_VENDOR = 0x18000000;

    /** Code space of Winsock Kernel. */
    public static final int IOC_WSK = 0x0F000000;

    private static final Map<Integer, ControlCode> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(ControlCode::code, Function.identity()));

    private final int code;

    ControlCode(int code) {
        this.code = code;
    }

    /** {@return the number of the Windows header} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the control code with that number, or empty if there is none here
     */
    public static Optional<ControlCode> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /**
     * Tells whether a number has the shape of a control code: at least one of {@link #IOC_VOID}, {@link #IOC_OUT} and
     * {@link #IOC_IN} is set.
     *
     * @param code any number, known here or not
     * @return true if a direction is given
     */
    public static boolean isWellFormed(int code) {
        return (code & (IOC_VOID | IOC_OUT | IOC_IN)) != 0;
    }
}
