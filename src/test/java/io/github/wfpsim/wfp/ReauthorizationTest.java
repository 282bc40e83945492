package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.RedirectBench.Call;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live flows when policy changes, and operations that wait for authorization. */
@Timeout(20)
class ReauthorizationTest {

    private static final Layer AUTH_CONNECT = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final Layer AUTH_RECV_ACCEPT = Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
    private static final int REAUTHORIZE = ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code();
    private static final int LOOPBACK = ConditionFlag.FWP_CONDITION_FLAG_IS_LOOPBACK.code();
    private static final int REDIRECTED = ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
    private static final int HONORING = ConditionFlag.FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE.code();
    private static final int POLICY_CHANGE = ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_POLICY_CHANGE.code();
    private static final int COMPLETION = ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION.code();

    private static int reason(Call call) {
        return (Integer) Objects.requireNonNull(call.values().value(ConditionField.FWPM_CONDITION_REAUTHORIZE_REASON));
    }

    private static void assertReset(SimSocket socket) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(() -> socket.receive(new byte[1]))
                .satisfies(failed -> assertThat(failed.error()).isEqualTo(Win32Error.WSAECONNRESET));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-07", "WFP-15", "WFP-73"})
    void filterAddedOrRemoved_hasLiveFlowsAuthorizedAgainButNotRedirected(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> asked = new ArrayList<>();
            bench.atConnectRedirect(call -> asked.add("redirect"));
            for (Layer layer : List.of(AUTH_CONNECT, AUTH_RECV_ACCEPT)) {
                bench.at(
                        layer,
                        call -> asked.add((layer == AUTH_CONNECT ? "connect " : "accept ")
                                + call.values().flags() + " " + reason(call)));
            }
            SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);
            assertThat(asked).containsExactly("redirect", "connect " + LOOPBACK + " 0", "accept " + LOOPBACK + " 0");
            asked.clear();

