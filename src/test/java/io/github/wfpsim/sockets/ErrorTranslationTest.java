package io.github.wfpsim.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.stack.ControlStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorTranslationTest {

    private final ErrorTranslation documented = new ErrorTranslation(SimOptions.defaults());
    private final ErrorTranslation errorNotFound =
            new ErrorTranslation(SimOptions.defaults().with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND));
    private final ErrorTranslation observed =
            new ErrorTranslation(SimOptions.defaults().with(Deviation.WINSOCK_ERRORS_OBSERVED));

    /** The table "Conversions used by the two doors": documented, with ERROR_NOT_FOUND, observed. */
    @ParameterizedTest
    @CsvSource({
        "SUCCESS, NO_ERROR, NO_ERROR, NO_ERROR",
        "TOO_SMALL, ERROR_INSUFFICIENT_BUFFER, ERROR_INSUFFICIENT_BUFFER, WSAEFAULT",
        "PROTOCOL_NOT_COVERED, WSAENOPROTOOPT, WSAENOPROTOOPT, WSAENOPROTOOPT",
        "NOT_CONNECTED, WSAENOTCONN, WSAENOTCONN, WSAENOTCONN",
        "CLOSED, WSAEINTR, WSAEINTR, WSAEINTR",
        "CONNECTION_DEAD, WSAENOTCONN, WSAENOTCONN, WSAENOTCONN",
        "NOT_REDIRECTED, FWP_E_NOT_FOUND, ERROR_NOT_FOUND, WSAEINVAL",
        "NOT_TARGET_PROCESS, WSAEACCES, WSAEACCES, WSAEACCES",
        "NO_CONTEXT, FWP_E_NOT_FOUND, ERROR_NOT_FOUND, WSAEINVAL",
        "INTEGER_OVERFLOW, WSAEINVAL, WSAEINVAL, WSAEINVAL",
        "WRONG_SOCKET_TYPE, WSAEINVAL, WSAEINVAL, WSAEINVAL",
        "WRONG_STAGE, WSAEINVAL, WSAEINVAL, WSAEINVAL",
        "NO_PRIVILEGE, WSAEACCES, WSAEACCES, WSAEACCES",
        "RECORD_CUT, WSAEACCES, WSAEACCES, WSAEACCES",
        "NO_RECORD, WSAEACCES, WSAEACCES, WSAEACCES",
        "RECORD_OF_ANOTHER_MACHINE, WSAEACCES, WSAEACCES, WSAEACCES",
        "RECORD_ALTERED, WSAEACCES, WSAEACCES, WSAEACCES",
        "RECORD_OF_ANOTHER_PROCESS, WSAEACCES, WSAEACCES, WSAEACCES"
    })
    @Spec({"WSA-14", "WSA-30", "WSA-31", "WSA-33", "WSA-34", "WSA-36", "WSA-37", "WSA-57"})
    void redirectOutcome_inEachProfile_hasItsCode(
            ControlStatus status, Win32Error byDefault, Win32Error withKnob, Win32Error fromField) {
        assertThat(documented.of(status)).isEqualTo(byDefault);
        assertThat(errorNotFound.of(status)).isEqualTo(withKnob);
        assertThat(observed.of(status)).isEqualTo(fromField);
    }

    @ParameterizedTest
    @CsvSource({
        "STATUS_SUCCESS, NO_ERROR",
        "STATUS_INVALID_PARAMETER, WSAEINVAL",
        "STATUS_INVALID_DEVICE_STATE, WSAEINVAL",
        "STATUS_INVALID_DEVICE_REQUEST, WSAEOPNOTSUPP",
        "STATUS_INVALID_HANDLE, WSAENOTSOCK",
        "STATUS_ACCESS_DENIED, WSAEACCES",
        "STATUS_NOT_SUPPORTED, WSAEOPNOTSUPP",
        "STATUS_INSUFFICIENT_RESOURCES, WSAENOBUFS",
        "STATUS_DEVICE_NOT_READY, WSAENETDOWN",
        "STATUS_CANCELLED, WSAEINTR",
        "STATUS_INVALID_ADDRESS_COMPONENT, WSAEADDRNOTAVAIL",
        "STATUS_ADDRESS_ALREADY_EXISTS, WSAEADDRINUSE",
        "STATUS_CONNECTION_ACTIVE, WSAEISCONN",
        "STATUS_CONNECTION_INVALID, WSAENOTCONN",
        "STATUS_PIPE_DISCONNECTED, WSAESHUTDOWN",
        "STATUS_FILE_FORCED_CLOSED, WSAENOTCONN",
        "STATUS_CONNECTION_REFUSED, WSAECONNREFUSED",
        "STATUS_CONNECTION_ABORTED, WSAECONNABORTED",
        "STATUS_CONNECTION_RESET, WSAECONNRESET",
        "STATUS_NETWORK_UNREACHABLE, WSAENETUNREACH",
        "STATUS_HOST_UNREACHABLE, WSAEHOSTUNREACH"
    })
    void status_ofAnOperation_hasItsCode(NtStatus status, Win32Error expected) {
        assertThat(documented.of(status)).isEqualTo(expected);
        assertThat(observed.of(status)).isEqualTo(expected);
    }

    @Test
    void sameStatus_ofDifferentCalls_hasTheCodeOfTheirPages() {
        assertThat(documented.ofBind(NtStatus.STATUS_INVALID_PARAMETER)).isEqualTo(Win32Error.WSAEFAULT);
        assertThat(documented.ofConnect(NtStatus.STATUS_INVALID_PARAMETER)).isEqualTo(Win32Error.WSAEAFNOSUPPORT);
        assertThat(documented.ofAccept(NtStatus.STATUS_DEVICE_NOT_READY)).isEqualTo(Win32Error.WSAEWOULDBLOCK);
        assertThat(documented.ofBind(NtStatus.STATUS_ACCESS_DENIED)).isEqualTo(Win32Error.WSAEACCES);
        assertThat(documented.ofConnect(NtStatus.STATUS_ACCESS_DENIED)).isEqualTo(Win32Error.WSAEACCES);
        assertThat(documented.ofAccept(NtStatus.STATUS_CANCELLED)).isEqualTo(Win32Error.WSAEINTR);
    }

    @Test
    void statusThatNoOperationReturns_isABugAndNotACode() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> documented.of(NtStatus.STATUS_PENDING))
                .withMessageContaining("STATUS_PENDING");
    }
}
