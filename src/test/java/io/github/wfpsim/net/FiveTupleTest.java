package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FiveTupleTest {

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void equals_whenEveryPartIsEqual_isTrue(AddressFamily family) {
        FiveTuple one = tuple(family, 1, 2);

        assertThat(tuple(family, 1, 2)).isEqualTo(one).hasSameHashCodeAs(one);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void equals_whenOnePartDiffers_isFalse(AddressFamily family) {
        FiveTuple one = tuple(family, 1, 2);

        assertThat(one)
                .isNotEqualTo(tuple(family, 3, 2))
                .isNotEqualTo(tuple(family, 1, 3))
                .isNotEqualTo(new FiveTuple(IpProtocol.IPPROTO_UDP, one.local(), one.remote()))
                .isNotEqualTo(
                        new FiveTuple(IpProtocol.IPPROTO_TCP, Hosts.at(family, 1, 5001), Hosts.at(family, 2, 5000)));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void reversed_exchangesTheEnds(AddressFamily family) {
        FiveTuple one = tuple(family, 1, 2);

        assertThat(one.reversed()).isEqualTo(tuple(family, 2, 1)).isNotEqualTo(one);
        assertThat(one.reversed().reversed()).isEqualTo(one);
    }

    @Test
    void tuple_readsAsAddressesAreWritten() {
        FiveTuple tuple = new FiveTuple(
                IpProtocol.IPPROTO_TCP, IpAddress.parse("192.0.2.2:49152"), IpAddress.parse("[2001:db8::1]:80"));

        assertThat(tuple).hasToString("IPPROTO_TCP 192.0.2.2:49152 -> [2001:db8::1]:80");
    }

    @Test
    void unresolvedEnd_isRejectedByName() {
        InetSocketAddress good = Hosts.at(AddressFamily.AF_INET, 1, 80);
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("host.example", 80);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FiveTuple(IpProtocol.IPPROTO_TCP, unresolved, good))
                .withMessageContaining("local")
                .withMessageContaining("host.example")
                .withMessageContaining("not resolved");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FiveTuple(IpProtocol.IPPROTO_TCP, good, unresolved))
                .withMessageContaining("remote")
                .withMessageContaining("host.example");
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void nullPart_isNamed() {
        InetSocketAddress good = Hosts.at(AddressFamily.AF_INET, 1, 80);

        assertThatNullPointerException()
                .isThrownBy(() -> new FiveTuple(null, good, good))
                .withMessageContaining("protocol must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> new FiveTuple(IpProtocol.IPPROTO_TCP, null, good))
                .withMessageContaining("local must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> new FiveTuple(IpProtocol.IPPROTO_TCP, good, null))
                .withMessageContaining("remote must not be null");
    }

    private static FiveTuple tuple(AddressFamily family, int local, int remote) {
        return new FiveTuple(IpProtocol.IPPROTO_TCP, Hosts.at(family, local, 5000), Hosts.at(family, remote, 5000));
    }
}
