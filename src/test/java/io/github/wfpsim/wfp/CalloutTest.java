package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceLog;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.winsock.SimSocket;
import java.net.InetSocketAddress;
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
        try (WfpSim sim = WfpSim.open()) {
            UUID key = new UUID(51, 51);
            ArithmeticException cause = new ArithmeticException("division by zero");
            sim.loadDriver("acme.sys").registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
                throw cause;
            });
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
