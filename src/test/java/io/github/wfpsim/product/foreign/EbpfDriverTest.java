package io.github.wfpsim.product.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.product.foreign.EbpfDriver.Answer;
import io.github.wfpsim.product.foreign.EbpfDriver.Verdict;
import io.github.wfpsim.product.foreign.Workers.Order;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A driver as netebpfext is, alone and with another vendor below or above who pends: its connect layer decides, its
 * authorization layer enforces.
 */
@Timeout(60)
class EbpfDriverTest {

    private static final int TIMES = 1_000;
    private static final int PROXY_PORT = 8080;
    private static final byte[] PAYLOAD = {1, 2, 3};
    private static final byte[] CONTEXT = {7, 7};

    private static Stream<Arguments> orders() {
        return Stream.of(Order.values())
                .flatMap(order -> Stream.of(AddressFamily.values()).map(family -> Arguments.of(order, family)));
    }

    /** A machine with an origin, a proxy on every address, the driver, and perhaps another vendor. */
    private static final class Scene implements AutoCloseable {
        // Its redirects name a constant process: on Windows whoever accepted reads the context.
        private final WfpSim sim = WfpSim.open(SimOptions.defaults().with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS));
        private final AddressFamily family;
        private final Workers workers;
        private final InetSocketAddress origin;
        private final AtomicInteger reached = new AtomicInteger();
        private final AtomicInteger runs = new AtomicInteger();
        private final SimSocket listener;
        private final SimDatagramSocket receiver;
        private final SimProcess app;
        private final EbpfDriver driver;

        Scene(Order order, AddressFamily family, int otherVendor) throws WinsockException {
            this.family = family;
            this.workers = new Workers(sim, order);
            String host = family == AddressFamily.AF_INET ? "203.0.113.10" : "2001:db8:1::10";
            this.origin = new InetSocketAddress(IpAddress.parseHost(host), 443);
            sim.network().listen(origin).whenConnected(stream -> reached.incrementAndGet());
            sim.network().datagramSocket(origin).whenReceived(datagram -> reached.incrementAndGet());
            SimProcess proxy = sim.process("C:\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
            InetSocketAddress everywhere = new InetSocketAddress(IpAddress.wildcard(family), PROXY_PORT);
            this.listener = proxy.winsock().tcpSocket(family).bind(everywhere).listen();
            this.receiver = proxy.winsock().udpSocket(family).bind(everywhere);
            this.app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            this.driver = new EbpfDriver(sim, otherVendor == PendingDriver.ABOVE ? 0xFFFE : 0xFFFF);
            if (order != Order.INLINE) {
                PendingDriver.load(sim, family, otherVendor, workers);
            }
        }

        /** Where the proxy is met: over loopback and over an address of the machine in turn. */
        InetSocketAddress proxyAddress() {
            InetAddress own = sim.addresses().stream()
                    .filter(address -> AddressFamily.of(address) == family)
                    .findFirst()
                    .orElseThrow();
            boolean loopback = runs.get() % 2 == 0;
            return new InetSocketAddress(loopback ? IpAddress.loopback(family) : own, PROXY_PORT);
        }

        void attach(Verdict verdict, boolean redirects) {
            driver.attachToConnect(family, connect -> {
                assertThat(connect.destination()).isEqualTo(origin);
                assertThat(connect.localPort()).isNotZero();
                InetSocketAddress destination = redirects ? proxyAddress() : origin;
                runs.incrementAndGet();
                return new Answer(verdict, destination, redirects ? CONTEXT : new byte[0]);
            });
        }

        /** Lets nothing through that does not have a hard permit. */
        void blockAllBelow() {
            SubLayer below = new SubLayer(UUID.randomUUID(), "below", 2);
            sim.fwpm().fwpmSubLayerAdd0(below);
            sim.fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .subLayer(below)
                            .block());
        }

        /** As the project's own tests do: every socket is bound before it is used. */
        SimSocket tcp() throws WinsockException {
            return app.winsock().tcpSocket(family).bind(new InetSocketAddress(IpAddress.wildcard(family), 0));
        }

        /** Sends one datagram, connected and not in turn. */
        void sendOne(int i) throws WinsockException {
            try (SimDatagramSocket client =
                    app.winsock().udpSocket(family).bind(new InetSocketAddress(IpAddress.wildcard(family), 0))) {
                if (i % 2 == 0) {
                    client.connect(origin);
                }
                client.send(PAYLOAD, origin);
            }
        }

