package io.github.wfpsim.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CodesTest {

    @ParameterizedTest
    @CsvSource({
        "STATUS_SUCCESS, SUCCESS, true",
        "STATUS_PENDING, SUCCESS, true",
        "STATUS_EVENT_PENDING, INFORMATIONAL, true",
        "STATUS_BUFFER_OVERFLOW, WARNING, false",
        "STATUS_DATATYPE_MISALIGNMENT, WARNING, false",
        "STATUS_UNSUCCESSFUL, ERROR, false",
        "STATUS_BUFFER_TOO_SMALL, ERROR, false",
        "STATUS_FWP_NOT_FOUND, ERROR, false",
    })
    void status_hasSeverityAndSuccessFromItsHighestBits(NtStatus status, NtStatus.Severity severity, boolean success) {
        assertThat(status.severity()).isEqualTo(severity);
        assertThat(status.isSuccess()).isEqualTo(success);
    }

    @ParameterizedTest
    @EnumSource
    void status_isSuccessExactlyIfNeitherWarningNorError(NtStatus status) {
        assertThat(status.isSuccess()).isEqualTo(status.severity().compareTo(NtStatus.Severity.WARNING) < 0);
    }

    @ParameterizedTest
    @EnumSource
    void controlCode_isWellFormed(ControlCode code) {
        assertThat(ControlCode.isWellFormed(code.code())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0x00000000, false", // nothing at all
        "0x180000DC, false", // a redirect code whose direction was forgotten
        "0x1FFFFFFF, false", // every bit but the three
        "0x200000DC, true",
        "0x400000DC, true",
        "0x800000DC, true",
        "0xC0000000, true",
    })
    void isWellFormed_asksForADirectionOnly(String code, boolean expected) {
        assertThat(ControlCode.isWellFormed(Long.decode(code).intValue())).isEqualTo(expected);
    }

    @Test
    void redirectCodes_areInputVendorCodes220To222() {
        assertThat(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code())
                .isEqualTo(ControlCode.IOC_IN | ControlCode.IOC_VENDOR | 220);
        assertThat(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code())
                .isEqualTo(ControlCode.IOC_IN | ControlCode.IOC_VENDOR | 221);
        assertThat(ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code())
                .isEqualTo(ControlCode.IOC_IN | ControlCode.IOC_VENDOR | 222);
    }

    @Test
    void terminatingActions_areBlockPermitAndTheTerminatingCallout() {
        assertThat(Arrays.stream(ActionType.values()).filter(ActionType::isTerminating))
                .containsExactlyInAnyOrder(
                        ActionType.FWP_ACTION_BLOCK,
                        ActionType.FWP_ACTION_PERMIT,
                        ActionType.FWP_ACTION_CALLOUT_TERMINATING);
    }

    @Test
    void calloutActions_areTheThreeThatNameACallout() {
        assertThat(Arrays.stream(ActionType.values()).filter(ActionType::isCallout))
                .containsExactlyInAnyOrder(
                        ActionType.FWP_ACTION_CALLOUT_TERMINATING,
                        ActionType.FWP_ACTION_CALLOUT_INSPECTION,
                        ActionType.FWP_ACTION_CALLOUT_UNKNOWN);
    }

    @Test
    void notFound_isThePublishedSignedNumber() {
        assertThat(Win32Error.FWP_E_NOT_FOUND.code()).isEqualTo(-2144206840);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, AF_INET", "0.0.0.0, AF_INET", "::1, AF_INET6", "fe80::1, AF_INET6"})
    void addressFamily_ofAnAddress(String address, AddressFamily family) throws UnknownHostException {
        assertThat(AddressFamily.of(InetAddress.getByName(address))).isEqualTo(family);
    }

    @Test
    void addressFamily_ofAMappedAddress_isIpv4() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xFF;
        mapped[11] = (byte) 0xFF;
        mapped[12] = 127;
        mapped[15] = 1;

        assertThat(AddressFamily.of(InetAddress.getByAddress(mapped))).isEqualTo(AddressFamily.AF_INET);
    }

    @Test
    void out_holdsWhatWasSet() {
        Out<String> out = Out.empty();
        assertThat(out.get()).isNull();
        assertThat(out).hasToString("Out[null]");

        out.set("result");
        assertThat(out.get()).isEqualTo("result");
        assertThat(out).hasToString("Out[result]");

        out.set(null);
        assertThat(out.get()).isNull();
    }

    @Test
    void outUlong_isUnsigned() {
        OutUlong out = new OutUlong();
        assertThat(out.value()).isZero();

        out.set(-1);
        assertThat(out.value()).isEqualTo(-1);
        assertThat(out.unsigned()).isEqualTo(0xFFFF_FFFFL);
        assertThat(out).hasToString("OutUlong[4294967295]");
    }
}
