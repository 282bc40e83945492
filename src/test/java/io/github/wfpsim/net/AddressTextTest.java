package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as people write them. */
class AddressTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.10:80",
                "0.0.0.0:0",
                "127.0.0.1:65535",
                "255.255.255.255:1",
                "[2001:db8::10]:443",
                "[::]:0",
                "[::1]:8080"
            })
    void address_isReadAsItIsWritten(String text) {
        InetSocketAddress read = IpAddress.parse(text);

        assertThat(IpAddress.text(read)).isEqualTo(text);
        assertThat(read.getAddress()).isInstanceOf(text.startsWith("[") ? Inet6Address.class : Inet4Address.class);
    }

    @Test
    void v4MappedAddress_isReadAsTheIpv4AddressInIt() {
        assertThat(IpAddress.parse("[::ffff:203.0.113.10]:80")).isEqualTo(IpAddress.parse("203.0.113.10:80"));
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.10, no address with a port",
        "2001:db8::10:80, brackets",
        "::1, brackets",
        "[2001:db8::10], no address with a port",
        "203.0.113.10:65536, 65535",
        "203.0.113.10:-1, no address with a port",
        "203.0.113.10:http, no address with a port",
        "example.com:80, names are not looked up",
        "localhost:80, names are not looked up",
        "203.0.113:80, no IP address",
        "203.0.113.256:80, no IP address",
        "203.0.113.10.1:80, no IP address",
        "1:80, no IP address",
        ":80, no IP address",
        "[]:80, no IP address",
        "[203.0.113.10]:80, no IP address",
        "[fe80::1%eth0]:80, no IP address",
        "[2001:db8:::10]:80, no IP address",
        "[g::1]:80, no IP address",
    })
    void text_thatIsNoAddress_isRefusedWithTheValueAndWhatToWrite(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.parse(text))
                .withMessageContaining("\"" + text + "\"")
                .withMessageContaining(why)
                .withMessageContaining("203.0.113.10:443")
                .withMessageContaining("[2001:db8::10]:443");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "host", "1", "203.0.113.10:80", "[::1]", "fe80::1%1", "203.0.113.10 "})
    void hostAlone_thatIsNoAddress_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.parseHost(text))
                .withMessageContaining("\"" + text + "\"")
                .withMessageContaining("203.0.113.10");
    }

    @Test
    void hostAlone_isReadInBothFamilies() {
        assertThat(IpAddress.parseHost("203.0.113.10")).isInstanceOf(Inet4Address.class);
        assertThat(IpAddress.parseHost("2001:db8::10")).isInstanceOf(Inet6Address.class);
    }

    @Test
    void veryLongText_isCutInTheMessage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.parse("x".repeat(10_000)))
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(250));
    }

    @Test
    void nullText_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> IpAddress.parse(null)).withMessageContaining("203.0.113.10");
        assertThatNullPointerException().isThrownBy(() -> IpAddress.parseHost(null));
    }
}
