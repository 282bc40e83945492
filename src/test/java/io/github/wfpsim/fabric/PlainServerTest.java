package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.BlockedCall;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class PlainServerTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualClock clock = new VirtualClock();
    private final Fabric network = new Fabric();
    private final RemoteServer server = network.listen(Hosts.at(AddressFamily.AF_INET, 1, 80));

    @AfterEach
    void closeNetwork() {
        network.close();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void accept_afterAConnect_tiesBothEndsTogether(AddressFamily family) throws Exception {
        try (RemoteServer echo = network.listen(Hosts.at(family, 2, 7))) {
            DuplexStream client = connect(echo);
            DuplexStream accepted = accept(echo);

            Bytes.write(client, "ping");
            assertThat(Bytes.read(accepted, 4)).isEqualTo("ping");
            Bytes.write(accepted, "pong");
            assertThat(Bytes.read(client, 4)).isEqualTo("pong");
            assertThat(echo.address()).isEqualTo(Hosts.at(family, 2, 7));
        }
    }

    @Test
    void accept_withSeveralWaiting_takesTheOldest() throws Exception {
        Bytes.write(connect(server), "1");
        Bytes.write(connect(server), "2");

        assertThat(Bytes.read(accept(server), 1)).isEqualTo("1");
        assertThat(Bytes.read(accept(server), 1)).isEqualTo("2");
    }

    @Test
    void accept_withNobodyWaiting_blocksUntilAConnect() throws Exception {
        BlockedCall<DuplexStream> accepter = BlockedCall.startAndAwaitBlocked(() -> accept(server));

        Bytes.write(connect(server), "x");

        assertThat(Bytes.read(accepter.result(), 1)).isEqualTo("x");
    }

    @Test
    void accept_beforeTheDialerConfirms_doesNotSeeTheConnection() throws Exception {
        InboundConnection offered = offer(server);
        assertThat(server.accept(past())).isNull();

        offered.established();

        assertThat(server.accept(past())).isNotNull();
    }

    @Test
    void abandon_neverReachesTheServer() throws Exception {
        InboundConnection offered = offer(server);

        offered.abandon();

        assertThat(server.accept(past())).isNull();
        assertThat(offered.dialerEnd().isReset()).isTrue();
    }

    @Test
    void accept_whenTheDeadlinePasses_returnsNull() throws Exception {
        Deadline deadline = clock.deadlineAfter(SECOND);
        BlockedCall<Boolean> accepter = BlockedCall.startAndAwaitBlocked(() -> server.accept(deadline) == null);

        clock.advance(SECOND.minusNanos(1));
        assertThat(accepter.isDone()).isFalse();
        clock.advance(Duration.ofNanos(1));

        assertThat(accepter.result()).isTrue();
    }

    @Test
    void accept_whenTheThreadIsInterrupted_givesUp() throws Exception {
        BlockedCall<DuplexStream> accepter = BlockedCall.startAndAwaitBlocked(() -> accept(server));

        accepter.interrupt();

        assertThat(accepter.failure()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void offers_withoutAnAccept_allWait() throws Exception {
        for (int i = 0; i < 300; i++) {
            connect(server);
        }

        for (int i = 0; i < 300; i++) {
            assertThat(server.accept(past())).isNotNull();
        }
        assertThat(server.accept(past())).isNull();
    }

    @Test
    void close_wakesEveryAccepter() throws Exception {
        BlockedCall<Boolean> first = BlockedCall.startAndAwaitBlocked(() -> server.accept(Deadline.NEVER) == null);
        BlockedCall<Boolean> second = BlockedCall.startAndAwaitBlocked(() -> server.accept(Deadline.NEVER) == null);

        server.close();

        assertThat(first.result()).isTrue();
        assertThat(second.result()).isTrue();
        assertThat(server.accept(Deadline.NEVER)).isNull();
    }

    @Test
    void close_resetsWhatNobodyAcceptedAndLeavesTheRest() throws Exception {
        DuplexStream accepted = connect(server);
        accept(server);
        DuplexStream waiting = connect(server);

        server.close();

        assertThat(waiting.isReset()).isTrue();
        assertThat(accepted.isReset()).isFalse();
    }

    @Test
    void close_betweenOfferAndConfirmation_resetsTheConnection() throws Exception {
        InboundConnection offered = offer(server);

        server.close();
        offered.established();

        assertThat(offered.dialerEnd().isReset()).isTrue();
        assertThat(server.accept(Deadline.NEVER)).isNull();
    }

    @Test
    void close_freesTheAddressOnce() throws Exception {
        server.close();
        assertThatExceptionOfType(NoRouteToHostException.class).isThrownBy(() -> offer(server));
        RemoteServer next = network.listen(server.address());

        server.close();

        connect(next);
        assertThat(next.accept(past())).isNotNull();
    }

    @Test
    void offer_toAClosedServer_isRefused() {
        server.close();

        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> Offered.to((NetworkNode) server, dial(server).reversed()))
                .withMessageContaining(" " + IpAddress.text(server.address()))
                .withMessageContaining("closed");
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void accept_withoutDeadline_isRejectedByName() {
        assertThatNullPointerException()
                .isThrownBy(() -> server.accept(null))
                .withMessageContaining("deadline must not be null");
    }

    private Deadline past() {
        return clock.deadlineAfter(Duration.ZERO);
    }

    private static DuplexStream accept(RemoteServer server) throws InterruptedException {
        return Objects.requireNonNull(server.accept(Deadline.NEVER), "the server was closed");
    }

    private DuplexStream connect(RemoteServer to) throws IOException {
        InboundConnection offered = offer(to);
        offered.established();
        return offered.dialerEnd();
    }

    private InboundConnection offer(RemoteServer to) throws IOException {
        return Offered.on(network, dial(to));
    }

    private static FiveTuple dial(RemoteServer to) {
        AddressFamily family = AddressFamily.of(to.address().getAddress());
        return new FiveTuple(IpProtocol.IPPROTO_TCP, Hosts.at(family, 200, 50_000), to.address());
    }
}
