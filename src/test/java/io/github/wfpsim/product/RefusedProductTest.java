package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Product;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A product whose installation fails half-way says why and leaves nothing behind, whoever its proxy is. */
@Timeout(60)
class RefusedProductTest {

    private interface Installation {
        void of(Product product, SimProcess system) throws Exception;
    }

    @Test
    void calloutThatCannotBeMade_leavesNoProcessDriver() {
        refuseCallouts((product, system) -> product.redirectTcp());
    }

    @Test
    void calloutThatCannotBeMade_leavesNoDatagramDriver() {
        refuseCallouts((product, system) -> product.redirectUdp());
    }

    @Test
    void calloutThatCannotBeMade_leavesNoDriverProxy() {
        refuseCallouts((product, system) -> product.redirectTcpInDriver());
    }

    @Test
    void calloutThatCannotBeMade_leavesNoDriverAlone() {
        refuseCallouts((product, system) -> product.redirectTo(system));
    }

    @Test
    void calloutThatCannotBeMade_leavesNoBindDriver() {
        refuseCallouts((product, system) -> product.redirectBinds("127.0.0.1"));
    }

    private static void refuseCallouts(Installation installation) {
        try (WfpSim sim = WfpSim.open()) {
            Product throwing = sim.product("acme").callout(textbook -> {
                throw new IllegalStateException("no callout today");
            });
            Product none = sim.product("bolt").callout(textbook -> null);

            assertThatIllegalStateException()
                    .isThrownBy(() -> installation.of(throwing, sim.system()))
                    .withMessage("no callout today");
            assertThatNullPointerException()
                    .isThrownBy(() -> installation.of(none, sim.system()))
                    .withMessageContaining("classifyFn");

            assertThat(sim.held().held()).isEmpty();
            assertThat(sim.connections()).isEmpty();
            sim.tearDown();
            assertThat(sim.verifier().violations()).isEmpty();
        }
    }
}
