package io.github.wfpsim.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The context that WFPSampler writes: two SOCKADDR_STORAGE, remote first. */
class OriginalDestinationTest {

    private static OriginalDestination of(String remote, String local) {
        return new OriginalDestination(IpAddress.parse(remote), IpAddress.parse(local));
    }

    @Test
    void destination_readsAsAddressesAreWritten() {
        assertThat(new OriginalDestination(IpAddress.parse("203.0.113.10:80"), IpAddress.parse("[::]:0")))
                .hasToString("OriginalDestination[remote=203.0.113.10:80, local=[::]:0]");
    }

    @Test
    @Spec("REC-27")
    void ipv4_isTwoSockaddrIn_eachIn128Bytes() {
        byte[] context = of("203.0.113.10:443", "192.0.2.2:49152").encode();

        assertThat(context).hasSize(256);
        assertThat(Arrays.copyOf(context, 8)).containsExactly(2, 0, 0x01, 0xBB, 203, 0, 113, 10);
        assertThat(Arrays.copyOfRange(context, 128, 136)).containsExactly(2, 0, 0xC0, 0x00, 192, 0, 2, 2);
        assertThat(Arrays.copyOfRange(context, 8, 128)).containsOnly((byte) 0);
    }

    @Test
    @Spec("REC-27")
    void ipv6_isTwoSockaddrIn6_withFlowInfoAndScopeZero() {
        byte[] context = of("[2001:db8::10]:443", "[::]:0").encode();

        assertThat(Arrays.copyOf(context, 8)).containsExactly(23, 0, 0x01, 0xBB, 0, 0, 0, 0);
        assertThat(Arrays.copyOfRange(context, 8, 24))
                .containsExactly(0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10);
        assertThat(Arrays.copyOfRange(context, 24, 128)).containsOnly((byte) 0);
        assertThat(context[128]).isEqualTo((byte) 23);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.10:443, 0.0.0.0:0",
        "203.0.113.10:65535, 192.0.2.2:49152",
        "[2001:db8::10]:80, [2001:db8::2]:1",
    })
    void decode_undoesEncode(String remote, String local) {
        OriginalDestination original = of(remote, local);

        assertThat(OriginalDestination.decode(original.encode())).isEqualTo(original);
    }

    @Test
    @Spec("WFP-06")
    void v4MappedAddress_isWrittenAsIpv6_andReadAsTheIpv4AddressInIt() {
        InetSocketAddress plain = IpAddress.parse("203.0.113.10:443");
        byte[] context = new OriginalDestination(IpAddress.toV4Mapped(plain), IpAddress.parse("[::]:0")).encode();

        assertThat(context[0]).isEqualTo((byte) 23);
        assertThat(OriginalDestination.decode(context).remote()).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 6, 255, 257})
    void decode_ofAnotherSize_saysWhichItWants(int size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginalDestination.decode(new byte[size]))
                .withMessageContaining("256")
                .withMessageContaining(Integer.toString(size));
    }

    @Test
    void decode_ofSomethingElse_saysSo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginalDestination.decode(new byte[256]))
                .withMessageContaining("family 0");
    }

    @Test
    void nullOrUnresolved_isRefused() {
        InetSocketAddress there = IpAddress.parse("203.0.113.10:443");
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("example", 443);

        assertThatNullPointerException().isThrownBy(() -> new OriginalDestination(null, there));
        assertThatNullPointerException().isThrownBy(() -> OriginalDestination.decode(null));
        assertThatIllegalArgumentException().isThrownBy(() -> new OriginalDestination(there, unresolved));
    }
}
