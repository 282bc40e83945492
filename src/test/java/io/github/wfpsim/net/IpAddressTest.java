package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.AddressFamily;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpAddressTest {

    private static final InetSocketAddress V4 = new InetSocketAddress(literal("192.0.2.2"), 80);
    private static final InetSocketAddress V6 = new InetSocketAddress(literal("2001:db8::2"), 80);

    // ---- text

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2, 192.0.2.2:80",
        "0.0.0.0, 0.0.0.0:80",
        "2001:db8::2, [2001:db8::2]:80",
        "::, [::]:80",
        "::1, [::1]:80",
        "1::, [1::]:80",
        "2001:db8:0:1::10, [2001:db8:0:1::10]:80",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:80",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:80",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:80",
        "1:2:3:4:5:6:7:8, [1:2:3:4:5:6:7:8]:80",
        "2001:DB8::A, [2001:db8::a]:80"
    })
    void text_writesTheShortFormWithPort(String address, String text) {
        assertThat(IpAddress.text(new InetSocketAddress(literal(address), 80))).isEqualTo(text);
    }

    @Test
    void text_whenV4Mapped_showsTheDots() {
        assertThat(IpAddress.text(IpAddress.toV4Mapped(V4))).isEqualTo("[::ffff:192.0.2.2]:80");
    }

    @Test
    void text_whenScoped_keepsTheScope() throws UnknownHostException {
        InetAddress scoped = Inet6Address.getByAddress(null, literal("fe80::1").getAddress(), 7);

        assertThat(IpAddress.text(new InetSocketAddress(scoped, 80))).isEqualTo("[fe80::1%7]:80");
    }

    @Test
    void text_whenUnresolved_showsTheName() {
        assertThat(IpAddress.text(InetSocketAddress.createUnresolved("host.example", 80)))
                .isEqualTo("host.example:80");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2", "::", "1:2:3:4:5:6:7:8"})
    void hostText_isReadAsItWasWritten(String text) {
        assertThat(IpAddress.hostText(IpAddress.parseHost(text))).isEqualTo(text);
    }

    // ---- v4-mapped

    @Test
    void toV4Mapped_givesTheMappedFormThatStaysMapped() {
        InetSocketAddress mapped = IpAddress.toV4Mapped(V4);

        assertThat(mapped.getAddress()).isInstanceOf(Inet6Address.class);
        assertThat(mapped.getAddress().getAddress())
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 2);
        assertThat(mapped.getPort()).isEqualTo(80);
    }

    @Test
    void toV4Mapped_ofIpv6_changesNothing() {
        assertThat(IpAddress.toV4Mapped(V6)).isSameAs(V6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "192.0.2.2", "255.255.255.255"})
    void unmap_undoesToV4Mapped(String address) {
        InetSocketAddress plain = new InetSocketAddress(literal(address), 4242);
        InetSocketAddress mapped = IpAddress.toV4Mapped(plain);

        assertThat(IpAddress.unmap(mapped)).isEqualTo(plain);
        assertThat(IpAddress.unmap(mapped.getAddress())).isEqualTo(plain.getAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2", "::", "::1", "::192.0.2.2", "1::ffff:c000:202"})
    void unmap_ofWhatIsNotMapped_changesNothing(String address) {
        InetSocketAddress plain = new InetSocketAddress(literal(address), 1);

        assertThat(IpAddress.unmap(plain)).isSameAs(plain);
        assertThat(IpAddress.unmap(plain.getAddress())).isSameAs(plain.getAddress());
    }

    // ---- wildcard and loopback

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void wildcard_isUnspecifiedAddressOfTheFamily(AddressFamily family) {
        InetAddress wildcard = IpAddress.wildcard(family);

        assertThat(wildcard.isAnyLocalAddress()).isTrue();
        assertThat(AddressFamily.of(wildcard)).isEqualTo(family);
        assertThat(IpAddress.isLoopback(wildcard)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void loopback_isLoopbackAddressOfTheFamily(AddressFamily family) {
        InetAddress loopback = IpAddress.loopback(family);

        assertThat(IpAddress.isLoopback(loopback)).isTrue();
        assertThat(AddressFamily.of(loopback)).isEqualTo(family);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.0", "127.255.255.255", "::1"})
    void isLoopback_forLoopback_isTrue(String address) {
        assertThat(IpAddress.isLoopback(literal(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"126.255.255.255", "128.0.0.0", "192.0.2.2", "::", "::2", "2001:db8::1"})
    void isLoopback_forOthers_isFalse(String address) {
        assertThat(IpAddress.isLoopback(literal(address))).isFalse();
    }

    @Test
    void isLoopback_forMappedAddresses_looksInside() {
        InetSocketAddress loopback = new InetSocketAddress(literal("127.1.2.3"), 0);

        assertThat(IpAddress.isLoopback(IpAddress.toV4Mapped(loopback).getAddress()))
                .isTrue();
        assertThat(IpAddress.isLoopback(IpAddress.toV4Mapped(V4).getAddress())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.0", "239.255.255.255", "255.255.255.255", "ff02::1"})
    void addressOfSeveralMachines_isOne(String address) {
        assertThat(IpAddress.isBroadcastOrMulticast(literal(address))).isTrue();
        assertThat(IpAddress.isBroadcastOrMulticast(IpAddress.toV4Mapped(new InetSocketAddress(literal(address), 0))
                        .getAddress()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"223.255.255.255", "240.0.0.0", "255.255.255.254", "192.0.2.255", "::", "fe80::1"})
    void addressOfOneMachine_isNotOfSeveral(String address) {
        assertThat(IpAddress.isBroadcastOrMulticast(literal(address))).isFalse();
    }

    // ---- bad arguments

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void nullArguments_areNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.wildcard(null))
                .withMessageContaining("family must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.loopback(null))
                .withMessageContaining("family must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.isLoopback(null))
                .withMessageContaining("address must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.unmap((InetAddress) null))
                .withMessageContaining("address must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.unmap((InetSocketAddress) null))
                .withMessageContaining("address must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.toV4Mapped(null))
                .withMessageContaining("address must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.text(null))
                .withMessageContaining("address must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> IpAddress.hostText(null))
                .withMessageContaining("address must not be null");
    }

    @Test
    void unresolvedAddress_isRejectedByName() {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("host.example", 80);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.unmap(unresolved))
                .withMessage("host.example:80 is not resolved: give an IP address");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.toV4Mapped(unresolved))
                .withMessageContaining("host.example");
    }

    private static InetAddress literal(String address) {
        return Hosts.literal(address);
    }
}
