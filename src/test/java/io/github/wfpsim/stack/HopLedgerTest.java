package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@Spec("REC-19")
class HopLedgerTest {

    private static final int CLIENT = 10;
    private static final int PROXY_A = 20;
    private static final int PROXY_B = 30;

    private final HopLedger hops = new HopLedger();

    private static RedirectRecord hop(long id, int from, int to, int depth) {
        InetSocketAddress somewhere = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 80);
        return new RedirectRecord(id, 1, new UUID(1, 1), to, from, "app", somewhere, somewhere, 1, depth, true);
    }

    @Test
    void processWithoutConnections_hasDepthZero() {
        assertThat(hops.deepest(CLIENT)).isZero();
        assertThat(hops.hopsTo(CLIENT)).isEmpty();
    }

    @Test
    void depth_isThatOfTheDeepestConnectionStillHeld() {
        RedirectRecord shallow = hop(1, CLIENT, PROXY_A, 1);
        RedirectRecord deep = hop(2, PROXY_A, PROXY_A, 2);
        hops.accepted(PROXY_A, shallow);
        hops.accepted(PROXY_A, shallow);
        hops.accepted(PROXY_A, deep);

        assertThat(hops.deepest(PROXY_A)).isEqualTo(2);
        hops.gone(PROXY_A, deep);
        assertThat(hops.deepest(PROXY_A)).isEqualTo(1);
        hops.gone(PROXY_A, shallow);
        assertThat(hops.deepest(PROXY_A)).as("one of two is left").isEqualTo(1);
        hops.gone(PROXY_A, shallow);
        assertThat(hops.deepest(PROXY_A)).isZero();
    }

    @Test
    void trail_goesThroughTheProcessesInTurn() {
        RedirectRecord first = hop(1, CLIENT, PROXY_A, 1);
        RedirectRecord second = hop(2, PROXY_A, PROXY_B, 2);
        RedirectRecord third = hop(3, PROXY_B, PROXY_A, 3);
        hops.accepted(PROXY_A, first);
        hops.accepted(PROXY_B, second);
        hops.accepted(PROXY_A, third);

        assertThat(hops.hopsTo(PROXY_A)).containsExactly(first, second, third);
        assertThat(hops.hopsTo(PROXY_B)).containsExactly(first, second);
    }

    @Test
    void trail_staysWhileOneOfSeveralConnectionsIsHeld() {
        RedirectRecord hop = hop(1, CLIENT, PROXY_A, 1);
        hops.accepted(PROXY_A, hop);
        hops.accepted(PROXY_A, hop);

        hops.gone(PROXY_A, hop);
        assertThat(hops.hopsTo(PROXY_A)).containsExactly(hop);
        hops.gone(PROXY_A, hop);

        assertThat(hops.hopsTo(PROXY_A)).isEmpty();
    }

    @Test
    void depth_isNotLoweredByAShallowerConnection() {
        hops.accepted(PROXY_A, hop(1, CLIENT, PROXY_A, 7));
        hops.accepted(PROXY_A, hop(2, CLIENT, PROXY_A, 1));

        assertThat(hops.deepest(PROXY_A)).isEqualTo(7);
    }

    @Test
    void connectionsOfOthers_doNotCount() {
        hops.accepted(PROXY_A, hop(1, CLIENT, PROXY_A, 1));

        hops.gone(PROXY_B, hop(1, CLIENT, PROXY_A, 1));

        assertThat(hops.deepest(PROXY_B)).isZero();
        assertThat(hops.deepest(PROXY_A)).isEqualTo(1);
    }
}
