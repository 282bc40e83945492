package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.winsock.SimSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filters of one sub-layer that weigh the same. */
@Timeout(20)
class EqualWeightsTest {

    private static final UUID CALLOUT = new UUID(92, 1);
    private final List<Long> asked = new ArrayList<>();

    /** One callout for all filters; the context of each says what it answers. */
    private CalloutRegistration register(RedirectBench bench) {
        return bench.driver.registerCallout(CALLOUT, (values, meta, data, context, filter, flow, out) -> {
            asked.add(filter.context());
            out.setActionType(ActionType.fromCode((int) filter.context()).orElseThrow());
        });
    }

    private static Filter answering(RedirectBench bench, ActionType answer) {
        return at(bench).rawContext(answer.code()).callout(CALLOUT);
    }

    private static Filter.Builder at(RedirectBench bench) {
        return Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(bench.family));
    }

    private static List<Diagnostic> diagnostics(RedirectBench bench) {
        return bench.sim.verifier().diagnostics().stream().map(Finding::kind).toList();
    }

    private static long code(ActionType action) {
        return action.code();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-23")
    void authorizationThatIsAttachedAfterTheConnectProgram_isAskedFirst(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            CalloutRegistration registered = register(bench);
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_PERMIT));
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_BLOCK));

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
            registered.close();

            long block = code(ActionType.FWP_ACTION_BLOCK);
            assertThat(asked).containsExactly(block, block);
            assertThat(diagnostics(bench)).as("told once").containsExactly(Diagnostic.EQUAL_WEIGHTS_DECIDE);
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-23")
    void olderFilter_isAskedFirstWhereThatIsWanted(AddressFamily family) {
        SimOptions options = SimOptions.defaults().with(Deviation.EQUAL_WEIGHTS_OLDER_FIRST);
        try (RedirectBench bench = new RedirectBench(family, options)) {
            CalloutRegistration registered = register(bench);
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_PERMIT));
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_BLOCK));

            bench.connect();
            registered.close();

            assertThat(asked).containsExactly(code(ActionType.FWP_ACTION_PERMIT));
            assertThat(diagnostics(bench)).containsExactly(Diagnostic.EQUAL_WEIGHTS_DECIDE);
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-23")
    void tie_isTold_whereTheOneThatPassesOnWouldNotHaveBeenAsked() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CalloutRegistration registered = register(bench);
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_PERMIT));
            bench.sim.fwpm().addFilter(answering(bench, ActionType.FWP_ACTION_CONTINUE));
            bench.connect();
            registered.close();

            assertThat(diagnostics(bench)).containsExactly(Diagnostic.EQUAL_WEIGHTS_DECIDE);
            assertThat(bench.sim.verifier().diagnostics().get(0).detail()).contains("is asked before");
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-23")
    void tieThatMakesNoDifference_isNotTold() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            CalloutRegistration registered = register(bench);
            Fwpm fwpm = bench.sim.fwpm();
            SubLayer inspecting = fwpm.addSubLayer(new SubLayer(new UUID(92, 2), "inspecting", 9));
            SubLayer weighted = fwpm.addSubLayer(new SubLayer(new UUID(92, 3), "weighted", 8));
            fwpm.addFilter(at(bench).permit());
            fwpm.addFilter(at(bench).permit());
            fwpm.addFilter(at(bench).when(FilterCondition.remotePort(9)).callout(CALLOUT));
            for (int i = 0; i < 2; i++) {
                fwpm.addFilter(at(bench)
                        .subLayer(inspecting)
                        .rawContext(ActionType.FWP_ACTION_CONTINUE.code())
                        .callout(CALLOUT));
                fwpm.addFilter(at(bench)
                        .subLayer(weighted)
                        .weight(FilterWeight.explicit(i))
                        .rawContext(ActionType.FWP_ACTION_PERMIT.code())
                        .callout(CALLOUT));
            }
            bench.connect();
            registered.close();

            assertThat(diagnostics(bench)).isEmpty();
            bench.unregisterAll();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-23", "WFP-61"})
    void filterThatDecidesWhenAskedAfresh_isNoTieWithItself(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            int repeated = ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code();
            BlockingQueue<CompletionContext> held = new LinkedBlockingQueue<>();
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                boolean again = (call.values().flags() & repeated) != 0;
                call.out().setActionType(again ? ActionType.FWP_ACTION_PERMIT : ActionType.FWP_ACTION_CONTINUE);
            });
            bench.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, call -> {
                if ((call.values().flags() & repeated) == 0) {
                    Out<CompletionContext> context = Out.empty();
                    bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), context);
                    call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                    held.add(Objects.requireNonNull(context.get()));
                }
            });

            CompletableFuture<SimSocket> connect = CompletableFuture.supplyAsync(bench::connect);
            bench.fwps.fwpsCompleteOperation0(Objects.requireNonNull(held.poll(10, TimeUnit.SECONDS)), null);
            connect.get(10, TimeUnit.SECONDS);

            assertThat(diagnostics(bench)).isEmpty();
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-23")
    void softAndHardPermit_areNotTheSame() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            bench.sim.fwpm().addFilter(at(bench).permit());
            bench.sim
                    .fwpm()
                    .addFilter(at(bench)
                            .flag(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT)
                            .permit());
            bench.connect();

            assertThat(diagnostics(bench)).containsExactly(Diagnostic.EQUAL_WEIGHTS_DECIDE);
            bench.unregisterAll();
        }
    }
}
