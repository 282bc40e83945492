package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IpAddressTest {

    private static InetSocketAddress at(String address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }

    @Test
    void mappedForm_isAnIpv6AddressAndComesBack() throws Exception {
        InetSocketAddress v4 = at("203.0.113.9", 80);

        InetSocketAddress mapped = IpAddress.toV4Mapped(v4);

        assertThat(mapped.getAddress()).isInstanceOf(Inet6Address.class);
        assertThat(mapped.getAddress().getAddress())
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 203, 0, 113, 9);
        assertThat(mapped.getPort()).isEqualTo(80);
        assertThat(IpAddress.unmap(mapped)).isEqualTo(v4);
        assertThat(IpAddress.unmap(mapped.getAddress())).isInstanceOf(Inet4Address.class);
    }

    @ParameterizedTest
    @CsvSource({"2001:db8::1", "::1", "::", "::203.0.113.9", "1::ffff:203.0.113.9"})
    void otherIpv6Addresses_areNotUnmapped(String text) throws Exception {
        InetSocketAddress v6 = at(text, 1);

        assertThat(IpAddress.unmap(v6)).isSameAs(v6);
        assertThat(IpAddress.toV4Mapped(v6)).isSameAs(v6);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "127.255.0.9, true",
        "::1, true",
        "128.0.0.1, false",
        "0.0.0.0, false",
        "2001:db8::1, false"
    })
    void loopback_isTheWholeRange(String text, boolean expected) throws Exception {
        InetSocketAddress address = at(text, 0);

        assertThat(IpAddress.isLoopback(address.getAddress())).isEqualTo(expected);
        assertThat(IpAddress.isLoopback(IpAddress.toV4Mapped(address).getAddress()))
                .as("mapped")
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void wildcardAndLoopback_areOfTheirFamily(AddressFamily family) {
        assertThat(AddressFamily.of(IpAddress.wildcard(family))).isEqualTo(family);
        assertThat(IpAddress.wildcard(family).isAnyLocalAddress()).isTrue();
        assertThat(AddressFamily.of(IpAddress.loopback(family))).isEqualTo(family);
        assertThat(IpAddress.loopback(family).isLoopbackAddress()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2, 192.0.2.2:80",
        "2001:db8:0:0:0:0:0:2, [2001:db8::2]:80",
        "::, [::]:80",
        "::1, [::1]:80",
        "1::, [1::]:80",
        "1:0:0:2:0:0:0:3, [1:0:0:2::3]:80",
        "fe80:0:1:0:1:0:1:0, [fe80:0:1:0:1:0:1:0]:80"
    })
    void text_isWhatWindowsToolsShow(String address, String expected) throws Exception {
        assertThat(IpAddress.text(at(address, 80))).isEqualTo(expected);
    }

    @Test
    void text_ofAMappedAddress_showsTheIpv4Form() throws Exception {
        assertThat(IpAddress.text(IpAddress.toV4Mapped(at("192.0.2.2", 80)))).isEqualTo("[::ffff:192.0.2.2]:80");
    }

    @Test
    void unresolvedAddress_isRefusedByName() {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("example", 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.text(unresolved))
                .withMessageContaining("example");
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.unmap(unresolved));
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.toV4Mapped(unresolved));
    }

    @Test
    void fiveTuple_turnedRoundTwice_isItself() throws Exception {
        FiveTuple tuple = new FiveTuple(IpProtocol.IPPROTO_TCP, at("192.0.2.2", 5000), at("203.0.113.9", 80));

        assertThat(tuple.reversed().local()).isEqualTo(tuple.remote());
        assertThat(tuple.reversed().remote()).isEqualTo(tuple.local());
        assertThat(tuple.reversed().reversed()).isEqualTo(tuple);
    }

    @Test
    void fiveTuple_withAnUnresolvedEnd_isRefused() throws Exception {
        InetSocketAddress fine = at("192.0.2.2", 5000);

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new FiveTuple(IpProtocol.IPPROTO_TCP, fine, InetSocketAddress.createUnresolved("example", 80)))
                .withMessageContaining("example");
    }
}