        @Override
        public void close() {
            workers.drain();
            workers.close();
            driver.close();
            assertThat(sim.verifier().violations()).isEmpty();
            try {
                sim.close();
            } catch (FaultException leaks) {
                // The other vendor never unloads.
                assertThat(leaks).hasMessageContaining("pending.sys");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-26", "WFP-28", "WFP-44", "WFP-49", "WFP-56", "WFP-63", "WFP-68"})
    void tcpConnections_areRedirected_andHardPermitted(Order order, AddressFamily family) throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.BELOW)) {
            scene.attach(Verdict.PROCEED_HARD, true);
            scene.blockAllBelow();
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket client = scene.tcp()) {
                    client.connect(scene.origin);
                    try (SimSocket accepted = scene.listener.accept()) {
                        assertThat(accepted.queryRedirectContext()).contains(CONTEXT);
                    }
                }
            }
            assertThat(scene.runs).hasValue(TIMES);
            assertThat(scene.reached).hasValue(0);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"UDP-02", "WFP-26", "WFP-28", "WFP-44", "WFP-49", "WFP-56", "WFP-63"})
    void datagrams_areRedirected_andHardPermitted(Order order, AddressFamily family) throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.BELOW)) {
            scene.attach(Verdict.PROCEED_HARD, true);
            scene.blockAllBelow();
            for (int i = 0; i < TIMES; i++) {
                scene.sendOne(i);
                SimDatagram arrived = scene.receiver.receive();
                assertThat(arrived.redirectContext()).contains(CONTEXT);
            }
            // The connect of every other one asks CONNECT_REDIRECT as well.
            assertThat(scene.runs).hasValue(TIMES + TIMES / 2);
            assertThat(scene.reached).hasValue(0);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-57", "WFP-63", "WFP-72"})
    void rejectedConnections_areBlockedAtAuthConnect(Order order, AddressFamily family) throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.BELOW)) {
            scene.attach(Verdict.REJECT, false);
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket client = scene.tcp()) {
                    assertThatThrownBy(() -> client.connect(scene.origin))
                            .isInstanceOfSatisfying(
                                    WinsockException.class,
                                    failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES));
                }
                scene.sendOne(i);
            }
            assertThat(scene.reached).hasValue(0);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-07", "WFP-63", "WFP-65"})
    void belowAPendedCallout_itDecidesNothing_wheneverThePendWasCompleted(Order order, AddressFamily family)
            throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.ABOVE)) {
            scene.attach(Verdict.REJECT, false);
            int expected = order == Order.INLINE ? 0 : TIMES;
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket client = scene.tcp()) {
                    client.connect(scene.origin);
                } catch (WinsockException failed) {
                    assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES);
                }
            }
            assertThat(scene.reached).hasValue(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"UDP-61", "WFP-07", "WFP-63", "WFP-65"})
    void datagrams_belowAPendedCallout_areNotDecidedEither(Order order, AddressFamily family) throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.ABOVE)) {
            scene.attach(Verdict.REJECT, false);
            int expected = order == Order.INLINE ? 0 : TIMES;
            for (int i = 0; i < TIMES; i++) {
                scene.sendOne(i);
            }
            assertThat(scene.reached).hasValue(expected);
        }
    }

    /** Asked at CONNECT_REDIRECT_V6 by the filter for IPv4, authorized at AUTH_CONNECT_V4, found again by one key. */
    @ParameterizedTest
    @EnumSource(Verdict.class)
    @Spec({"WFP-06", "WFP-44"})
    void dualStackConnections_toIpv4Hosts_areThoseOfTheIpv4Program(Verdict verdict) throws Exception {
        try (Scene scene = new Scene(Order.INLINE, AddressFamily.AF_INET, PendingDriver.BELOW)) {
            scene.attach(verdict, false);
            Winsock winsock = scene.app.winsock();
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket client = winsock.tcpSocket(AddressFamily.AF_INET6)) {
                    winsock.setsockopt(client.handle(), IpProtocol.IPPROTO_IPV6.code(), Winsock.IPV6_V6ONLY, 0);
                    client.bind(new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET6), 0));
                    client.connect(IpAddress.toV4Mapped(scene.origin));
                } catch (WinsockException failed) {
                    assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES);
                }
            }
            assertThat(scene.runs).hasValue(TIMES);
            assertThat(scene.reached).hasValue(verdict == Verdict.REJECT ? 0 : TIMES);
        }
    }

    /** The project's tests attach in this order, and pass on Windows: the filter that was added later is asked first. */
    @ParameterizedTest
    @MethodSource("orders")
    @Spec({"WFP-22", "WFP-23", "WFP-72"})
    void programThatAuthorizes_isAskedAlthoughTheOtherFilterPermits(Order order, AddressFamily family)
            throws Exception {
        try (Scene scene = new Scene(order, family, PendingDriver.BELOW)) {
            AtomicInteger authorized = new AtomicInteger();
            scene.attach(Verdict.PROCEED_SOFT, true);
            scene.driver.attachToAuthorization(family, connect -> {
                authorized.incrementAndGet();
                return new Answer(Verdict.REJECT, connect.destination());
            });
            for (int i = 0; i < TIMES; i++) {
                try (SimSocket client = scene.tcp()) {
                    assertThatThrownBy(() -> client.connect(scene.origin))
                            .isInstanceOfSatisfying(
                                    WinsockException.class,
                                    failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAEACCES));
                }
                scene.sendOne(i);
            }
            assertThat(authorized).hasValueGreaterThanOrEqualTo(2 * TIMES);
            assertThat(scene.listener.tryAccept()).isEmpty();
            assertThat(scene.receiver.tryReceive()).isEmpty();
            assertThat(scene.reached).hasValue(0);
        }
    }
}
