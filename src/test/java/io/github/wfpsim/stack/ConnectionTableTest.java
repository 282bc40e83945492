package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class ConnectionTableTest {

    private final ConnectionTable table = new ConnectionTable(new HandleSource(), new Waits());
    private final ProcessEntry process = new ProcessTable().start("C:\\app.exe", Token.STANDARD_USER, null);

    private Endpoint open(AddressFamily family) {
        return table.open(process, new Endpoint.Kind(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP));
    }

    private Endpoint listenAt(AddressFamily family, InetSocketAddress address, boolean v6Only) {
        Endpoint listener = open(family);
        listener.setV6Only(v6Only);
        assertThat(table.reserve(listener, address)).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(listener.local()).isEqualTo(address);
        table.listen(listener);
        return listener;
    }

    private static InetSocketAddress any(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.wildcard(family), port);
    }

    private static InetSocketAddress loopback(AddressFamily family, int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    private Endpoint listenerFor(InetSocketAddress address) {
        return table.listenerFor(IpProtocol.IPPROTO_TCP, address);
    }

    @Test
    @Spec("WFP-20")
    void handles_areNeverGivenTwice() {
        Set<Long> handles = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Endpoint endpoint = open(AddressFamily.AF_INET);
            assertThat(handles.add(endpoint.handle())).isTrue();
            table.remove(endpoint);
        }
        assertThat(table.size()).isZero();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void listener_atTheExactAddress_goesBeforeTheWildcard(AddressFamily family) {
        Endpoint exact = listenAt(family, loopback(family, 80), true);
        Endpoint other = listenAt(family, any(family, 81), true);

        assertThat(listenerFor(loopback(family, 80))).isSameAs(exact);
        assertThat(listenerFor(loopback(family, 81))).isSameAs(other);
        assertThat(listenerFor(loopback(family, 82))).isNull();
    }

    @Test
    void wildcardOfIpv6_takesIpv4OnlyIfDualStack() {
        Endpoint only = listenAt(AddressFamily.AF_INET6, any(AddressFamily.AF_INET6, 80), true);
        Endpoint dual = listenAt(AddressFamily.AF_INET6, any(AddressFamily.AF_INET6, 81), false);

        assertThat(listenerFor(loopback(AddressFamily.AF_INET, 80))).isNull();
        assertThat(listenerFor(loopback(AddressFamily.AF_INET6, 80))).isSameAs(only);
        assertThat(listenerFor(loopback(AddressFamily.AF_INET, 81))).isSameAs(dual);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void removedEndpoint_givesEverythingBack(AddressFamily family) {
        Endpoint listener = listenAt(family, loopback(family, 80), true);
        Endpoint client = open(family);
        assertThat(table.claimTuple(client, loopback(family, 80))).isTrue();

        table.remove(listener);
        table.remove(listener);
        table.remove(client);

        assertThat(listenerFor(loopback(family, 80))).isNull();
        assertThat(table.endpoints()).isEmpty();
        assertThat(table.reserve(open(family), loopback(family, 80))).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void tuple_ofABoundEndpoint_isTakenOnce(AddressFamily family) {
        Endpoint bound = open(family);
        table.reserve(bound, loopback(family, 5000));

        assertThat(table.claimTuple(bound, loopback(family, 80))).isTrue();
        table.disconnect(bound, true);
        assertThat(bound.local()).isEqualTo(loopback(family, 5000));
        assertThat(table.claimTuple(bound, loopback(family, 80))).isTrue();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void tuple_ofAnEndpointWhoseSourceWasChosenLater_isGivenBackAsItWasTaken(AddressFamily family) {
        Endpoint gone = open(family);
        table.reserve(gone, any(family, 5000));
        assertThat(table.claimTuple(gone, loopback(family, 80))).isTrue();
        gone.setLocal(loopback(family, 5000));

        table.remove(gone);

        Endpoint next = open(family);
        assertThat(table.reserve(next, any(family, 5000))).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(table.claimTuple(next, loopback(family, 80))).isTrue();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void endpoint_removedByAnotherThreadMeanwhile_keepsNeitherTupleNorListener(AddressFamily family) {
        Endpoint gone = open(family);
        table.reserve(gone, loopback(family, 5000));
        gone.close();
        table.remove(gone);

        table.claimTuple(gone, loopback(family, 80));
        table.listen(gone);

        assertThat(listenerFor(loopback(family, 5000))).isNull();
        Endpoint next = open(family);
        table.reserve(next, loopback(family, 5000));
        assertThat(table.claimTuple(next, loopback(family, 80))).isTrue();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void disconnect_ofAnEndpointThatWasNeverBound_makesItUnboundAgain(AddressFamily family) {
        Endpoint endpoint = open(family);
        table.reserve(endpoint, loopback(family, 5000));

        table.disconnect(endpoint, false);

        assertThat(endpoint.local()).isEqualTo(any(family, 0));
        assertThat(table.reserve(open(family), loopback(family, 5000))).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    @Test
    void endpoints_areListedByHandleAndByProcess() {
        Endpoint one = open(AddressFamily.AF_INET);
        Endpoint two = open(AddressFamily.AF_INET6);

        assertThat(table.endpoints()).containsExactly(one, two);
        assertThat(table.endpointsOf(process)).containsExactly(one, two);
        assertThat(table.endpointsOf(new ProcessTable().system())).isEmpty();
        assertThat(table.find(two.handle())).isSameAs(two);
    }

    @Test
    void acceptQueue_keepsTheOrderAndItsBound() throws Exception {
        AcceptQueue queue = new AcceptQueue(2, new Waits(), () -> "a connection");
        Endpoint first = open(AddressFamily.AF_INET);
        Endpoint second = open(AddressFamily.AF_INET);

        assertThat(queue.reserve()).isTrue();
        assertThat(queue.reserve()).isTrue();
        assertThat(queue.reserve()).as("full").isFalse();
        assertThat(queue.offer(first)).isTrue();
        assertThat(queue.reserve()).as("still full").isFalse();
        assertThat(queue.offer(second)).isTrue();

        assertThat(queue.take(Deadline.NEVER)).isSameAs(first);
        assertThat(queue.reserve()).isTrue();
        queue.release();
        assertThat(queue.poll()).isSameAs(second);
        assertThat(queue.poll()).isNull();
    }

    @Test
    void acceptQueue_thatIsClosed_handsBackWhatWaitsAndTakesNoMore() throws Exception {
        AcceptQueue queue = new AcceptQueue(5, new Waits(), () -> "a connection");
        Endpoint waiting = open(AddressFamily.AF_INET);
        queue.reserve();
        queue.offer(waiting);
        queue.reserve();

        assertThat(queue.close()).containsExactly(waiting);
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.reserve()).isFalse();
        assertThat(queue.offer(waiting)).isFalse();
        assertThat(queue.take(Deadline.NEVER)).isNull();
    }

    @Test
    void acceptQueue_withADeadlineThatPasses_givesNothing() throws Exception {
        VirtualClock clock = new VirtualClock();

        assertThat(new AcceptQueue(1, new Waits(), () -> "a connection").take(clock.deadlineAfter(Duration.ZERO)))
                .isNull();
    }
}
