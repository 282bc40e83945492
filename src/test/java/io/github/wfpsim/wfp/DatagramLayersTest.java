package io.github.wfpsim.wfp;

import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_RESOURCE_RELEASE_V4;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What callouts see of UDP: which packet asks which layer, and what their answers do. */
@Timeout(20)
class DatagramLayersTest {

    private static final int DNS = 53;

    /** One classification: at which layer, and whose. */
    private record Step(Layer layer, int pid) {}

    private final List<Step> steps = new ArrayList<>();

    private void watch(RedirectBench bench) {
        for (Layer layer : Layer.values()) {
            if (layer.family() == AddressFamily.AF_INET) {
                bench.at(
                        layer,
                        call -> steps.add(
                                new Step(call.values().layer(), call.meta().processId())));
            }
        }
    }

    private static InetSocketAddress local(RedirectBench bench, int port) {
        return new InetSocketAddress(IpAddress.loopback(bench.family), port);
    }

    private static SocketHandle open(Winsock winsock, AddressFamily family) {
        return winsock.socket(family.code(), 2, 17);
    }

    /** A resolver of the proxy's process. */
    private static SocketHandle bound(RedirectBench bench, int port) {
        Winsock winsock = bench.proxy.winsock();
        SocketHandle socket = open(winsock, bench.family);
        assertThat(winsock.bind(socket, local(bench, port))).isZero();
        return socket;
    }

    private static int send(Winsock winsock, SocketHandle socket, String text, InetSocketAddress to) {
        return winsock.sendto(socket, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0, to);
    }

