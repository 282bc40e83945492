package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Objects of different kinds that have the same GUID. */
class SharedGuidTest {

    private static final UUID KEY = new UUID(60, 1);

    @Test
    void staticObject_withTheGuidOfADynamicOne_belongsToNoSession() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            Fwpm fwpm = bench.sim.fwpm();
            SubLayer subLayer = new SubLayer(KEY, "static", 4);
            Fwpm session = fwpm.open(FwpmSession.dynamic("service"));
            session.fwpmProviderAdd0(new Provider(KEY, "dynamic"));
            fwpm.fwpmSubLayerAdd0(subLayer);
            assertThat(fwpm.fwpmSubLayerDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);
            fwpm.fwpmSubLayerAdd0(subLayer);

            session.close();

            assertThat(fwpm.fwpmSubLayerDeleteByKey0(KEY))
                    .as("it did not go with the session")
                    .isEqualTo(Win32Error.NO_ERROR);
            assertThat(fwpm.fwpmProviderDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        }
    }
}
