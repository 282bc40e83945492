package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.BlockedCall;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
final class FabricTest {

    private static final int PORT = 80;

    private final Fabric network = new Fabric();

    @AfterEach
    void closeNetwork() {
        network.close();
    }

    /** A machine that takes every connection and remembers what it was offered. */
    private static final class Machine implements NetworkNode {

        private final List<FiveTuple> offered = new ArrayList<>();
        private final PipeStream.Pair pair = Pairs.of(1024);

        @Override
        public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
            offered.add(asSeenByReceiver);
            dialer.letIn(new Accepted(pair.left()));
        }
    }

    private record Accepted(DuplexStream dialerEnd) implements InboundConnection {

        @Override
        public void established() {}

        @Override
        public void abandon() {
            dialerEnd.reset();
        }
    }

    // ---- machines

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void offer_withTwoMachines_reachesTheOneWithTheAddress(AddressFamily family) throws Exception {
        Machine first = attach(Hosts.host(family, 1));
        Machine second = attach(Hosts.host(family, 2));

        InboundConnection made = Offered.on(network, dial(Hosts.at(family, 2, PORT)));

        assertThat(first.offered).isEmpty();
        assertThat(second.offered)
                .containsExactly(dial(Hosts.at(family, 2, PORT)).reversed());
        Bytes.write(made.dialerEnd(), "hello");
        assertThat(Bytes.read(second.pair.right(), 5)).isEqualTo("hello");
    }

    @Test
    void offer_toEachAddressOfAMachine_reachesIt() throws Exception {
        Machine machine = new Machine();
        network.attach(Hosts.host(AddressFamily.AF_INET, 1), machine);
        network.attach(Hosts.host(AddressFamily.AF_INET6, 1), machine);

        Offered.on(network, dial(Hosts.at(AddressFamily.AF_INET, 1, PORT)));
        Offered.on(network, dial(Hosts.at(AddressFamily.AF_INET6, 1, PORT)));

        assertThat(machine.offered).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void attach_whenTheAddressIsTaken_isRejectedAndKeepsTheFirst(AddressFamily family) throws Exception {
        Machine first = attach(Hosts.host(family, 1));

        assertThatIllegalStateException()
                .isThrownBy(() -> attach(Hosts.host(family, 1)))
                .withMessageContaining(" " + IpAddress.hostText(Hosts.host(family, 1)) + " ")
                .withMessageContaining("taken");
        Offered.on(network, dial(Hosts.at(family, 1, PORT)));
        assertThat(first.offered).hasSize(1);
    }

    @Test
    void attach_afterDetach_givesTheAddressToTheNext() throws Exception {
        InetAddress address = Hosts.host(AddressFamily.AF_INET, 1);
        attach(address);
        network.detach(address);
        Machine next = attach(address);

        Offered.on(network, dial(new InetSocketAddress(address, PORT)));

        assertThat(next.offered).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void offer_toAnUnknownAddress_findsNoRoute(AddressFamily family) {
        attach(Hosts.host(family, 1));

        assertThatExceptionOfType(NoRouteToHostException.class)
                .isThrownBy(() -> Offered.on(network, dial(Hosts.at(family, 2, PORT))))
                .withMessageContaining(" " + IpAddress.text(Hosts.at(family, 2, PORT)));
    }

    @Test
    void offer_afterDetach_findsNoRoute() {
        attach(Hosts.host(AddressFamily.AF_INET, 1));
        network.detach(Hosts.host(AddressFamily.AF_INET, 1));

        assertThatExceptionOfType(NoRouteToHostException.class)
                .isThrownBy(() -> Offered.on(network, dial(Hosts.at(AddressFamily.AF_INET, 1, PORT))));
    }

    @Test
    void offer_toTheAddressOfAServerAndAMachine_goesToTheServerAtItsPort() throws Exception {
        Machine machine = attach(Hosts.host(AddressFamily.AF_INET, 1));
        RemoteServer server = network.listen(Hosts.at(AddressFamily.AF_INET, 1, PORT));

        Offered.on(network, dial(server.address())).established();
        Offered.on(network, dial(Hosts.at(AddressFamily.AF_INET, 1, PORT + 1)));

        assertThat(server.accept(Deadline.NEVER)).isNotNull();
        assertThat(machine.offered)
                .extracting(FiveTuple::local)
                .containsExactly(Hosts.at(AddressFamily.AF_INET, 1, 81));
    }

    // ---- servers

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void listen_whenSomethingListensThere_isRejected(AddressFamily family) {
        InetSocketAddress address = Hosts.at(family, 1, PORT);
        network.listen(address);

        assertThatIllegalStateException()
                .isThrownBy(() -> network.listen(address))
                .withMessageContaining(" " + IpAddress.text(address));
        assertThatIllegalStateException().isThrownBy(() -> network.bridge(address, loopback()));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void offer_toAnotherPortOfAServer_isRefused(AddressFamily family) {
        network.listen(Hosts.at(family, 1, PORT));

        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> Offered.on(network, dial(Hosts.at(family, 1, PORT + 1))))
                .withMessageContaining("nobody listens")
                .withMessageContaining(Integer.toString(PORT + 1));
    }

    @Test
    void close_closesServersAndFreesTheirAddresses() throws Exception {
        RemoteServer server = network.listen(Hosts.at(AddressFamily.AF_INET, 1, PORT));
        BlockedCall<Boolean> accepter = BlockedCall.startAndAwaitBlocked(() -> server.accept(Deadline.NEVER) == null);

        network.close();
        network.close();

        assertThat(accepter.result()).isTrue();
        assertThatThrownBy(() -> Offered.on(network, dial(server.address()))).isInstanceOf(IOException.class);
    }

    @Test
    void close_whileAConnectionIsUnderWay_resetsIt() throws Exception {
        RemoteServer server = network.listen(Hosts.at(AddressFamily.AF_INET, 1, PORT));
        InboundConnection waiting = Offered.on(network, dial(server.address()));
        waiting.established();
        InboundConnection underWay = Offered.on(network, dial(server.address()));

        network.close();
        underWay.established();

        assertThat(waiting.dialerEnd().isReset()).isTrue();
        assertThat(underWay.dialerEnd().isReset()).isTrue();
    }

    // ---- bad arguments

    static Stream<InetSocketAddress> noPlacesToListen() {
        return Stream.of(
                InetSocketAddress.createUnresolved("host.example", PORT),
                new InetSocketAddress(Hosts.literal("0.0.0.0"), PORT),
                new InetSocketAddress(Hosts.literal("::"), PORT),
                Hosts.at(AddressFamily.AF_INET, 1, 0));
    }

    @ParameterizedTest
    @MethodSource("noPlacesToListen")
    void listen_withoutAFixedAddress_isRejected(InetSocketAddress address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.listen(address))
                .withMessageContaining(" " + IpAddress.text(address));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.bridge(address, loopback()))
                .withMessageContaining("simulated");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.bridge(Hosts.at(AddressFamily.AF_INET, 1, PORT), address))
                .withMessageContaining("realLoopback");
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bridge_toAnotherComputer_isRejected(AddressFamily family) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.bridge(Hosts.at(family, 1, PORT), Hosts.at(family, 2, PORT)))
                .withMessageContaining("loopback");
        assertThatThrownBy(() -> Offered.on(network, dial(Hosts.at(family, 1, PORT))))
                .isInstanceOf(NoRouteToHostException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void nullArguments_areNamed() {
        InetSocketAddress good = Hosts.at(AddressFamily.AF_INET, 1, PORT);

        assertNull("address", () -> network.attach(null, new Machine()));
        assertNull("machine", () -> network.attach(good.getAddress(), null));
        assertNull("address", () -> network.detach(null));
        assertNull("address", () -> network.listen(null));
        assertNull("simulated", () -> network.bridge(null, loopback()));
        assertNull("realLoopback", () -> network.bridge(good, null));
        assertNull("dialerView", () -> network.offer(null, null));
    }

    private interface Call {
        void run() throws IOException;
    }

    private static void assertNull(String name, Call call) {
        assertThatNullPointerException().isThrownBy(call::run).withMessageContaining(name + " must not be null");
    }

    private Machine attach(InetAddress address) {
        Machine machine = new Machine();
        network.attach(address, machine);
        return machine;
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), PORT);
    }

    private static FiveTuple dial(InetSocketAddress remote) {
        return new FiveTuple(
                IpProtocol.IPPROTO_TCP, Hosts.at(AddressFamily.of(remote.getAddress()), 200, 50_000), remote);
    }
}
