package io.github.wfpsim;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Network;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class MachineAddressTest {

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void open_whenOneAddressIsTaken_givesTheOthersBack(AddressFamily family) {
        try (Network network = WfpSim.openNetwork();
                WfpSim first = open(network, family, 1)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> open(network, family, 2, 1))
                    .withMessageContaining("taken");

            WfpSim second = open(network, family, 2);

            second.close();
            first.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "255.255.255.255, broadcast or multicast",
        "224.0.0.1, broadcast or multicast",
        "ff02::1, broadcast or multicast",
        "127.0.0.1, every machine has loopback",
        "::, every machine has loopback"
    })
    void addressThatIsNoMachinesOwn_isRefused(String address, String why) {
        WfpSim.Builder builder = WfpSim.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.address(IpAddress.parseHost(address)))
                .withMessageStartingWith(address)
                .withMessageContaining(why);
    }

    private static WfpSim open(Network network, AddressFamily family, int... hosts) {
        WfpSim.Builder builder = WfpSim.builder().network(network);
        for (int host : hosts) {
            builder.address(Hosts.host(family, host));
        }
        return builder.open();
    }
}
