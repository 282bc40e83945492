package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class PortAllocatorTest {

    private static final IpProtocol TCP = IpProtocol.IPPROTO_TCP;
    private static final int RANGE = PortAllocator.LAST_DYNAMIC - PortAllocator.FIRST_DYNAMIC + 1;

    private final PortAllocator ports = new PortAllocator();

    private static InetSocketAddress loopback(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    private static InetSocketAddress any(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.wildcard(family), port);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bind_ofATakenAddress_failsUntilItIsReleased(AddressFamily family) {
        assertThat(ports.bind(TCP, loopback(family, 80))).isTrue();
        assertThat(ports.bind(TCP, loopback(family, 80))).isFalse();
        assertThat(ports.bind(TCP, loopback(family, 81))).isTrue();
        assertThat(ports.bind(IpProtocol.IPPROTO_UDP, loopback(family, 80))).isTrue();

        ports.release(TCP, loopback(family, 80));

        assertThat(ports.bind(TCP, loopback(family, 80))).isTrue();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bind_ofTheWildcardAndOfAnAddress_shareAPort(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        assertThat(ports.bind(TCP, any(family, 80))).isTrue();

        assertThat(ports.bind(TCP, any(family, 80))).isFalse();
        assertThat(ports.bind(TCP, loopback(family, 80))).isTrue();
        assertThat(ports.bind(TCP, any(other, 80))).isTrue();
        assertThat(ports.bind(TCP, loopback(family, 81))).isTrue();
        assertThat(ports.bind(TCP, any(family, 81))).isTrue();
    }

    @Test
    void dynamicPorts_areEachGivenOnceUntilTheRangeIsEmpty() {
        InetAddress address = IpAddress.loopback(AddressFamily.AF_INET);
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < RANGE; i++) {
            given.add(ports.bindAny(TCP, address));
        }

        assertThat(given)
                .hasSize(RANGE)
                .allSatisfy(
                        port -> assertThat(port).isBetween(PortAllocator.FIRST_DYNAMIC, PortAllocator.LAST_DYNAMIC));
        assertThat(ports.bindAny(TCP, address)).as("none left").isZero();

        ports.release(TCP, new InetSocketAddress(address, 50_000));
        assertThat(ports.bindAny(TCP, address)).isEqualTo(50_000);
    }

    @Test
    void connects_toOnePeer_takeEachPortOnceAndAnotherPeerMayHaveThemAgain() {
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < RANGE; i++) {
            given.add(portTowards(80));
        }

        assertThat(given).hasSize(RANGE);
        assertThat(portTowards(80)).as("none left").isZero();
        assertThat(portTowards(81)).isNotZero();

        InetAddress local = IpAddress.wildcard(AddressFamily.AF_INET);
        ports.release(new PortAllocator.Claim(TCP, local, 51_111, loopback(AddressFamily.AF_INET, 80)));
        assertThat(portTowards(80)).isEqualTo(51_111);
    }

    private int portTowards(int port) {
        InetAddress local = IpAddress.wildcard(AddressFamily.AF_INET);
        PortAllocator.Claim claim = ports.connectAny(TCP, local, loopback(AddressFamily.AF_INET, port));
        return claim == null ? 0 : claim.port();
    }

    @Test
    void connect_neverTakesAPortThatIsBound() {
        InetSocketAddress bound = loopback(AddressFamily.AF_INET, PortAllocator.FIRST_DYNAMIC);
        ports.bind(TCP, bound);
        for (int i = 0; i < RANGE - 1; i++) {
            assertThat(portTowards(80)).isNotZero().isNotEqualTo(bound.getPort());
        }
    }

    @Test
    void ports_takenByManyThreads_areNeverGivenTwice() throws Exception {
        Set<Integer> given = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Boolean>> all = threads.invokeAll(Collections.nCopies(4, () -> takeAnEighth(given)));
        threads.shutdown();
        for (Future<Boolean> each : all) {
            assertThat(each.get()).as("every port was new").isTrue();
        }
        assertThat(given).hasSize(RANGE / 8 * 4);
    }

    private boolean takeAnEighth(Set<Integer> given) {
        boolean allNew = true;
        for (int i = 0; i < RANGE / 8; i++) {
            allNew &= given.add(ports.bindAny(TCP, IpAddress.loopback(AddressFamily.AF_INET)));
        }
        return allNew;
    }
}
