package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Spec("REC-19")
class HopLedgerTest {

    private static final int CLIENT = 10;
    private static final int PROXY_A = 20;
    private static final int PROXY_B = 30;
    private static final InetSocketAddress WEB = IpAddress.parse("203.0.113.10:80");
    private static final InetSocketAddress MAIL = IpAddress.parse("203.0.113.10:25");
    private static final InetSocketAddress PROXY = IpAddress.parse("127.0.0.1:8080");

    private final HopLedger hops = new HopLedger();
    private long records;

    private Trail trail(@Nullable Trail before, int from, int to, InetSocketAddress destination) {
        int depth = before == null ? 1 : before.depth() + 1;
        RedirectRecord record = new RedirectRecord(
                ++records, 4, new UUID(1, 1), "acme.sys", to, from, "app", destination, PROXY, records, depth, true);
        return Trail.of(before, RedirectChain.empty().append(record));
    }

    @Test
    void processWithoutConnections_goesOnWithNothing() {
        assertThat(hops.goneOnWith(CLIENT, WEB)).isNull();
    }

    @Test
    void process_goesOnWithTheDeepestConnectionToTheSameDestination() {
        Trail shallow = trail(null, CLIENT, PROXY_A, WEB);
        Trail deep = trail(shallow, PROXY_A, PROXY_A, WEB);
        Trail other = trail(trail(trail(null, CLIENT, PROXY_A, MAIL), PROXY_A, PROXY_A, MAIL), PROXY_A, PROXY_A, MAIL);
        hops.accepted(PROXY_A, shallow);
        hops.accepted(PROXY_A, deep);
        hops.accepted(PROXY_A, other);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isSameAs(deep);
        assertThat(hops.goneOnWith(PROXY_A, MAIL)).isSameAs(other);
        assertThat(hops.goneOnWith(PROXY_A, PROXY)).as("no such destination").isSameAs(other);
        assertThat(hops.goneOnWith(PROXY_B, WEB)).as("another process").isNull();
    }

    @Test
    void closedConnection_countsUntilSomebodyGoesOnWithIt() {
        Trail accepted = trail(null, CLIENT, PROXY_A, WEB);
        hops.accepted(PROXY_A, accepted);
        hops.gone(PROXY_A, accepted, true);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isSameAs(accepted);
        hops.used(PROXY_A, accepted);
        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void closedConnection_whoseRecordsAreCarriedOnAfterwards_countsNoMore() {
        Trail accepted = trail(null, CLIENT, PROXY_A, WEB);
        RedirectRecord record = new RedirectRecord(
                records, 4, new UUID(1, 1), "acme.sys", PROXY_A, CLIENT, "app", WEB, PROXY, records, 1, true);
        hops.accepted(PROXY_A, accepted);
        hops.gone(PROXY_A, accepted, true);

        hops.carriedOn(PROXY_A, record, record);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void closedConnection_whoseRecordsWereCarriedOn_countsNoMore() {
        RedirectRecord record =
                new RedirectRecord(1, 4, new UUID(1, 1), "acme.sys", PROXY_A, CLIENT, "app", WEB, PROXY, 1, 1, true);
        RedirectChain chain = RedirectChain.empty().append(record);
        Trail accepted = Trail.of(null, chain);
        hops.accepted(PROXY_A, accepted);
        hops.carriedOn(PROXY_A, record, record);
        assertThat(hops.goneOnWith(PROXY_A, WEB)).as("as long as it is held").isSameAs(accepted);

        hops.gone(PROXY_A, accepted, true);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void connectionThatItsClientClosedFirst_isOver() {
        Trail accepted = trail(null, CLIENT, PROXY_A, WEB);
        hops.accepted(PROXY_A, accepted);

        hops.gone(PROXY_A, accepted, false);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void trail_staysWhileOneOfSeveralConnectionsIsHeld() {
        Trail first = trail(null, CLIENT, PROXY_A, WEB);
        Trail second = trail(null, CLIENT, PROXY_A, WEB);
        hops.accepted(PROXY_A, first);
        hops.accepted(PROXY_A, second);

        hops.gone(PROXY_A, first, true);
        hops.used(PROXY_A, first);
        assertThat(hops.goneOnWith(PROXY_A, WEB)).isSameAs(second);
        hops.gone(PROXY_A, second, true);
        hops.used(PROXY_A, second);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void manyDestinations_leaveNothingBehind() {
        for (int port = 1; port <= 1000; port++) {
            Trail accepted = trail(null, CLIENT, PROXY_A, new InetSocketAddress(WEB.getAddress(), port));
            hops.accepted(PROXY_A, accepted);
            hops.gone(PROXY_A, accepted, true);
            hops.used(PROXY_A, accepted);
        }

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void endedProcess_hasNothing() {
        Trail accepted = trail(null, CLIENT, PROXY_A, WEB);
        hops.accepted(PROXY_A, accepted);

        hops.ended(PROXY_A);
        hops.gone(PROXY_A, accepted, true);

        assertThat(hops.goneOnWith(PROXY_A, WEB)).isNull();
    }

    @Test
    void lineage_knowsWhatCameBeforeItsRecords() {
        Trail before = trail(null, CLIENT, PROXY_A, WEB);
        assertThat(hops.before(7)).isNull();

        hops.continues(7, before);

        assertThat(hops.before(7)).isSameAs(before);
        assertThat(hops.before(8)).isNull();
    }

    @Test
    void turns_countTheSameDriverProcessAndFirstDestination_throughSegmentsWithoutRecords() {
        Trail first = trail(null, CLIENT, PROXY_A, WEB);
        Trail otherProcess = trail(first, PROXY_A, PROXY_B, WEB);
        Trail otherDestination = trail(otherProcess, PROXY_B, PROXY_A, MAIL);
        Trail again = trail(otherDestination, PROXY_A, PROXY_A, WEB);

        assertThat(again.turns()).isEqualTo(2);
        assertThat(again.depth()).isEqualTo(4);
        assertThat(again.hops()).extracting(Trail.Hop::targetPid).containsExactly(PROXY_A, PROXY_B, PROXY_A, PROXY_A);
        assertThat(again.forgetful()).containsExactly(PROXY_A, PROXY_B);
    }
}
