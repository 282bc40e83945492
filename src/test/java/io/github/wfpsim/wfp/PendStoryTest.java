package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.trace.TextRenderer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the story says about pends, repeats and the filter that decides. */
@Timeout(20)
class PendStoryTest {

    private static final Layer AUTH = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private List<String> story() {
        return new TextRenderer()
                .render(bench.sim.trace().log().entries())
                .lines()
                .toList();
    }

    @Test
    @Spec("WFP-60")
    void pend_isToldWhenItIsCalled() {
        bench.atConnectRedirect(call -> {
            ClassifyHandle handle = bench.acquireHandle(call);
            bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out());
            bench.fwps.fwpsCompleteClassify0(handle, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
        });

        bench.connect();

        assertThat(story())
                .filteredOn(line -> line.contains("acme.sys pends") || line.contains("acme.sys completes"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("pends CONNECT_REDIRECT_V4"),
                        second -> assertThat(second).contains("completes CONNECT_REDIRECT_V4 with PERMIT"));
    }

    @Test
    @Spec({"WFP-60", "WFP-80"})
    void pendThatIsNeverCompleted_isEndedByTheEngineNotByTheDriver() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        bench.at(AUTH, call -> {
            assertThat(bench.fwps.fwpsPendOperation0(call.meta().completionHandle(), Out.empty()))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
            held.countDown();
        });
        Thread connecting = new Thread(bench::failToConnect);
        connecting.start();
        held.await();

        bench.driver.unload();
        connecting.join();

        assertThat(story())
                .anyMatch(line -> line.endsWith("the engine ends acme.sys's pend of AUTH_CONNECT_V4 (driver unloaded)"))
                .anyMatch(line -> line.contains("AUTH_CONNECT_V4 is asked again (classify completion): "))
                .noneMatch(line -> line.contains("acme.sys completes"));
    }

    @Test
    @Spec("WFP-58")
    void pendThatIsRefused_saysWhatToCallInstead() {
        bench.at(AUTH, call -> {
            ClassifyHandle handle = bench.acquireHandle(call);
            assertThat(bench.fwps.fwpsPendClassify0(handle, call.filter().filterId(), 0, call.out()))
                    .isEqualTo(NtStatus.STATUS_FWP_CANNOT_PEND);
            bench.fwps.fwpsReleaseClassifyHandle0(handle);
        });

        bench.connect();

        assertThat(story())
                .anyMatch(line -> line.endsWith(
                        "acme.sys was refused the pend of AUTH_CONNECT_V4: " + "use FwpsPendOperation0 at this layer"));
    }

    @Test
    @Spec({"WFP-24", "WFP-73"})
    void layerThatIsAskedAgain_saysWhyAndWhoDecided() {
        bench.connect();

        long filter = bench.sim.fwpm().addFilter(Filter.at(AUTH).name("no web").block());

        assertThat(story())
                .anyMatch(line -> line.contains("AUTH_CONNECT_V4 is asked again (policy change): "))
                .anyMatch(line -> line.endsWith("filter " + filter + " \"no web\": BLOCK (hard)"))
                .anyMatch(line -> line.endsWith("AUTH_CONNECT_V4 BLOCKS by filter " + filter));
    }
}
