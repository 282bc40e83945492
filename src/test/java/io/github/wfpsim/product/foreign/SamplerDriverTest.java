package io.github.wfpsim.product.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.product.foreign.SamplerDriver.ProxyData;
import io.github.wfpsim.product.foreign.Workers.Order;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A driver as WFPSampler is, and its proxy: inline, with a worker, and whichever of them is faster. */
@Timeout(60)
class SamplerDriverTest {

    private static final int TIMES = 1_000;
    private static final int PROXY_PORT = 8080;
    private static final byte[] PAYLOAD = {1, 2, 3};

    private static Stream<Arguments> orders() {
        return Stream.of(Order.values())
                .flatMap(order -> Stream.of(AddressFamily.values()).map(family -> Arguments.of(order, family)));
    }

    private static WfpSim open() {
        return WfpSim.open();
    }

    private static InetAddress own(WfpSim sim, AddressFamily family) {
        return sim.addresses().stream()
                .filter(address -> AddressFamily.of(address) == family)
                .findFirst()
                .orElseThrow();
    }

    private static InetSocketAddress origin(AddressFamily family) {
        String host = family == AddressFamily.AF_INET ? "203.0.113.10" : "2001:db8:1::10";
        return new InetSocketAddress(IpAddress.parseHost(host), 443);
    }

