package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An error as the user-mode half of Windows reports it: Winsock through WSAGetLastError, the Fwpm functions as return
 * value.
 *
 * <p>Where two names share a number, the one constant bears the Winsock name and its line tells the other.
 *
 * <p>Source: Windows Sockets Error Codes; System Error Codes; WFP Error Codes (SDK). Requirements: WSA-14 to WSA-57;
 * table "Conversions used by the two doors".
 */
public enum Win32Error {
    /** The operation succeeded, also called ERROR_SUCCESS. */
    NO_ERROR(0),
    /** There is no such file. */
    ERROR_FILE_NOT_FOUND(2),
    /** The caller lacks a right. */
    ERROR_ACCESS_DENIED(5),
    /** The event handle is not valid, also called ERROR_INVALID_HANDLE. */
    WSA_INVALID_HANDLE(6),
    /** An argument is not valid, also called ERROR_INVALID_PARAMETER. */
    WSA_INVALID_PARAMETER(87),
    /** The buffer cannot hold the result; the needed size is told. */
    ERROR_INSUFFICIENT_BUFFER(122),
    /** The connection was reset, as completion ports tell it. */
    ERROR_NETNAME_DELETED(64),
    /** No packet came in time. */
    WAIT_TIMEOUT(258),
    /** The completion port was closed. */
    ERROR_ABANDONED_WAIT_0(735),
    /** Lengths add up to more than the integer can hold. */
    ERROR_ARITHMETIC_OVERFLOW(534),
    /** The overlapped call was cancelled, also called ERROR_OPERATION_ABORTED. */
    WSA_OPERATION_ABORTED(995),
    /** The overlapped call is not finished, also called ERROR_IO_INCOMPLETE. */
    WSA_IO_INCOMPLETE(996),
    /** The overlapped call was started, also called ERROR_IO_PENDING. */
    WSA_IO_PENDING(997),
    /** There is nothing to return, or nothing to cancel. */
    ERROR_NOT_FOUND(1168),
    /** The function or control code is not known. */
    ERROR_INVALID_FUNCTION(1),
    /** The device is not ready. */
    ERROR_NOT_READY(21),
    /** The object is at the wrong stage. */
    ERROR_BAD_COMMAND(22),
    /** The operation failed for no more precise reason. */
    ERROR_GEN_FAILURE(31),
    /** The connection is dead, as completion ports tell it. */
    ERROR_HANDLE_EOF(38),
    /** The request is not supported. */
    ERROR_NOT_SUPPORTED(50),
    /** The transport address is in use, as completion ports tell it. */
    ERROR_DUP_NAME(52),
    /** A limit of outstanding requests is reached. */
    ERROR_TOO_MANY_CMDS(56),
    /** The connection or request was not accepted. */
    ERROR_REQ_NOT_ACCEP(71),
    /** The resource is in use. */
    ERROR_BUSY(170),
    /** The direction was shut down, as completion ports tell it. */
    ERROR_PIPE_NOT_CONNECTED(233),
    /** Data was cut to the size of the buffer, as completion ports tell it. */
    ERROR_MORE_DATA(234),
    /** The status has no number among these errors. */
    ERROR_MR_MID_NOT_FOUND(317),
    /** Memory was accessed in a way that is not allowed. */
    ERROR_NOACCESS(998),
    /** A part of the network address is not valid, as completion ports tell it. */
    ERROR_INVALID_NETNAME(1214),
    /** The far side refused the connection, as completion ports tell it. */
    ERROR_CONNECTION_REFUSED(1225),
    /** There is no connection, as completion ports tell it. */
    ERROR_CONNECTION_INVALID(1229),
    /** There is a connection already, as completion ports tell it. */
    ERROR_CONNECTION_ACTIVE(1230),
    /** No route leads to the network, as completion ports tell it. */
    ERROR_NETWORK_UNREACHABLE(1231),
    /** No route leads to the host, as completion ports tell it. */
    ERROR_HOST_UNREACHABLE(1232),
    /** Nobody takes datagrams at the remote port, as completion ports tell it. */
    ERROR_PORT_UNREACHABLE(1234),
    /** The connection was aborted at this side, as completion ports tell it. */
    ERROR_CONNECTION_ABORTED(1236),
    /** Memory or another resource is exhausted. */
    ERROR_NO_SYSTEM_RESOURCES(1450),
    /** The size of a buffer does not suit the request. */
    ERROR_INVALID_USER_BUFFER(1784),
    /** A blocking call was cancelled. */
    WSAEINTR(10004),
    /** The caller is not entitled, or the redirect record was tampered with. */
    WSAEACCES(10013),
    /** A buffer is missing or cannot be read or written. */
    WSAEFAULT(10014),
    /** An argument is not valid, or the socket is at the wrong stage. */
    WSAEINVAL(10022),
    /** No more sockets can be opened. */
    WSAEMFILE(10024),
    /** The call would block on a non-blocking socket. */
    WSAEWOULDBLOCK(10035),
    /** A blocking call is in progress. */
    WSAEINPROGRESS(10036),
    /** Another connect of the socket is under way. */
    WSAEALREADY(10037),
    /** The handle does not name a socket of this process. */
    WSAENOTSOCK(10038),
    /** A destination address is needed. */
    WSAEDESTADDRREQ(10039),
    /** The datagram is larger than the buffer or the limit. */
    WSAEMSGSIZE(10040),
    /** The protocol does not fit the socket type. */
    WSAEPROTOTYPE(10041),
    /** The option or level is not known. */
    WSAENOPROTOOPT(10042),
    /** The protocol is not supported. */
    WSAEPROTONOSUPPORT(10043),
    /** The socket type is not supported in this family. */
    WSAESOCKTNOSUPPORT(10044),
    /** The operation or control code is not supported for this socket. */
    WSAEOPNOTSUPP(10045),
    /** The address family does not fit the socket. */
    WSAEAFNOSUPPORT(10047),
    /** The local address and port are in use. */
    WSAEADDRINUSE(10048),
    /** The address is not valid on this machine or as a destination. */
    WSAEADDRNOTAVAIL(10049),
    /** The network is down. */
    WSAENETDOWN(10050),
    /** No route leads to the network. */
    WSAENETUNREACH(10051),
    /** The connection was aborted at this side. */
    WSAECONNABORTED(10053),
    /** The connection was reset by the far side. */
    WSAECONNRESET(10054),
    /** Buffer space is exhausted. */
    WSAENOBUFS(10055),
    /** The socket is connected already. */
    WSAEISCONN(10056),
    /** The socket is not connected, or its connection is dead. */
    WSAENOTCONN(10057),
    /** The direction was shut down before. */
    WSAESHUTDOWN(10058),
    /** The connection attempt or call timed out. */
    WSAETIMEDOUT(10060),
    /** The far side refused the connection. */
    WSAECONNREFUSED(10061),
    /** No route leads to the host. */
    WSAEHOSTUNREACH(10065),
    /** The asked Winsock version is not supported. */
    WSAVERNOTSUPPORTED(10092),
    /** WSAStartup has not been called by this process. */
    WSANOTINITIALISED(10093),
    /** No callout has that key or id. */
    FWP_E_CALLOUT_NOT_FOUND(0x80320001),
    /** The layer does not offer the condition's field. */
    FWP_E_CONDITION_NOT_FOUND(0x80320002),
    /** No filter has that key or id. */
    FWP_E_FILTER_NOT_FOUND(0x80320003),
    /** No layer has that key or id. */
    FWP_E_LAYER_NOT_FOUND(0x80320004),
    /** No provider has that key. */
    FWP_E_PROVIDER_NOT_FOUND(0x80320005),
    /** No provider context has that key or id. */
    FWP_E_PROVIDER_CONTEXT_NOT_FOUND(0x80320006),
    /** No sub-layer has that key. */
    FWP_E_SUBLAYER_NOT_FOUND(0x80320007),
    /** The object does not exist; for a query, no redirect or no context. */
    FWP_E_NOT_FOUND(0x80320008),
    /** An object with the same key or id exists. */
    FWP_E_ALREADY_EXISTS(0x80320009),
    /** Other objects still refer to the object. */
    FWP_E_IN_USE(0x8032000A),
    /** A dynamic session cannot make the call. */
    FWP_E_DYNAMIC_SESSION_IN_PROGRESS(0x8032000B),
    /** The object belongs to another session. */
    FWP_E_WRONG_SESSION(0x8032000C),
    /** There is no transaction to commit or abort. */
    FWP_E_NO_TXN_IN_PROGRESS(0x8032000D),
    /** The session has begun a transaction already. */
    FWP_E_TXN_IN_PROGRESS(0x8032000E),
    /** The transaction was ended by force. */
    FWP_E_TXN_ABORTED(0x8032000F),
    /** The session was ended, by its process or by closing it. */
    FWP_E_SESSION_ABORTED(0x80320010),
    /** The call writes, and the transaction only reads. */
    FWP_E_INCOMPATIBLE_TXN(0x80320011),
    /** Another session's transaction did not end in time. */
    FWP_E_TIMEOUT(0x80320012),
    /** The object does not suit the layer. */
    FWP_E_INCOMPATIBLE_LAYER(0x80320014),
    /** The object would live longer than one that it names. */
    FWP_E_LIFETIME_MISMATCH(0x80320016),
    /** The object is built in. */
    FWP_E_BUILTIN_OBJECT(0x80320017),
    /** A required pointer is null. */
    FWP_E_NULL_POINTER(0x8032001C),
    /** The flags have a bit that means nothing there. */
    FWP_E_INVALID_FLAGS(0x8032001E),
    /** A filter cannot have that action. */
    FWP_E_INVALID_ACTION_TYPE(0x80320024),
    /** The weight is neither empty, nor a range, nor a 64-bit number. */
    FWP_E_INVALID_WEIGHT(0x80320025),
    /** The match type does not suit the field. */
    FWP_E_MATCH_TYPE_MISMATCH(0x80320026),
    /** The value is of another type than the field. */
    FWP_E_TYPE_MISMATCH(0x80320027),
    /** Two conditions look at one field. */
    FWP_E_DUPLICATE_CONDITION(0x8032002A),
    /** Nothing could ever match what was described. */
    FWP_E_NEVER_MATCH(0x80320033),
    /** A callout's notifyFn returned a failure. */
    FWP_E_CALLOUT_NOTIFICATION_FAILED(0x80320037);

    private static final Map<Integer, Win32Error> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Win32Error::code, Function.identity()));

    private final int code;

    Win32Error(int code) {
        this.code = code;
    }

    /** {@return the 32-bit value; FWP_E codes are negative as a Java int} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the error with that number, or empty if there is none here
     */
    public static Optional<Win32Error> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
