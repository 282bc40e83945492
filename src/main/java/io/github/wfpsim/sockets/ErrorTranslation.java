package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.StreamStatus;
import java.io.IOException;

/**
 * The bridge from the error space of the stack to the codes of Winsock; nothing else translates.
 *
 * <p>Source: Windows Sockets Error Codes (SDK) and the catalogue's table "Conversions used by the two doors".
 * Requirements: WSA-14, WSA-30 to WSA-37, WSA-57.
 */
final class ErrorTranslation {

    private final Win32Error tooSmall;
    private final Win32Error notFound;
    private final boolean observed;
    private final boolean literal;

    ErrorTranslation(SimOptions options) {
        this.observed = options.has(Deviation.WINSOCK_ERRORS_OBSERVED);
        this.literal = options.has(Deviation.WINSOCK_SIZE_ERRORS_LITERAL);
        this.tooSmall = observed ? Win32Error.WSAEFAULT : Win32Error.ERROR_INSUFFICIENT_BUFFER;
        this.notFound = notFound(options);
    }

    private Win32Error notFound(SimOptions options) {
        if (observed) {
            return Win32Error.WSAEINVAL;
        }
        return options.has(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND)
                ? Win32Error.ERROR_NOT_FOUND
                : Win32Error.FWP_E_NOT_FOUND;
    }

    /** Whether the profile is the one that published clients report, in which sizes 1 to 3 are just too small (WSA-57). */
    boolean isObserved() {
        return observed;
    }

    /** Whether a buffer that is too small is just a bad argument, and the length stays untold (WSA-58). */
    boolean isLiteral() {
        return literal;
    }

    /** Translates the outcome of a redirect ioctl. */
    Win32Error of(ControlStatus status) {
        return switch (status) {
            case SUCCESS -> Win32Error.NO_ERROR;
            case TOO_SMALL -> tooSmall;
            case NOT_REDIRECTED, NO_CONTEXT -> notFound;
            case PROTOCOL_NOT_COVERED -> Win32Error.WSAENOPROTOOPT;
            case NOT_CONNECTED, CONNECTION_DEAD -> Win32Error.WSAENOTCONN;
            case CLOSED -> Win32Error.WSAEINTR;
            case NOT_TARGET_PROCESS,
                    NO_PRIVILEGE,
                    RECORD_CUT,
                    NO_RECORD,
                    RECORD_OF_ANOTHER_MACHINE,
                    RECORD_ALTERED,
                    RECORD_OF_ANOTHER_PROCESS -> Win32Error.WSAEACCES;
            case INTEGER_OVERFLOW, WRONG_SOCKET_TYPE, WRONG_STAGE -> Win32Error.WSAEINVAL;
        };
    }

    /** Translates the outcome of bind, whose page reports a wrong address family as WSAEFAULT. */
    Win32Error ofBind(NtStatus status) {
        return status == NtStatus.STATUS_INVALID_PARAMETER ? Win32Error.WSAEFAULT : of(status);
    }

    /** Translates the outcome of connect, whose page has codes of its own for a wrong family and a connect under way. */
    Win32Error ofConnect(NtStatus status) {
        return switch (status) {
            case STATUS_INVALID_PARAMETER -> Win32Error.WSAEAFNOSUPPORT;
            case STATUS_DEVICE_BUSY -> Win32Error.WSAEALREADY;
            default -> of(status);
        };
    }

    /** Translates the outcome of sending a datagram. */
    Win32Error ofSend(NtStatus status) {
        return status == NtStatus.STATUS_INVALID_PARAMETER ? Win32Error.WSAEAFNOSUPPORT : of(status);
    }

    /** Translates the outcome of receiving a datagram on a non-blocking socket or with a deadline. */
    Win32Error ofReceive(NtStatus status) {
        return status == NtStatus.STATUS_DEVICE_NOT_READY ? Win32Error.WSAEWOULDBLOCK : of(status);
    }

    /** Translates the outcome of accept on a non-blocking socket or with a deadline. */
    Win32Error ofAccept(NtStatus status) {
        return status == NtStatus.STATUS_DEVICE_NOT_READY ? Win32Error.WSAEWOULDBLOCK : of(status);
    }

    /** Translates the outcome of any other operation of the stack. */
    Win32Error of(NtStatus status) {
        return switch (status) {
            case STATUS_SUCCESS -> Win32Error.NO_ERROR;
            case STATUS_INVALID_PARAMETER, STATUS_INVALID_DEVICE_STATE, STATUS_INTEGER_OVERFLOW -> Win32Error.WSAEINVAL;
            case STATUS_INVALID_HANDLE -> Win32Error.WSAENOTSOCK;
            case STATUS_ACCESS_DENIED -> Win32Error.WSAEACCES;
            case STATUS_NOT_SUPPORTED, STATUS_INVALID_DEVICE_REQUEST -> Win32Error.WSAEOPNOTSUPP;
            case STATUS_INSUFFICIENT_RESOURCES -> Win32Error.WSAENOBUFS;
            case STATUS_DEVICE_NOT_READY, STATUS_NOINTERFACE -> Win32Error.WSAENETDOWN;
            case STATUS_CANCELLED -> Win32Error.WSAEINTR;
            case STATUS_INVALID_ADDRESS_COMPONENT -> Win32Error.WSAEADDRNOTAVAIL;
            case STATUS_ADDRESS_ALREADY_EXISTS -> Win32Error.WSAEADDRINUSE;
            case STATUS_CONNECTION_ACTIVE -> Win32Error.WSAEISCONN;
            case STATUS_CONNECTION_INVALID, STATUS_FILE_FORCED_CLOSED -> Win32Error.WSAENOTCONN;
            case STATUS_PIPE_DISCONNECTED -> Win32Error.WSAESHUTDOWN;
            case STATUS_CONNECTION_REFUSED -> Win32Error.WSAECONNREFUSED;
            case STATUS_CONNECTION_ABORTED, STATUS_LOCAL_DISCONNECT -> Win32Error.WSAECONNABORTED;
            case STATUS_INVALID_BUFFER_SIZE, STATUS_BUFFER_OVERFLOW -> Win32Error.WSAEMSGSIZE;
            case STATUS_PORT_UNREACHABLE,
                    STATUS_CONNECTION_RESET,
                    STATUS_CONNECTION_DISCONNECTED,
                    STATUS_REMOTE_DISCONNECT -> Win32Error.WSAECONNRESET;
            case STATUS_NETWORK_UNREACHABLE -> Win32Error.WSAENETUNREACH;
            case STATUS_HOST_UNREACHABLE -> Win32Error.WSAEHOSTUNREACH;
            default -> throw new AssertionError("no Winsock code for " + status + ", which no operation should return");
        };
    }

    /** Translates what ended a send or receive. */
    Win32Error of(IOException failure, SocketEntry entry) {
        if (entry.isClosed()) {
            // Conversions table: cancelled is WSAEINTR for a blocking call.
            return Win32Error.WSAEINTR;
        }
        NtStatus status = StreamStatus.ofTransfer(failure, entry.kernel().stream());
        return status == NtStatus.STATUS_DEVICE_NOT_READY ? Win32Error.WSAETIMEDOUT : of(status);
    }

    /** What ends an overlapped send or receive; a close that is not done yet ends it as what the stream says. */
    OverlappedTurn.Result endOf(IOException failure, SocketEntry entry) {
        NtStatus status = StreamStatus.ofTransfer(failure, entry.kernel().stream());
        return OverlappedTurn.Result.failed(status, of(failure, entry));
    }
}
