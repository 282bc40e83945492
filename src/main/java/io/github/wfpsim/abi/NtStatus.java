package io.github.wfpsim.abi;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A status as the kernel half of Windows returns it: WSK functions, IRPs and the Fwps and Fwpm functions of a driver.
 *
 * <p>Only codes that the simulated functions document are here, each with the number of ntstatus.h. The two highest bits are
 * the severity; everything whose sign bit is clear counts as success, also {@link #STATUS_PENDING}.
 *
 * <p>Source: NTSTATUS Values; Using NTSTATUS Values (WDK). Requirements: table "Conversions used by the two doors".
 */
public enum NtStatus {
    /** The operation completed. */
    STATUS_SUCCESS(0x00000000),
    /** The operation goes on and completes its IRP later. */
    STATUS_PENDING(0x00000103),
    /** An object of that name is there already; informational, so that NT_SUCCESS holds. */
    STATUS_OBJECT_NAME_EXISTS(0x40000000),
    /** The callback has taken an event that it answers later; informational. */
    STATUS_EVENT_PENDING(0x40000013),
    /** A buffer does not have the alignment that the function asks for. */
    STATUS_DATATYPE_MISALIGNMENT(0x80000002),
    /** Data was cut to the size of the buffer; a warning. */
    STATUS_BUFFER_OVERFLOW(0x80000005),
    /** The device is busy at the moment; a warning. */
    STATUS_DEVICE_BUSY(0x80000011),
    /** The operation failed for no more precise reason. */
    STATUS_UNSUCCESSFUL(0xC0000001),
    /** The handle does not name a live object. */
    STATUS_INVALID_HANDLE(0xC0000008),
    /** An argument is not valid. */
    STATUS_INVALID_PARAMETER(0xC000000D),
    /** The object does not know the request, or not in its kind. */
    STATUS_INVALID_DEVICE_REQUEST(0xC0000010),
    /** A completion routine keeps the IRP; completion stops here. */
    STATUS_MORE_PROCESSING_REQUIRED(0xC0000016),
    /** The caller is not entitled, or the redirect record was tampered with. */
    STATUS_ACCESS_DENIED(0xC0000022),
    /** The buffer cannot hold the result; the needed size is told. */
    STATUS_BUFFER_TOO_SMALL(0xC0000023),
    /** Lengths add up to more than the integer can hold. */
    STATUS_INTEGER_OVERFLOW(0xC0000095),
    /** Memory or another resource is exhausted. */
    STATUS_INSUFFICIENT_RESOURCES(0xC000009A),
    /** The device is not ready for the request. */
    STATUS_DEVICE_NOT_READY(0xC00000A3),
    /** This direction of the socket was shut down. */
    STATUS_PIPE_DISCONNECTED(0xC00000B0),
    /** The connection is dead or the socket is being closed. */
    STATUS_FILE_FORCED_CLOSED(0xC00000B6),
    /** The function is not supported for this object. */
    STATUS_NOT_SUPPORTED(0xC00000BB),
    /** A limit of outstanding requests is reached. */
    STATUS_TOO_MANY_COMMANDS(0xC00000C1),
    /** The callback does not take the connection or request. */
    STATUS_REQUEST_NOT_ACCEPTED(0xC00000D0),
    /** The request was cancelled. */
    STATUS_CANCELLED(0xC0000120),
    /** The connection was ended at this side. */
    STATUS_LOCAL_DISCONNECT(0xC000013B),
    /** The connection was ended at the far side. */
    STATUS_REMOTE_DISCONNECT(0xC000013C),
    /** The object is at the wrong stage for the request. */
    STATUS_INVALID_DEVICE_STATE(0xC0000184),
    /** The size of a buffer does not suit the request: a datagram of more bytes than a packet carries. */
    STATUS_INVALID_BUFFER_SIZE(0xC0000206),
    /** A part of the network address is not valid. */
    STATUS_INVALID_ADDRESS_COMPONENT(0xC0000207),
    /** The transport address is in use. */
    STATUS_ADDRESS_ALREADY_EXISTS(0xC000020A),
    /** The connection has been disconnected. */
    STATUS_CONNECTION_DISCONNECTED(0xC000020C),
    /** The connection has been reset by the far side. */
    STATUS_CONNECTION_RESET(0xC000020D),
    /** The receive callback did not take the data. */
    STATUS_DATA_NOT_ACCEPTED(0xC000021B),
    /** There is nothing to return: no redirect, or no context. */
    STATUS_NOT_FOUND(0xC0000225),
    /** The far side refused the connection. */
    STATUS_CONNECTION_REFUSED(0xC0000236),
    /** There is no connection. */
    STATUS_CONNECTION_INVALID(0xC000023A),
    /** There is a connection already. */
    STATUS_CONNECTION_ACTIVE(0xC000023B),
    /** No route leads to the network. */
    STATUS_NETWORK_UNREACHABLE(0xC000023C),
    /** No route leads to the host. */
    STATUS_HOST_UNREACHABLE(0xC000023D),
    /** Nobody takes datagrams at the remote port. */
    STATUS_PORT_UNREACHABLE(0xC000023F),
    /** The connection was aborted, for example at the end of a redirect loop. */
    STATUS_CONNECTION_ABORTED(0xC0000241),
    /** The interface or extension does not exist. */
    STATUS_NOINTERFACE(0xC00002B9),
    /** No callout has that key or id. */
    STATUS_FWP_CALLOUT_NOT_FOUND(0xC0220001),
    /** The layer does not offer the condition's field. */
    STATUS_FWP_CONDITION_NOT_FOUND(0xC0220002),
    /** No filter has that key or id. */
    STATUS_FWP_FILTER_NOT_FOUND(0xC0220003),
    /** No layer has that key or id. */
    STATUS_FWP_LAYER_NOT_FOUND(0xC0220004),
    /** No sub-layer has that key. */
    STATUS_FWP_SUBLAYER_NOT_FOUND(0xC0220007),
    /** The object of the filtering platform does not exist. */
    STATUS_FWP_NOT_FOUND(0xC0220008),
    /** An object with the same key or id exists. */
    STATUS_FWP_ALREADY_EXISTS(0xC0220009),
    /** Other objects still refer to the object. */
    STATUS_FWP_IN_USE(0xC022000A),
    /** The object cannot be used at that layer. */
    STATUS_FWP_INCOMPATIBLE_LAYER(0xC0220014),
    /** A pointer that is needed is null. */
    STATUS_FWP_NULL_POINTER(0xC022001C),
    /** A flag is unknown, or flags exclude each other. */
    STATUS_FWP_INVALID_FLAGS(0xC022001E),
    /** The action type does not fit here. */
    STATUS_FWP_INVALID_ACTION_TYPE(0xC0220024),
    /** The weight is neither empty, nor a range, nor a 64-bit number. */
    STATUS_FWP_INVALID_WEIGHT(0xC0220025),
    /** A callout's notifyFn returned a failure. */
    STATUS_FWP_CALLOUT_NOTIFICATION_FAILED(0xC0220037),
    /** The network stack is not ready for the call. */
    STATUS_FWP_TCPIP_NOT_READY(0xC0220100),
    /** The classification cannot be pended here. */
    STATUS_FWP_CANNOT_PEND(0xC0220103);

    private static final int SEVERITY_SHIFT = 30;

    private static final Map<Integer, NtStatus> BY_CODE =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(NtStatus::code, Function.identity()));

    private final int code;

    NtStatus(int code) {
        this.code = code;
    }

    /** {@return the 32-bit value; failures are negative as a Java int} */
    public int code() {
        return code;
    }

    /**
     * Looks a number up; total, never throws.
     *
     * @param code any number
     * @return the status with that number, or empty if there is none here
     */
    public static Optional<NtStatus> fromCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }

    /**
     * {@return whether the severity is success or informational, as the macro NT_SUCCESS tells; so true for {@link
     * #STATUS_PENDING} too}
     */
    public boolean isSuccess() {
        return code >= 0;
    }

    /**
     * {@return the error by which user mode knows the status, as RtlNtStatusToDosError gives it: what a completion port
     * reports, unlike Winsock, which has codes of its own; {@link Win32Error#ERROR_MR_MID_NOT_FOUND} for those that the
     * system knows no number for, and for the filtering platform's}
     *
     * <p>Source: RtlNtStatusToDosError function; public tables of it. Requirements: IOCP-10.
     */
    public Win32Error toDosError() {
        return switch (this) {
            case STATUS_SUCCESS -> Win32Error.NO_ERROR;
            case STATUS_PENDING -> Win32Error.WSA_IO_PENDING;
            case STATUS_DATATYPE_MISALIGNMENT -> Win32Error.ERROR_NOACCESS;
            case STATUS_BUFFER_OVERFLOW, STATUS_MORE_PROCESSING_REQUIRED -> Win32Error.ERROR_MORE_DATA;
            case STATUS_DEVICE_BUSY -> Win32Error.ERROR_BUSY;
            case STATUS_UNSUCCESSFUL -> Win32Error.ERROR_GEN_FAILURE;
            case STATUS_INVALID_HANDLE -> Win32Error.WSA_INVALID_HANDLE;
            case STATUS_INVALID_PARAMETER -> Win32Error.WSA_INVALID_PARAMETER;
            case STATUS_INVALID_DEVICE_REQUEST -> Win32Error.ERROR_INVALID_FUNCTION;
            case STATUS_ACCESS_DENIED -> Win32Error.ERROR_ACCESS_DENIED;
            case STATUS_BUFFER_TOO_SMALL -> Win32Error.ERROR_INSUFFICIENT_BUFFER;
            case STATUS_INTEGER_OVERFLOW -> Win32Error.ERROR_ARITHMETIC_OVERFLOW;
            case STATUS_INSUFFICIENT_RESOURCES -> Win32Error.ERROR_NO_SYSTEM_RESOURCES;
            case STATUS_DEVICE_NOT_READY -> Win32Error.ERROR_NOT_READY;
            case STATUS_PIPE_DISCONNECTED -> Win32Error.ERROR_PIPE_NOT_CONNECTED;
            case STATUS_FILE_FORCED_CLOSED -> Win32Error.ERROR_HANDLE_EOF;
            case STATUS_NOT_SUPPORTED -> Win32Error.ERROR_NOT_SUPPORTED;
            case STATUS_TOO_MANY_COMMANDS -> Win32Error.ERROR_TOO_MANY_CMDS;
            case STATUS_REQUEST_NOT_ACCEPTED -> Win32Error.ERROR_REQ_NOT_ACCEP;
            case STATUS_CANCELLED -> Win32Error.WSA_OPERATION_ABORTED;
            case STATUS_LOCAL_DISCONNECT,
                    STATUS_REMOTE_DISCONNECT,
                    STATUS_CONNECTION_DISCONNECTED,
                    STATUS_CONNECTION_RESET -> Win32Error.ERROR_NETNAME_DELETED;
            case STATUS_INVALID_DEVICE_STATE -> Win32Error.ERROR_BAD_COMMAND;
            case STATUS_INVALID_BUFFER_SIZE -> Win32Error.ERROR_INVALID_USER_BUFFER;
            case STATUS_INVALID_ADDRESS_COMPONENT -> Win32Error.ERROR_INVALID_NETNAME;
            case STATUS_ADDRESS_ALREADY_EXISTS -> Win32Error.ERROR_DUP_NAME;
            case STATUS_NOT_FOUND -> Win32Error.ERROR_NOT_FOUND;
            case STATUS_CONNECTION_REFUSED -> Win32Error.ERROR_CONNECTION_REFUSED;
            case STATUS_CONNECTION_INVALID -> Win32Error.ERROR_CONNECTION_INVALID;
            case STATUS_CONNECTION_ACTIVE -> Win32Error.ERROR_CONNECTION_ACTIVE;
            case STATUS_NETWORK_UNREACHABLE -> Win32Error.ERROR_NETWORK_UNREACHABLE;
            case STATUS_HOST_UNREACHABLE -> Win32Error.ERROR_HOST_UNREACHABLE;
            case STATUS_PORT_UNREACHABLE -> Win32Error.ERROR_PORT_UNREACHABLE;
            case STATUS_CONNECTION_ABORTED -> Win32Error.ERROR_CONNECTION_ABORTED;
            default -> Win32Error.ERROR_MR_MID_NOT_FOUND;
        };
    }

    /** {@return the severity that the two highest bits carry} */
    public Severity severity() {
        return switch (code >>> SEVERITY_SHIFT) {
            case 0 -> Severity.SUCCESS;
            case 1 -> Severity.INFORMATIONAL;
            case 2 -> Severity.WARNING;
            default -> Severity.ERROR;
        };
    }

    /** The four severities of a status, lowest first. */
    public enum Severity {
        /** The operation succeeded. */
        SUCCESS,
        /** It succeeded and there is something to know. */
        INFORMATIONAL,
        /** It was done in part; NT_SUCCESS is false. */
        WARNING,
        /** It failed. */
        ERROR
    }
}
