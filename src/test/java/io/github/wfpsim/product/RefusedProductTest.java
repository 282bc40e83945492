package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Product;
import io.github.wfpsim.WfpSim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A product whose installation fails half-way says why and leaves nothing behind, whoever its proxy is. */
@Timeout(60)
class RefusedProductTest {

    private interface Installation {
        void of(Product product) throws Exception;
    }

    @Test
    void calloutThatCannotBeMade_leavesNoProcessDriver() {
        refuseCallouts(Product::redirectTcp);
    }

    @Test
    void calloutThatCannotBeMade_leavesNoDatagramDriver() {
        refuseCallouts(Product::redirectUdp);
    }

    @Test
    void calloutThatCannotBeMade_leavesNoDriverProxy() {
        refuseCallouts(Product::redirectTcpInDriver);
    }

    private static void refuseCallouts(Installation installation) {
        try (WfpSim sim = WfpSim.open()) {
            Product throwing = sim.product("acme").callout(textbook -> {
                throw new IllegalStateException("no callout today");
            });
            Product none = sim.product("bolt").callout(textbook -> null);

            assertThatIllegalStateException()
                    .isThrownBy(() -> installation.of(throwing))
                    .withMessage("no callout today");
            assertThatNullPointerException()
                    .isThrownBy(() -> installation.of(none))
                    .withMessageContaining("classifyFn");

            assertThat(sim.held().held()).isEmpty();
            assertThat(sim.connections()).isEmpty();
            sim.tearDown();
            assertThat(sim.verifier().violations()).isEmpty();
        }
    }
}