            long id = bench.sim
                    .fwpm()
                    .addFilter(Filter.at(AUTH_CONNECT.withFamily(family)).permit());
            assertThat(asked).containsExactly("connect " + (LOOPBACK | REAUTHORIZE) + " " + POLICY_CHANGE);
            bench.sim.fwpm().fwpmFilterDeleteById0(id);
            assertThat(asked).hasSize(2);
            asked.clear();
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(AUTH_RECV_ACCEPT.withFamily(family)).permit());
            assertThat(asked).containsExactly("accept " + (LOOPBACK | REAUTHORIZE) + " " + POLICY_CHANGE);
            asked.clear();
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family))
                            .permit());
            assertThat(asked).as("no authorization layer").isEmpty();
            assertThat(client.remoteAddress()).isEqualTo(bench.proxyAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-74", "WFP-05"})
    void blockInAReauthorization_resetsBothEndsAndClosesThem(AddressFamily family) throws Exception {
        for (Layer layer : List.of(AUTH_CONNECT, AUTH_RECV_ACCEPT)) {
            try (RedirectBench bench = new RedirectBench(family)) {
                List<Integer> closed = new ArrayList<>();
                bench.at(
                        Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4,
                        call -> closed.add(call.meta().processId()));
                SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);
                SimSocket server = bench.accept();

                bench.sim.fwpm().addFilter(Filter.at(layer.withFamily(family)).block());

                assertReset(client);
                assertReset(server);
                assertThat(closed).containsExactlyInAnyOrder(bench.app.id(), bench.proxy.id());
                client.close();
                server.close();
                assertThat(closed).as("one indication for each end").hasSize(2);
                assertThat(bench.sim.connections()).as("the listener").hasSize(1);
                assertThat(new TextRenderer().render(bench.sim.trace().log().entries()))
                        .contains("blocks it after a change of policy");
            }
        }
    }

    @Test
    @Spec("WFP-74")
    void reader_whoWaits_isWokenByTheReset() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            SimSocket client = bench.connect();
            CompletableFuture<Void> reading = new CompletableFuture<>();
            Thread reader = new Thread(() -> {
                try {
                    client.receive(new byte[1]);
                    reading.complete(null);
                } catch (WinsockException failed) {
                    reading.completeExceptionally(failed);
                }
            });
            reader.start();

            bench.sim.fwpm().addFilter(Filter.at(AUTH_CONNECT).block());

            assertThat(reading).failsWithin(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-17", "WFP-73"})
    void redirectedFlow_isAuthorizedAgainForItsNewDestination(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> asked = new ArrayList<>();
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bench.at(
                    AUTH_CONNECT,
                    call -> asked.add(call.values().remote() + " "
                            + call.values().flags() + " " + call.meta().localRedirectTargetPid() + " "
                            + call.meta().originalDestination()));
            bench.connect();
            asked.clear();

            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(AUTH_CONNECT.withFamily(family)).permit());

            assertThat(asked)
                    .containsExactly(bench.proxyAddress + " " + (REDIRECTED | LOOPBACK | REAUTHORIZE) + " "
                            + bench.proxy.id() + " " + bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-68", "WFP-73"})
    void flowRedirectedAbroad_isAuthorizedAgainForBothDestinations(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> asked = new ArrayList<>();
            bench.sim.network().listen(bench.remote(20));
            bench.atConnectRedirect(
                    call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.remote(20))));
            bench.at(
                    AUTH_CONNECT,
                    call -> asked.add(
                            call.values().remote() + " " + call.values().flags()));
            bench.connect();
            asked.clear();

            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(AUTH_CONNECT.withFamily(family)).permit());

            assertThat(asked)
                    .containsExactly(
                            bench.origin + " " + REAUTHORIZE, bench.remote(20) + " " + (REDIRECTED | REAUTHORIZE));
        }
    }

    @Test
    @Spec("WFP-73")
    void connectionThatComesUpWhilePolicyChanges_isAuthorizedUnderTheNewOne() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            AtomicReference<Filter> late =
                    new AtomicReference<>(Filter.at(AUTH_CONNECT).name("late").block());
            bench.at(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, call -> {
                Filter added = late.getAndSet(null);
                if (added != null) {
                    bench.sim.fwpm().addFilter(added);
                }
            });

            SimSocket client = bench.connect();

            assertReset(client);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-73")
    void acceptThatComesUpWhilePolicyChanges_isAuthorizedUnderTheNewOne(AddressFamily family) throws Exception {
        Layer accept = Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
        try (RedirectBench bench = new RedirectBench(family)) {
            AtomicReference<Filter> late = new AtomicReference<>(
                    Filter.at(accept.withFamily(family)).name("late").block());
            bench.at(accept, call -> {
                Filter added = late.getAndSet(null);
                if (added != null) {
                    bench.sim.fwpm().addFilter(added);
                }
            });

            SimSocket client = bench.app.winsock().tcpSocket(family).connect(bench.proxyAddress);

            assertReset(client);
        }
    }

    @Test
    @Spec("WFP-73")
    void calloutThatChangesPolicyWheneverItIsAsked_isNotAskedForEver() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> asked = new ArrayList<>();
            bench.at(AUTH_CONNECT, call -> {
                asked.add(call.values().flags());
                bench.sim.fwpm().addFilter(Filter.at(AUTH_CONNECT).permit());
            });

            bench.connect();

            assertThat(asked).hasSizeBetween(2, 20);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-08")
    void blockAtFlowEstablished_resetsTheConnectionAndIsAdvisedAgainst() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.at(
                    Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
                    call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAECONNRESET);

            assertThat(bench.sim.verifier().diagnostics())
                    .extracting(found -> found.kind())
                    .containsExactly(Diagnostic.BLOCK_AT_FLOW_ESTABLISHED);
        }
    }

    // ---- AppContainers

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-71")
    void redirectedConnectionOfAnAppContainer_isFirstAuthorizedAsIfNotRedirected(AddressFamily family)
            throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> asked = new ArrayList<>();
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bench.at(
                    AUTH_CONNECT,
                    call -> asked.add(
                            call.values().remote() + " " + call.values().flags()));
            SimProcess packaged = bench.sim.process("C:\\store.exe", Token.STANDARD_USER, "S-1-15-2-1");

            packaged.winsock().tcpSocket(family).connect(bench.origin);

            assertThat(asked)
                    .containsExactly(bench.origin + " " + HONORING, bench.proxyAddress + " " + (REDIRECTED | LOOPBACK));
        }
    }

    @Test
    @Spec("WFP-71")
    void plainConnectionOfAnAppContainer_isAuthorizedOnce() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> flags = new ArrayList<>();
            bench.at(AUTH_CONNECT, call -> flags.add(call.values().flags()));
            SimProcess packaged = bench.sim.process("C:\\store.exe", Token.STANDARD_USER, "S-1-15-2-1");

            packaged.winsock().tcpSocket(AddressFamily.AF_INET).connect(bench.origin);

            assertThat(flags).containsExactly(0);
        }
    }

    // ---- FwpsPendOperation0

    private enum Decision {
        PERMIT,
        BLOCK
    }

    private static CompletionContext pendOperation(RedirectBench bench, Call call) {
        Out<CompletionContext> context = Out.empty();
        assertThat(bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), context))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
        return Objects.requireNonNull(context.get());
    }

    @ParameterizedTest
    @EnumSource(Decision.class)
    @Spec("WFP-73")
    void pendedAuthorization_isAskedAgainOnCompletionAndDecidesThen(Decision decision) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> asked = new CopyOnWriteArrayList<>();
            List<NtStatus> again = new CopyOnWriteArrayList<>();
            CompletableFuture<CompletionContext> pended = new CompletableFuture<>();
            bench.at(AUTH_CONNECT, call -> {
                asked.add(call.values().flags() + " " + reason(call));
                if (asked.size() == 1) {
                    pended.complete(pendOperation(bench, call));
                    return;
                }
                again.add(bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), Out.empty()));
                call.out()
                        .setActionType(
                                decision == Decision.PERMIT
                                        ? ActionType.FWP_ACTION_PERMIT
                                        : ActionType.FWP_ACTION_BLOCK);
            });
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<Integer> connect = new CompletableFuture<>();
            new Thread(() -> connect.complete(bench.app.winsock().connect(socket.handle(), bench.origin))).start();
            CompletionContext context = pended.get(10, TimeUnit.SECONDS);
            assertThat(connect).isNotDone();
            assertThat(bench.sim.held().toString()).contains("pended operation", "AUTH_CONNECT");

            bench.fwps.fwpsCompleteOperation0(context, null);

            assertThat(connect.get(10, TimeUnit.SECONDS)).isEqualTo(decision == Decision.PERMIT ? 0 : -1);
            assertThat(asked).containsExactly("0 0", REAUTHORIZE + " " + COMPLETION);
            assertThat(again).containsExactly(NtStatus.STATUS_FWP_CANNOT_PEND);
            bench.fwps.fwpsCompleteOperation0(context, null);
            assertThat(bench.faults()).containsExactly(Fault.COMPLETE_MISUSE);
        }
    }

    @Test
    @Spec("WFP-73")
    void pend_duringAReauthorization_isRefused() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.connect();
            List<NtStatus> answers = new ArrayList<>();

            bench.at(
                    AUTH_CONNECT,
                    call -> answers.add(
                            bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), Out.empty())));

            assertThat(answers).containsExactly(NtStatus.STATUS_FWP_CANNOT_PEND);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Layer.class,
            names = {
                "FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4",
                "FWPS_LAYER_ALE_AUTH_LISTEN_V4",
                "FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4"
            })
    @Spec("WFP-73")
    void pendedOperation_ofAnyKind_goesOnWhenCompleted(Layer layer) throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CompletableFuture<CompletionContext> pended = new CompletableFuture<>();
            bench.at(layer, call -> {
                if (!pended.isDone()) {
                    pended.complete(pendOperation(bench, call));
                }
            });
            CompletableFuture<SimSocket> made = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            SimSocket listener = bench.app
                                    .winsock()
                                    .tcpSocket(AddressFamily.AF_INET)
                                    .bind(new InetSocketAddress(bench.proxyAddress.getAddress(), 0))
                                    .listen();
                            return bench.app
                                    .winsock()
                                    .tcpSocket(AddressFamily.AF_INET)
                                    .connect(listener.localAddress());
                        } catch (WinsockException failed) {
                            throw new AssertionError(failed);
                        }
                    },
                    task -> new Thread(task).start());
            CompletionContext context = pended.get(10, TimeUnit.SECONDS);
            assertThat(made).isNotDone();

            bench.fwps.fwpsCompleteOperation0(context, null);

            assertThat(made.get(10, TimeUnit.SECONDS).remoteAddress()).isNotNull();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-73")
    void serverThatGoesAwayWhileItsAuthorizationIsPended_refusesTheClient() throws Exception {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CompletableFuture<CompletionContext> pended = new CompletableFuture<>();
            bench.at(AUTH_RECV_ACCEPT, call -> pended.complete(pendOperation(bench, call)));
            SimSocket socket = bench.app.winsock().tcpSocket(AddressFamily.AF_INET);
            CompletableFuture<Win32Error> failure = new CompletableFuture<>();
            new Thread(() -> {
                        try {
                            socket.connect(bench.proxyAddress);
                        } catch (WinsockException failed) {
                            failure.complete(failed.error());
                        }
                    })
                    .start();
            CompletionContext context = pended.get(10, TimeUnit.SECONDS);

            bench.proxy.close();

            assertThat(failure.get(10, TimeUnit.SECONDS)).isEqualTo(Win32Error.WSAECONNREFUSED);
            bench.fwps.fwpsCompleteOperation0(context, null);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    void pendOperation_withoutAHandle_isRefused() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            assertThat(bench.fwps.fwpsPendOperation0(null, Out.empty())).isEqualTo(NtStatus.STATUS_FWP_NULL_POINTER);
        }
    }
}
