package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls whose socket is closed while they are under way; here by a callout that they ask, elsewhere by another thread. */
@Timeout(20)
class LostSocketTest {

    private static final InetSocketAddress HERE = IpAddress.parse("127.0.0.1:8080");

    @SuppressWarnings("ImmutableEnumChecker") // The lambdas hold nothing.
    private enum Lost {
        BIND(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4, call -> call.winsock.bind(call.socket, HERE)),
        LISTEN(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4, call -> {
            assertThat(call.winsock.bind(call.socket, HERE)).isZero();
            return call.winsock.listen(call.socket, 5);
        }),
        CONNECT(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, call -> call.winsock.connect(call.socket, HERE));

        private final Layer layer;
        private final ToIntFunction<Call> call;

        Lost(Layer layer, ToIntFunction<Call> call) {
            this.layer = layer;
            this.call = call;
        }
    }

    private record Call(Winsock winsock, SocketHandle socket) {}

    @ParameterizedTest
    @EnumSource(Lost.class)
    @Spec("CONC-20")
    void callThatLosesItsSocket_isInterrupted(Lost lost) {
        try (WfpSim sim = WfpSim.open()) {
            Winsock winsock = sim.process("C:\\client.exe", Token.STANDARD_USER).winsock();
            Call call = new Call(winsock, winsock.socket(AddressFamily.AF_INET.code(), 1, 6));
            KernelDriver driver = sim.loadDriver("closer.sys");
            UUID key = new UUID(7, 7);
            try (CalloutRegistration callout = driver.registerCallout(
                    key, (values, meta, data, context, filter, flow, out) -> winsock.closesocket(call.socket))) {
                sim.fwpm().addFilter(Filter.at(lost.layer).callout(callout.calloutKey()));

                assertFailed(winsock, lost.call.applyAsInt(call), Win32Error.WSAEINTR);

                assertThat(sim.connections()).isEmpty();
                assertFailed(winsock, winsock.closesocket(call.socket), Win32Error.WSAENOTSOCK);
            }
        }
    }
}
