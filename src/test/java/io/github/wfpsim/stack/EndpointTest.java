package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.ConnectionState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an endpoint keeps in shared bits and in the part that few have: each for itself. */
@Timeout(20)
class EndpointTest {

    private static final int THREADS = 4;

    private final ProcessEntry process = new ProcessTable().start("C:\\app.exe", Token.STANDARD_USER, null);
    private final Endpoint endpoint = new ConnectionTable(new HandleSource(), new Waits())
            .open(process, new Endpoint.Kind(AddressFamily.AF_INET6, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP));

    private List<Object> marks() {
        return List.of(endpoint.isAcceptor(), !endpoint.isV6Only(), endpoint.hasConnectFailed(), endpoint.isCut());
    }

    @Test
    void marks_areSetOneByOne() {
        assertThat(marks()).containsExactly(false, false, false, false);
        endpoint.markAssigned();
        assertThat(marks()).containsExactly(false, false, false, false);
        endpoint.markAcceptor();
        assertThat(marks()).containsExactly(true, false, false, false);
        endpoint.setV6Only(false);
        assertThat(marks()).containsExactly(true, true, false, false);
        endpoint.setConnectFailed(NtStatus.STATUS_CONNECTION_REFUSED);
        assertThat(marks()).containsExactly(true, true, true, false);
        endpoint.markCut();
        assertThat(marks()).containsExactly(true, true, true, true);
    }

    @Test
    void marks_areClearedOneByOne() {
        endpoint.markAssigned();
        endpoint.markAcceptor();
        endpoint.setV6Only(false);
        endpoint.setConnectFailed(NtStatus.STATUS_CONNECTION_REFUSED);
        endpoint.markCut();

        endpoint.setV6Only(true);
        endpoint.setV6Only(true);
        assertThat(marks()).containsExactly(true, false, true, true);
        endpoint.beginConnect(ConnectionState.OPEN);
        assertThat(marks()).containsExactly(true, false, false, true);
        assertThat(endpoint.giveUpAssignment()).isTrue();
        assertThat(marks()).containsExactly(true, false, false, true);
    }

    @Test
    void assignment_isGivenUpByOneOfManyThreads() throws Exception {
        assertThat(endpoint.giveUpAssignment()).as("none yet").isFalse();
        endpoint.markAssigned();

        List<Boolean> gaveUp = Race.run(THREADS, endpoint::giveUpAssignment);

        assertThat(gaveUp).containsOnlyOnce(true);
        assertThat(endpoint.giveUpAssignment()).isFalse();
    }

    @Test
    void socketError_isTakenOnce_andForgottenByTheNextConnect() {
        assertThat(endpoint.takeSocketError()).isNull();
        endpoint.setConnectFailed(NtStatus.STATUS_CONNECTION_REFUSED);
        assertThat(endpoint.takeSocketError()).isEqualTo(NtStatus.STATUS_CONNECTION_REFUSED);
        assertThat(endpoint.takeSocketError()).isNull();
        assertThat(endpoint.hasConnectFailed()).as("until the next connect").isTrue();

        endpoint.setConnectFailed(NtStatus.STATUS_HOST_UNREACHABLE);
        endpoint.beginConnect(ConnectionState.OPEN);

        assertThat(endpoint.takeSocketError()).isNull();
    }

    /** A wait that answers nothing. */
    private record Named(String holder) implements Endpoint.Hold {
        @Override
        public void cancel() {}
    }

    @Test
    void holds_areKeptOldestFirst_andForgottenOnce() {
        Endpoint.Hold first = new Named("first");
        Endpoint.Hold second = new Named("second");
        assertThat(endpoint.holds()).isEmpty();
        endpoint.addHold(first);
        endpoint.addHold(second);
        endpoint.addHold(second);
        assertThat(endpoint.holds()).containsExactly(first, second, second);

        endpoint.removeHold(second);
        assertThat(endpoint.holds()).containsExactly(first, second);
        endpoint.removeHold(second);
        endpoint.removeHold(second);

        assertThat(endpoint.holds()).containsExactly(first);
    }

    @Test
    void watcher_hearsOfEachChangeUntilItIsRemoved() {
        List<ConnectionState> heard = new ArrayList<>();
        Runnable watcher = () -> heard.add(endpoint.state());
        endpoint.addWatcher(watcher);
        endpoint.transition(ConnectionState.OPEN, ConnectionState.BOUND);
        endpoint.transition(ConnectionState.OPEN, ConnectionState.BOUND);
        endpoint.beginConnect(ConnectionState.BOUND);

        endpoint.removeWatcher(watcher);
        endpoint.close();

        assertThat(heard).containsExactly(ConnectionState.BOUND, ConnectionState.CONNECTING);
    }

    @Test
    void whatFewHave_madeByManyThreadsAtOnce_isMadeOnce() throws Exception {
        Race.run(THREADS, () -> {
            endpoint.addHold(new Named("one"));
            return true;
        });

        assertThat(endpoint.holds()).isEqualTo(Collections.nCopies(THREADS, new Named("one")));
    }
}