    private static SamplerDriver atConnect(
            WfpSim sim, AddressFamily family, Order order, SimProcess proxy, Workers workers) {
        return new SamplerDriver(
                sim,
                Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family),
                new ProxyData(
                        order == Order.INLINE, PROXY_PORT, proxy.id(), new InetSocketAddress(own(sim, family), 0)),
                // Work items run at PASSIVE_LEVEL, deferred procedure calls at DISPATCH_LEVEL.
                alternately(sim, workers));
    }

    private static Consumer<Runnable> alternately(WfpSim sim, Workers workers) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            boolean deferred = count.incrementAndGet() % 2 == 0;
            workers.accept(deferred ? () -> sim.irql().runAt(Irql.DISPATCH_LEVEL, work) : work);
        };
    }

    private static void assertClean(WfpSim sim, SamplerDriver driver, Order order) {
        Set<Diagnostic> advice =
                sim.verifier().diagnostics().stream().map(found -> found.kind()).collect(Collectors.toSet());
        assertThat(advice).isEqualTo(order == Order.INLINE ? Set.of(Diagnostic.REAUTHORIZE_FLAG_INLINE) : Set.of());
        driver.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-45", "WFP-59", "WFP-60", "WFP-63", "WFP-65"})
    void tcpConnections_reachTheProxyAndGoOn(Order order, AddressFamily family) throws Exception {
        try (WfpSim sim = open();
                Workers workers = new Workers(sim, order)) {
            SimProcess proxy = sim.process("C:\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            InetSocketAddress origin = origin(family);
            RemoteServer server = sim.network().listen(origin);
            server.whenConnected(stream -> {});
            SimSocket listener = proxy.winsock()
                    .tcpSocket(family)
                    .bind(new InetSocketAddress(IpAddress.wildcard(family), PROXY_PORT))
                    .listen();
            SamplerDriver driver = atConnect(sim, family, order, proxy, workers);
            for (int i = 0; i < TIMES; i++) {
                SimSocket client = app.winsock().tcpSocket(family);
                if (i % 2 == 1) {
                    // A source that is not unspecified stays in its zone: the proxy is met at that address.
                    client.bind(new InetSocketAddress(own(sim, family), 0));
                }
                client.connect(origin);
                SimSocket accepted = listener.accept();
                OriginalDestination original = OriginalDestination.decode(
                        accepted.queryRedirectContext().orElseThrow());
                assertThat(original.remote()).isEqualTo(origin);
                SimSocket onward = proxy.winsock().tcpSocket(family);
                onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
                onward.connect(origin);
                assertThat(onward.remoteAddress()).isEqualTo(origin);
                onward.close();
                accepted.close();
                client.close();
            }
            workers.drain();
            assertClean(sim, driver, order);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"UDP-01", "WFP-45", "WFP-59", "WFP-60", "WFP-63", "WFP-65"})
    void datagrams_reachTheProxyAndGoOn(Order order, AddressFamily family) throws Exception {
        try (WfpSim sim = open();
                Workers workers = new Workers(sim, order)) {
            SimProcess proxy = sim.process("C:\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            InetSocketAddress origin = origin(family);
            AtomicInteger served = new AtomicInteger();
            RemoteDatagramSocket server = sim.network().datagramSocket(origin);
            server.whenReceived(datagram -> served.incrementAndGet());
            SimDatagramSocket receiver = proxy.winsock()
                    .udpSocket(family)
                    .bind(new InetSocketAddress(IpAddress.wildcard(family), PROXY_PORT));
            SamplerDriver driver = atConnect(sim, family, order, proxy, workers);
            for (int i = 0; i < TIMES; i++) {
                SimDatagramSocket client = app.winsock().udpSocket(family);
                client.bind(new InetSocketAddress(i % 2 == 0 ? IpAddress.wildcard(family) : own(sim, family), 0));
                if (i % 3 == 0) {
                    client.connect(origin);
                    client.send(PAYLOAD);
                } else {
                    client.send(PAYLOAD, origin);
                }
                SimDatagram arrived = receiver.receive();
                assertThat(OriginalDestination.decode(arrived.redirectContext().orElseThrow())
                                .remote())
                        .isEqualTo(origin);
                SimDatagramSocket onward = proxy.winsock().udpSocket(family);
                onward.send(PAYLOAD, origin, arrived.redirectRecords().orElseThrow());
                onward.close();
                client.close();
            }
            assertThat(served).hasValue(TIMES);
            workers.drain();
            assertClean(sim, driver, order);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-45", "WFP-47", "WFP-58", "WFP-59", "WFP-60"})
    void binds_areMoved(Order order, AddressFamily family) throws Exception {
        try (WfpSim sim = open();
                Workers workers = new Workers(sim, order)) {
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            InetSocketAddress moved = new InetSocketAddress(own(sim, family), 0);
            SamplerDriver driver = new SamplerDriver(
                    sim,
                    Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family),
                    new ProxyData(order == Order.INLINE, 0, 0, moved),
                    alternately(sim, workers));
            InetSocketAddress asked = new InetSocketAddress(IpAddress.wildcard(family), 0);
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket tcp = app.winsock().tcpSocket(family).bind(asked);
                        SimDatagramSocket udp = app.winsock().udpSocket(family).bind(asked)) {
                    assertThat(tcp.localAddress().getAddress()).isEqualTo(moved.getAddress());
                    assertThat(udp.localAddress().getAddress()).isEqualTo(moved.getAddress());
                }
            }
            workers.drain();
            assertClean(sim, driver, order);
        }
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    @Spec({"WFP-55", "WFP-65"})
    void belowAPendedCallout_itReadsThroughPreviousVersion_whenEverThePendWasCompleted(Order order) throws Exception {
        AddressFamily family = AddressFamily.AF_INET;
        for (boolean shown : List.of(true, false)) {
            SimOptions options = SimOptions.defaults().faultMode(FaultMode.RECORD);
            if (shown) {
                options = options.with(Deviation.UNMODIFIED_CONNECT_REQUEST_AS_PREVIOUS_VERSION);
            }
            try (WfpSim sim = WfpSim.open(options);
                    Workers workers = new Workers(sim, order)) {
                SimProcess proxy = sim.process("C:\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
                sim.network().listen(origin(family));
                SimSocket listener = proxy.winsock()
                        .tcpSocket(family)
                        .bind(new InetSocketAddress(IpAddress.loopback(family), PROXY_PORT))
                        .listen();
                PendingDriver.load(sim, family, PendingDriver.ABOVE, workers);
                atConnect(sim, family, Order.INLINE, proxy, workers);

                SimSocket client = sim.process("C:\\app.exe", Token.STANDARD_USER)
                        .winsock()
                        .tcpSocket(family)
                        .connect(origin(family));

                assertThat(listener.tryAccept().isPresent()).isEqualTo(shown);
                List<Fault> faults = sim.verifier().violations().stream()
                        .map(found -> found.kind())
                        .toList();
                assertThat(faults)
                        .as("null is read through where the page of the request says null")
                        .isEqualTo(shown ? List.of() : List.of(Fault.CALLOUT_THREW));
                client.close();
            }
        }
    }
}