    private static String receive(Winsock winsock, SocketHandle socket, Out<InetSocketAddress> from) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        int count = winsock.recvfrom(socket, buffer, 0, from);
        return count == Winsock.SOCKET_ERROR
                ? Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow().name()
                : new String(buffer.array(), 0, count, StandardCharsets.UTF_8);
    }

    private List<Layer> layersOf(int pid) {
        return steps.stream().filter(step -> step.pid() == pid).map(Step::layer).toList();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-03")
    void firstSend_passesTheLayersInTheDocumentedOrder(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            watch(bench);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            assertThat(send(app, socket, "query", local(bench, DNS))).isEqualTo(5);

            assertThat(steps)
                    .containsExactly(
                            new Step(FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4.withFamily(family), bench.proxy.id()),
                            new Step(FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family), bench.proxy.id()));
            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("query");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-03", "UDP-11"})
    void laterPacketsOfAFlow_andItsAnswers_askNobody(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            send(app, socket, "first", local(bench, DNS));
            watch(bench);
            steps.clear(); // what the new filters have live flows asked
            Out<InetSocketAddress> from = Out.empty();

            send(app, socket, "second", local(bench, DNS));
            receive(bench.proxy.winsock(), resolver, from);
            assertThat(receive(bench.proxy.winsock(), resolver, from)).isEqualTo("second");
            send(bench.proxy.winsock(), resolver, "answer", from.get());

            assertThat(receive(app, socket, from)).isEqualTo("answer");
            assertThat(from.get()).isEqualTo(local(bench, DNS));
            assertThat(steps).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-05")
    void closing_indicatesTheEndpointOnce_howeverManyFlowsItHas(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bound(bench, DNS);
            bound(bench, DNS + 1);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            send(app, socket, "one", local(bench, DNS));
            send(app, socket, "two", local(bench, DNS + 1));
            watch(bench);
            steps.clear();

            app.closesocket(socket);

            assertThat(steps)
                    .containsExactly(
                            new Step(FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4.withFamily(family), bench.app.id()),
                            new Step(FWPS_LAYER_ALE_RESOURCE_RELEASE_V4.withFamily(family), bench.app.id()));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-01")
    void connectRedirect_movesOneFlowOfASocket(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                if (call.values().remotePort() == DNS) {
                    bench.redirect(call, bench::toProxy);
                }
            });
            SocketHandle proxy = bound(bench, RedirectBench.PROXY_PORT);
            SocketHandle other = bound(bench, DNS + 1);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            InetSocketAddress server = new InetSocketAddress(bench.origin.getAddress(), DNS);
            Out<InetSocketAddress> from = Out.empty();

            send(app, socket, "moved", server);
            send(app, socket, "stays", local(bench, DNS + 1));

            assertThat(receive(bench.proxy.winsock(), proxy, from)).isEqualTo("moved");
            assertThat(receive(bench.proxy.winsock(), other, Out.empty())).isEqualTo("stays");
            send(bench.proxy.winsock(), proxy, "answer", from.get());
            assertThat(receive(app, socket, from)).isEqualTo("answer");
            assertThat(from.get())
                    .as("the answer seems to come from where the application sent to")
                    .isEqualTo(server);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-01")
    void bindRedirect_movesAllFlowsOfASocket(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            InetSocketAddress source = local(bench, 4444);
            bench.at(FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
                if (call.meta().processId() == bench.app.id()) {
                    rebind(bench, call, source);
                }
            });
            SocketHandle one = bound(bench, DNS);
            SocketHandle two = bound(bench, DNS + 1);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            send(app, socket, "1", local(bench, DNS));
            send(app, socket, "2", local(bench, DNS + 1));

            Out<InetSocketAddress> from = Out.empty();
            receive(bench.proxy.winsock(), one, from);
            assertThat(from.get()).isEqualTo(source);
            receive(bench.proxy.winsock(), two, from);
            assertThat(from.get()).isEqualTo(source);
        }
    }

    private static void rebind(RedirectBench bench, RedirectBench.Call call, InetSocketAddress source) {
        ClassifyHandle acquired = bench.acquireHandle(call);
        Out<Object> data = Out.empty();
        bench.fwps.fwpsAcquireWritableLayerDataPointer0(acquired, call.filter().filterId(), 0, data, call.out());
        BindRequest request = (BindRequest) Objects.requireNonNull(data.get());
        request.setLocalAddressAndPort(source);
        bench.fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
        call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        bench.fwps.fwpsReleaseClassifyHandle0(acquired);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-14")
    void connectRedirect_ofASocketThatNobodyBound_showsThePortOfTheImplicitBind_orNoneWithTheKnob(
            AddressFamily family) {
        SimOptions unknown = SimOptions.defaults().with(Deviation.UDP_PORT_UNKNOWN_AT_CONNECT_REDIRECT);
        for (SimOptions options : List.of(SimOptions.defaults(), unknown)) {
            try (RedirectBench bench = new RedirectBench(family, options)) {
                bound(bench, DNS);
                List<InetSocketAddress> locals = new ArrayList<>();
                bench.atConnectRedirect(call -> locals.add(call.values().local()));
                bench.at(
                        FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        call -> locals.add(call.values().local()));
                Winsock app = bench.app.winsock();
                SocketHandle socket = open(app, family);
                SocketHandle connected = open(app, family);

                send(app, socket, "query", local(bench, DNS));
                app.connect(connected, local(bench, DNS));

                int port = portOf(app, socket);
                assertThat(port).isNotZero();
                assertThat(locals)
                        .containsExactly(
                                new InetSocketAddress(IpAddress.wildcard(family), options.equals(unknown) ? 0 : port),
                                local(bench, port),
                                new InetSocketAddress(
                                        IpAddress.wildcard(family),
                                        options.equals(unknown) ? 0 : portOf(app, connected)));
            }
        }
    }

    private static int portOf(Winsock app, SocketHandle socket) {
        Out<InetSocketAddress> name = Out.empty();
        app.getsockname(socket, name);
        return Objects.requireNonNull(name.get()).getPort();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-17")
    void connect_asksConnectRedirect_andTheFirstSendAsksItAgain(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bound(bench, DNS);
            watch(bench);
            steps.clear();
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            assertThat(app.connect(socket, local(bench, DNS))).isZero();
            assertThat(layersOf(bench.app.id()))
                    .containsExactly(
                            FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family),
                            FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family));
            steps.clear();
            app.send(socket, ByteBuffer.allocate(1), 0);

            assertThat(layersOf(bench.app.id()))
                    .containsExactly(
                            FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family),
                            FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-11")
    void idleFlow_ends_andTheNextPacketIsClassifiedAfresh(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(bench.driver.pool().allocate(8, "ctx1"), 8);
            }));
            bound(bench, RedirectBench.PROXY_PORT);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            send(app, socket, "1", bench.origin);
            assertThat(bench.driver.pool().outstanding()).hasSize(1);

            bench.sim.clock().advance(Duration.ofSeconds(59));
            send(app, socket, "2", bench.origin);
            bench.sim.clock().advance(Duration.ofSeconds(59));
            assertThat(bench.driver.pool().outstanding())
                    .as("used within the minute")
                    .hasSize(1);
            bench.sim.clock().advance(Duration.ofSeconds(1));
            assertThat(bench.driver.pool().outstanding())
                    .as("both ends are gone, so is the context")
                    .isEmpty();

            watch(bench);
            send(app, socket, "3", bench.origin);
            assertThat(layersOf(bench.app.id())).contains(FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family));
            assertThat(layersOf(bench.proxy.id())).contains(FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-11")
    void flowThatIsIdleButNotSweptYet_isNotUsedAgain(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bound(bench, RedirectBench.PROXY_PORT);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            // Registered before the sweep, so it comes first at the same moment.
            bench.sim.clock().schedule(Duration.ofSeconds(60), () -> {
                watch(bench);
                send(app, socket, "2", bench.origin);
            });
            send(app, socket, "1", bench.origin);

            bench.sim.clock().advance(Duration.ofSeconds(60));

            assertThat(layersOf(bench.app.id())).contains(FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-11")
    void flowWhoseFirstPacketWaitsForAnAnswer_isNotIdle(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            bench.at(FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> bench.sim.clock().advance(Duration.ofMinutes(5)));
            bench.at(
                    FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4,
                    call -> bench.sim.clock().advance(Duration.ofMinutes(5)));

            assertThat(send(app, socket, "1", local(bench, DNS))).isEqualTo(1);

            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("1");
        }
    }

    @Test
    @Spec("UDP-11")
    void idleTime_isAKnob() {
        SimOptions options = SimOptions.defaults().udpFlowIdleTimeout(Duration.ofSeconds(5));
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET, options)) {
            bound(bench, DNS);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, AddressFamily.AF_INET);
            send(app, socket, "1", local(bench, DNS));
            int before = bench.sim.connections().size();

            bench.sim.clock().advance(Duration.ofSeconds(5));

            assertThat(bench.sim.connections()).hasSize(before - 2);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-03", "UDP-61"})
    void blockAtAuthConnect_failsTheSendWithTheKnob_andIsAskedAgainByTheNext(AddressFamily family) {
        SimOptions failing = SimOptions.defaults().with(Deviation.BLOCKED_DATAGRAM_FAILS_SEND);
        try (RedirectBench bench = new RedirectBench(family, failing)) {
            SocketHandle resolver = bound(bench, DNS);
            AtomicReference<ActionType> answer = new AtomicReference<>(ActionType.FWP_ACTION_BLOCK);
            bench.at(FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> call.out().setActionType(answer.get()));
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            assertThat(send(app, socket, "no", local(bench, DNS))).isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(app.wsaGetLastError()).isEqualTo(Win32Error.WSAEACCES.code());
            answer.set(ActionType.FWP_ACTION_PERMIT);
            assertThat(send(app, socket, "yes", local(bench, DNS))).isEqualTo(3);

            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("yes");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-03")
    void blockAtAuthRecvAccept_losesThePacketWithoutAWord(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            AtomicReference<ActionType> answer = new AtomicReference<>(ActionType.FWP_ACTION_BLOCK);
            bench.at(FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> call.out().setActionType(answer.get()));
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            assertThat(send(app, socket, "lost", local(bench, DNS))).isEqualTo(4);
            answer.set(ActionType.FWP_ACTION_PERMIT);
            assertThat(send(app, socket, "comes", local(bench, DNS))).isEqualTo(5);

            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("comes");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-03", "WFP-59"})
    void pendedArrival_holdsThePacketsBack_inTheirOrder(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            LinkedBlockingQueue<CompletionContext> held = new LinkedBlockingQueue<>();
            List<Integer> flags = new ArrayList<>();
            bench.at(FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> {
                flags.add(call.values().flags());
                if (flags.size() == 1) {
                    held.add(pend(bench, call));
                }
            });
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            send(app, socket, "1", local(bench, DNS));
            send(app, socket, "2", local(bench, DNS));
            nonBlocking(bench.proxy.winsock(), resolver);
            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("WSAEWOULDBLOCK");
            bench.fwps.fwpsCompleteOperation0(Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS)), null);
            ((TaskQueue) bench.sim.dispatcher()).close();

            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("1");
            assertThat(receive(bench.proxy.winsock(), resolver, Out.empty())).isEqualTo("2");
            assertThat(flags).hasSize(2);
            assertThat(flags.get(1) & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code())
                    .isNotZero();
        }
    }

    private static CompletionContext pend(RedirectBench bench, RedirectBench.Call call) {
        Out<CompletionContext> context = Out.empty();
        bench.fwps.fwpsPendOperation0(Objects.requireNonNull(call.meta().completionHandle()), context);
        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
        call.out().clearWriteRight();
        return Objects.requireNonNull(context.get());
    }

    private static void nonBlocking(Winsock winsock, SocketHandle socket) {
        io.github.wfpsim.abi.OutUlong on = new io.github.wfpsim.abi.OutUlong();
        on.set(1);
        winsock.ioctlsocket(socket, io.github.wfpsim.abi.ControlCode.FIONBIO.code(), on);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-58", "WFP-66"})
    void pendedSend_waits_asDoTheOnesBehindIt_andEndsWithItsSocket(AddressFamily family) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (RedirectBench bench = new RedirectBench(family)) {
            bound(bench, DNS);
            LinkedBlockingQueue<CompletionContext> held = new LinkedBlockingQueue<>();
            bench.at(FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> held.add(pend(bench, call)));
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            CompletableFuture<Integer> first =
                    CompletableFuture.supplyAsync(() -> errorOf(app, socket, local(bench, DNS)), threads);
            CompletionContext context = Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS));
            CompletableFuture<Integer> second =
                    CompletableFuture.supplyAsync(() -> errorOf(app, socket, local(bench, DNS)), threads);
            awaitHeld(bench);
            assertThat(first).isNotDone();

            app.closesocket(socket);

            assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(Win32Error.WSAEINTR.code());
            assertThat(second.get(10, TimeUnit.SECONDS))
                    .isIn(Win32Error.WSAEINTR.code(), Win32Error.WSAENOTSOCK.code());
            bench.fwps.fwpsCompleteOperation0(context, null);
            assertThat(bench.faults()).isEmpty();
            assertThat(bench.sim.connections())
                    .noneMatch(connection -> connection.process().equals(bench.app));
        } finally {
            threads.shutdownNow();
        }
    }

    private static int errorOf(Winsock winsock, SocketHandle socket, InetSocketAddress to) {
        return send(winsock, socket, "held", to) == Winsock.SOCKET_ERROR ? winsock.wsaGetLastError() : 0;
    }

    private static void awaitHeld(RedirectBench bench) {
        while (bench.sim.connections().stream().allMatch(connection -> connection.heldBy() == null)) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-73")
    void newBlock_cutsLiveFlows_butNotTheirSockets(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            SocketHandle resolver = bound(bench, DNS);
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);
            send(app, socket, "before", local(bench, DNS));

            long id = bench.sim
                    .fwpm()
                    .addFilter(Filter.at(FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family))
                            .block());
            assertThat(send(app, socket, "blocked", local(bench, DNS)))
                    .as("lost in silence (UDP-61)")
                    .isEqualTo(7);
            bench.sim.fwpm().fwpmFilterDeleteById0(id);
            assertThat(send(app, socket, "after", local(bench, DNS))).isEqualTo(5);

            Winsock proxy = bench.proxy.winsock();
            assertThat(receive(proxy, resolver, Out.empty())).isEqualTo("before");
            assertThat(receive(proxy, resolver, Out.empty())).isEqualTo("after");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-11")
    void eachFlow_hasAFlowHandleOfItsOwn_andTheEndpointOfItsSocket(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bound(bench, DNS);
            bound(bench, DNS + 1);
            List<Long> flows = new ArrayList<>();
            List<Long> endpoints = new ArrayList<>();
            bench.at(FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, call -> {
                if (call.meta().processId() == bench.app.id()) {
                    flows.add(call.meta().flowHandle());
                }
            });
            bench.at(
                    FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> endpoints.add(call.meta().transportEndpointHandle()));
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            send(app, socket, "1", local(bench, DNS));
            send(app, socket, "2", local(bench, DNS + 1));

            assertThat(flows).hasSize(2).doesNotHaveDuplicates();
            assertThat(endpoints).hasSize(2).containsOnly(endpoints.get(0));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-53")
    void redirectIntoNowhere_isToldByTheNextReceive(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            InetSocketAddress nobody = new InetSocketAddress(bench.origin.getAddress(), 9);
            bench.atConnectRedirect(call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(nobody)));
            Winsock app = bench.app.winsock();
            SocketHandle socket = open(app, family);

            assertThat(send(app, socket, "1", bench.remote(11))).isPositive();

            assertThat(receive(app, socket, Out.empty())).isEqualTo("WSAECONNRESET");
            assertThat(bench.faults()).isEmpty();
        }
    }
}
