package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceLog;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Registration of callouts, and what becomes of callouts that are missing, too old, or throw. */
@Timeout(20)
class CalloutTest {

    private static final UUID KEY = new UUID(50, 50);

    private static ClassifyFn1 doingNothing() {
        return (values, meta, data, context, filter, flow, out) -> {};
    }

    @Test
    @Spec("WFP-32")
    void registering_aKeyTwice_isRefusedUntilItIsUnregistered() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Out<Integer> id = Out.empty();
            Out<Integer> second = Out.empty();
            FwpsCallout1 callout = new FwpsCallout1(KEY, doingNothing());

            assertThat(bench.fwps.fwpsCalloutRegister1(callout, id)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.fwps.fwpsCalloutRegister1(callout, second)).isEqualTo(NtStatus.STATUS_FWP_ALREADY_EXISTS);
            assertThat(second.get()).isNull();
            assertThat(bench.fwps.fwpsCalloutUnregisterById0(id.get())).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.fwps.fwpsCalloutRegister1(callout, second)).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @Test
    @Spec("WFP-32")
    void unregistering_anUnknownCallout_isNotFound() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            assertThat(bench.fwps.fwpsCalloutUnregisterById0(4711)).isEqualTo(NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND);
        }
    }

    /** The action of a filter whose callout is not registered, its flag, and whether the connection passes. */
    @ParameterizedTest
    @CsvSource({
        "FWP_ACTION_CALLOUT_TERMINATING, false, false",
        "FWP_ACTION_CALLOUT_UNKNOWN, false, false",
        "FWP_ACTION_CALLOUT_INSPECTION, false, true",
        "FWP_ACTION_CALLOUT_TERMINATING, true, true",
        "FWP_ACTION_CALLOUT_UNKNOWN, true, true"
    })
    @Spec("WFP-33")
    void calloutNotRegistered_countsAsItsActionSays(ActionType action, boolean flagged, boolean passes) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Filter.Builder filter = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4);
            if (flagged) {
                filter.flag(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED);
            }
            bench.sim.fwpm().addFilter(filter.build(action, KEY));

            assertPasses(bench, passes);
            bench.driver.registerCallout(KEY, doingNothing());
            assertPasses(bench, true);
        }
    }

    @Test
    @Spec({"WFP-33", "WFP-57"})
    void calloutNotRegistered_atARedirectLayer_isNamedByTheFaultAndTheTrace() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                            .name("too early")
                            .callout(KEY));

            bench.connect().close();

            assertThat(bench.sim.verifier().violations())
                    .singleElement()
                    .asString()
                    .contains("BLOCK_AT_REDIRECT_LAYER", "\"too early\"", "callout {" + KEY + "} is not registered");
            assertThat(bench.sim.trace().log().entries())
                    .extracting(TraceLog.Entry::event)
                    .filteredOn(TraceEvent.FilterEvaluated.class::isInstance)
                    .extracting(event -> ((TraceEvent.FilterEvaluated) event).unregistered())
                    .containsExactly(KEY);
        }
    }

    @Test
    @Spec("WFP-32")
    void callout_stillRegisteredAtUnload_isALeak() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.handle.close();
            bench.driver.registerCallout(KEY, doingNothing());

            assertThat(bench.driver.unload().held())
                    .singleElement()
                    .satisfies(held -> assertThat(held.object()).isEqualTo("{" + KEY + "}"));
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_LEAK);
        }
    }

    @Test
    @Spec("WFP-32")
    void callout_unregisteredByAnyName_canBeRegisteredAnew() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            int id = bench.driver.registerCallout(KEY, doingNothing()).calloutId();
            assertThat(bench.fwps.fwpsCalloutUnregisterById0(id)).isEqualTo(NtStatus.STATUS_SUCCESS);
            bench.driver.registerCallout(KEY, doingNothing());
            assertThat(bench.fwps.fwpsCalloutUnregisterByKey0(KEY)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(bench.fwps.fwpsCalloutUnregisterByKey0(KEY)).isEqualTo(NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND);
            try (CalloutRegistration last = bench.driver.registerCallout(KEY, doingNothing())) {
                assertThat(last.calloutKey()).isEqualTo(KEY);
            }
            bench.handle.close();
            assertThat(bench.driver.held().isEmpty()).isTrue();
        }
    }

    @Test
    @Spec("WFP-32")
    void callout_unregisteredByAnotherDriver_isNotTakenFromItsNewOwner() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            KernelDriver other = bench.sim.loadDriver("other.sys");
            int id = bench.driver.registerCallout(KEY, doingNothing()).calloutId();
            assertThat(other.fwps().fwpsCalloutUnregisterById0(id)).isEqualTo(NtStatus.STATUS_SUCCESS);
            List<String> called = new ArrayList<>();
            other.registerCallout(KEY, (values, meta, data, context, filter, flow, out) -> called.add("other"));
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).callout(KEY));
            bench.handle.close();
            bench.driver.unload();

            bench.connect().close();

            assertThat(called).containsExactly("other");
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    void functionsThatCreate_afterUnload_throw() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.driver.unload();

            assertThatIllegalStateException()
                    .isThrownBy(() -> bench.driver.registerCallout(KEY, doingNothing()))
                    .withMessageContaining("acme.sys");
            assertThatIllegalStateException().isThrownBy(() -> bench.driver.createRedirectHandle(KEY));
        }
    }

    @ParameterizedTest
    @CsvSource({"FWP_ACTION_PERMIT", "FWP_ACTION_BLOCK"})
    @Spec("WFP-28")
    void calloutOfAnInspectionFilter_thatDecides_isIgnoredWithAFault(ActionType decision) {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.driver.registerCallout(
                    KEY, (values, meta, data, context, filter, flow, out) -> out.setActionType(decision));
            bench.sim
                    .fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                            .build(ActionType.FWP_ACTION_CALLOUT_INSPECTION, KEY));

            bench.connect().close();

            assertThat(bench.faults()).containsExactly(Fault.ACTION_WRITTEN_WITHOUT_RIGHT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void exceptionAfterReplacingARedirect_leavesTheEarlierOneWithItsContext(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock first = bench.driver.pool().allocate("first".getBytes(StandardCharsets.UTF_8), "ctx1");
            PoolBlock second = bench.driver.pool().allocate("second".getBytes(StandardCharsets.UTF_8), "ctx2");
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(first, first.size());
            }));
            bench.atConnectRedirect(call -> {
                bench.redirect(call, request -> {
                    bench.toProxy(request);
                    request.setLocalRedirectContext(second, second.size());
                });
                throw new ArithmeticException("after apply");
            });

            bench.connect();

            assertThat(bench.accept().queryRedirectContext()).hasValue("first".getBytes(StandardCharsets.UTF_8));
            assertThat(second.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-38", "REC-30"})
    void exceptionAfterRedirectingTwice_freesBothContexts(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<PoolBlock> given = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                for (int i = 0; i < 2; i++) {
                    PoolBlock block = bench.driver.pool().allocate(8, "ctx1");
                    given.add(block);
                    bench.redirect(call, request -> {
                        bench.toProxy(request);
                        request.setLocalRedirectContext(block, block.size());
                    });
                }
                throw new ArithmeticException("after apply");
            });

            bench.connect().close();

            assertThat(given).extracting(PoolBlock::state).containsOnly(PoolBlock.State.FREED);
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-32")
    void calloutWithLiveFlowContexts_isBusyUntilTheyAreGone(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> deleted = new ArrayList<>();
            List<Long> flows = new ArrayList<>();
            Out<Integer> id = Out.empty();
            Layer layer = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4.withFamily(family);
            ClassifyFn1 tying = (values, meta, data, context, filter, flow, out) -> {
                flows.add(meta.flowHandle());
                assertThat(bench.fwps.fwpsFlowAssociateContext0(meta.flowHandle(), layer, id.get(), 7))
                        .isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(bench.fwps.fwpsFlowAssociateContext0(meta.flowHandle(), layer, id.get(), 8))
                        .as("it has one there")
                        .isEqualTo(NtStatus.STATUS_OBJECT_NAME_EXISTS);
            };
            bench.fwps.fwpsCalloutRegister1(
                    new FwpsCallout1(
                            KEY,
                            tying,
                            null,
                            (at, callout, context) -> deleted.add(at + " " + callout + " " + context)),
                    id);
            bench.sim.fwpm().addFilter(Filter.at(layer).callout(KEY));
            SimSocket first = bench.connect();
            SimSocket second = bench.connect();
            String told = layer + " " + id.get() + " 7";

            assertThat(bench.fwps.fwpsCalloutUnregisterById0(id.get())).isEqualTo(NtStatus.STATUS_DEVICE_BUSY);
            first.close();
            assertThat(deleted).containsExactly(told);
            assertThat(bench.fwps.fwpsCalloutUnregisterById0(id.get())).isEqualTo(NtStatus.STATUS_DEVICE_BUSY);
            assertThat(bench.fwps.fwpsFlowRemoveContext0(flows.get(1), layer, id.get()))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(deleted).containsExactly(told, told);
            assertThat(bench.fwps.fwpsFlowRemoveContext0(flows.get(1), layer, id.get()))
                    .isEqualTo(NtStatus.STATUS_UNSUCCESSFUL);
            assertThat(bench.fwps.fwpsCalloutUnregisterById0(id.get())).isEqualTo(NtStatus.STATUS_SUCCESS);
            second.close();
            assertThat(deleted).as("once for each context").hasSize(2);
            assertThat(bench.fwps.fwpsFlowAssociateContext0(1, layer, id.get(), 7))
                    .isEqualTo(NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND);
        }
    }

    @Test
    @Spec("WFP-32")
    void flowContexts_ofOneCallout_areKeptForEachLayer() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> deleted = new ArrayList<>();
            List<NtStatus> answers = new ArrayList<>();
            Out<Integer> id = Out.empty();
            Layer one = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
            Layer other = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
            ClassifyFn1 tying = (values, meta, data, context, filter, flow, out) -> {
                long flowId = meta.flowHandle();
                answers.add(bench.fwps.fwpsFlowAssociateContext0(flowId, one, id.get(), 7));
                answers.add(bench.fwps.fwpsFlowRemoveContext0(flowId, other, id.get()));
                answers.add(bench.fwps.fwpsFlowAssociateContext0(flowId, other, id.get(), 8));
                answers.add(bench.fwps.fwpsFlowRemoveContext0(flowId, other, id.get()));
            };
            bench.fwps.fwpsCalloutRegister1(
                    new FwpsCallout1(KEY, tying, null, (at, callout, context) -> deleted.add(at + " " + context)), id);
            bench.sim.fwpm().addFilter(Filter.at(one).callout(KEY));

            SimSocket socket = bench.connect();

            assertThat(answers)
                    .as("the callout is asked about the flow while it removes")
                    .containsExactly(
                            NtStatus.STATUS_SUCCESS,
                            NtStatus.STATUS_UNSUCCESSFUL,
                            NtStatus.STATUS_SUCCESS,
                            NtStatus.STATUS_PENDING);
            assertThat(deleted).containsExactly(other + " 8");
            socket.close();
            assertThat(deleted).containsExactly(other + " 8", one + " 7");
        }
    }

    @Test
    @Spec("WFP-32")
    void flowContext_needsAValueAndAFlowDeleteFn() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Layer layer = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
            int without = bench.driver.registerCallout(KEY, doingNothing()).calloutId();
            Out<Integer> with = Out.empty();
            bench.fwps.fwpsCalloutRegister1(
                    new FwpsCallout1(new UUID(8, 8), doingNothing(), null, (at, callout, context) -> {}), with);

            List<Long> flows = new ArrayList<>();
            bench.at(layer, call -> flows.add(call.meta().flowHandle()));
            bench.connect();

            assertThat(bench.fwps.fwpsFlowAssociateContext0(flows.get(0), layer, without, 7))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.fwps.fwpsFlowAssociateContext0(flows.get(0), layer, with.get(), 0))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        }
    }

    private static void assertPasses(RedirectBench bench, boolean passes) {
        if (passes) {
            bench.connect().close();
        } else {
            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-35")
    void version0Callout_atARedirectLayer_countsAsUnregisteredAndIsAFault(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<String> called = new ArrayList<>();
            bench.fwps.fwpsCalloutRegister0(
                    new FwpsCallout0(
                            KEY,
                            (values, meta, data, filter, flow, out) ->
                                    called.add(values.layer().name())),
                    null);
            for (Layer layer :
                    List.of(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)) {
                bench.sim
                        .fwpm()
                        .addFilter(Filter.at(layer.withFamily(family))
                                .build(ActionType.FWP_ACTION_CALLOUT_INSPECTION, KEY));
            }

            bench.connect();

            assertThat(called)
                    .containsExactly(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4
                            .withFamily(family)
                            .name());
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_VERSION_TOO_OLD);
        }
    }

    /** Where a callout throws, and the error of the connect; none if it goes on. */
    private enum Throwing {
        BIND_REDIRECT(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, null),
        CONNECT_REDIRECT(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, null),
        AUTH_CONNECT(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, Win32Error.WSAEACCES),
        FLOW_ESTABLISHED(Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4, null);

        private final Layer layer;
        private final @Nullable Win32Error error;

        Throwing(Layer layer, @Nullable Win32Error error) {
            this.layer = layer;
            this.error = error;
        }
    }

    @ParameterizedTest
    @EnumSource(Throwing.class)
    @Spec("WFP-38")
    void exceptionOutOfClassifyFn_isAFaultWithItsCauseAndADecision(Throwing where) {
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectBench bench = new RedirectBench(family)) {
                bench.at(where.layer, call -> {
                    throw new ArithmeticException("division by zero");
                });

                if (where.error == null) {
                    bench.connect();
                    assertThat(bench.destination()).isEqualTo(bench.origin);
                } else {
                    assertThat(bench.failToConnect()).isEqualTo(where.error);
                }

                assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
                assertThat(bench.sim.verifier().violations().get(0).detail()).contains("division by zero");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void errorOutOfClassifyFn_atAuthRecvAccept_refusesAndLeavesNothingBehind(AddressFamily family) {
        for (Error thrown : List.of(new StackOverflowError(), new AssertionError("of a test"))) {
            try (RedirectBench bench = new RedirectBench(family)) {
                bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
                bench.at(Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4, call -> {
                    throw thrown;
                });

                assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAECONNREFUSED);

                assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
                assertThat(bench.sim.connections())
                        .extracting(ConnectionSnapshot::state)
                        .containsExactly(ConnectionState.LISTENING, ConnectionState.OPEN);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void exceptionOutOfClassifyFn_atAuthListen_refusesToListen(AddressFamily family) throws IOException {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4, call -> {
                throw new ArithmeticException("division by zero");
            });
            SimSocket socket = bench.app
                    .winsock()
                    .tcpSocket(family)
                    .bind(new InetSocketAddress(bench.proxyAddress.getAddress(), 7000));

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(socket::listen)
                    .extracting(WinsockException::error)
                    .isEqualTo(Win32Error.WSAEACCES);
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void redirectCallout_whoseChooserThrows_isOneFaultAndHoldsNothing(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectCallout callout = bench.driver
                    .redirectCallout(bench.handle, bench.proxyAddress, bench.proxy)
                    .withProxy(asked -> {
                        throw new IllegalArgumentException("no proxy for " + asked);
                    });
            try (CalloutRegistration registered = bench.driver.registerCallout(KEY, callout)) {
                bench.sim
                        .fwpm()
                        .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                                .callout(KEY));
                bench.connect();
            }
            bench.handle.close();

            assertThat(bench.driver.unload().isEmpty()).isTrue();
            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
        }
    }

    @Test
    @Spec({"WFP-28", "WFP-38"})
    void exceptionUnderAHardPermit_isAVeto() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                call.out().clearWriteRight();
            });
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                throw new ArithmeticException("division by zero");
            });

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void exceptionOutOfClassifyFn_reachesTheCallerAsCause(AddressFamily family) throws Exception {
        UUID key = new UUID(51, 51);
        ArithmeticException cause = new ArithmeticException("division by zero");
        ClassifyFn1 throwing = (values, meta, data, context, filter, flow, out) -> {
            throw cause;
        };
        try (WfpSim sim = WfpSim.open();
                var callout = sim.loadDriver("acme.sys").registerCallout(key, throwing)) {
            sim.fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                            .callout(key));
            InetSocketAddress to = new InetSocketAddress(RedirectBench.address(family, 3), 80);
            sim.network().listen(to);
            SimSocket socket =
                    sim.process("C:\\app.exe", Token.STANDARD_USER).winsock().tcpSocket(family);

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> socket.connect(to))
                    .withMessageContaining("CALLOUT_THREW")
                    .withCause(cause);

            assertThat(socket.remoteAddress())
                    .as("the redirect layer changes nothing")
                    .isEqualTo(to);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-38")
    void exceptionAfterApply_undoesTheRedirectAndFreesItsContext(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                bench.redirect(call, request -> {
                    bench.toProxy(request);
                    request.setLocalRedirectContext(bench.driver.pool().allocate(4, "ctx1"), 4);
                });
                throw new IllegalStateException("after apply");
            });

            bench.connect();

            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(bench.sim.connections())
                    .allSatisfy(c -> assertThat(c.redirectChain()).isEmpty());
            assertThat(bench.driver.pool().outstanding()).isEmpty();
            assertThat(bench.faults()).containsExactly(Fault.CALLOUT_THREW);
        }
    }

    @Test
    void callout_mayConnectAndChangeFiltersFromInside() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<Integer> depth = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                depth.add(depth.size());
                if (depth.size() < 5) {
                    bench.connect().close();
                }
                bench.sim
                        .fwpm()
                        .addFilter(
                                Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4).permit());
            });

            bench.connect();

            assertThat(depth).hasSize(5);
            assertThat(bench.faults()).isEmpty();
        }
    }
}
