package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A machine that sees many drivers come and go keeps none of them. */
@Timeout(60)
class DriverComesAndGoesTest {

    private static final long BOUND = TimeUnit.SECONDS.toNanos(30);

    @Test
    @Spec("WFP-80")
    void unloadedDriver_isForgotten_withAllThatItCalled() {
        try (WfpSim sim = WfpSim.open()) {
            List<WeakReference<Object>> gone = loadAndUnload(sim);

            long end = System.nanoTime() + BOUND;
            while (gone.stream().anyMatch(reference -> reference.get() != null) && System.nanoTime() < end) {
                System.gc();
            }

            assertThat(gone).extracting(WeakReference::get).containsOnlyNulls();
        }
    }

    private static List<WeakReference<Object>> loadAndUnload(WfpSim sim) {
        try (KernelDriver driver = sim.loadDriver("visitor.sys")) {
            return List.of(
                    new WeakReference<>(driver),
                    new WeakReference<>(driver.fwps()),
                    new WeakReference<>(driver.io()),
                    new WeakReference<>(driver.wsk()),
                    new WeakReference<>(driver.pool()));
        }
    }
}
