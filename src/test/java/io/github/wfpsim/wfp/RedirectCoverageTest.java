package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class RedirectCoverageTest {

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "AF_INET, SOCK_STREAM, IPPROTO_TCP, true",
        "AF_INET6, SOCK_STREAM, IPPROTO_TCP, true",
        "AF_INET, SOCK_DGRAM, IPPROTO_UDP, true",
        "AF_INET6, SOCK_DGRAM, IPPROTO_UDP, true",
        "AF_INET, SOCK_RAW, IPPROTO_UDP, true",
        "AF_INET6, SOCK_RAW, IPPROTO_UDP, false",
        "AF_INET, SOCK_RAW, IPPROTO_ICMP, true",
        "AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, true"
    })
    @Spec("WFP-04")
    void redirectLayers_areAskedForTheProtocolsTheyCover(
            AddressFamily family, SocketType type, IpProtocol protocol, boolean covered) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Layer> asked = new ArrayList<>();
            bench.at(
                    Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                    call -> asked.add(call.values().layer()));
            bench.at(
                    Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                    call -> asked.add(call.values().layer()));
            Winsock winsock = bench.proxy.winsock();
            SocketHandle socket = winsock.socket(family, type, protocol);
            assertThat(socket).isNotEqualTo(SocketHandle.INVALID_SOCKET);

            assertThat(winsock.bind(socket, new InetSocketAddress(IpAddress.loopback(family), 7000)))
                    .isZero();

            List<Layer> expected = new ArrayList<>();
            if (covered) {
                expected.add(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family));
            }
            expected.add(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family));
            assertThat(asked).isEqualTo(expected);
        }
    }
}
