package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A dual-stack connection that was redirected from an IPv4 destination to an IPv6 one. */
@Timeout(20)
class FamilyChangeReauthorizationTest {

    @Test
    @Spec({"WFP-68", "WFP-73"})
    void flowAuthorizedAtBothFamilies_isAuthorizedAgainAtBoth() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET6)) {
            InetSocketAddress asked = new InetSocketAddress(RedirectBench.address(AddressFamily.AF_INET, 10), 80);
            bench.atConnectRedirect(
                    call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.origin)));
            Winsock winsock = bench.app.winsock();
            var socket = winsock.socket(AddressFamily.AF_INET6.code(), 1, 6);
            winsock.setsockopt(socket, IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0);
            assertThat(winsock.connect(socket, IpAddress.toV4Mapped(asked))).isZero();

            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).block());

            assertThat(bench.sim.connections())
                    .as("its first destination is blocked now")
                    .noneMatch(flow -> bench.origin.equals(flow.effectiveRemote()));
        }
    }
}
