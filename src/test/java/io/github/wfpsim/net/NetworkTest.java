package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class NetworkTest {

    private final Network network = Network.create();

    private static FiveTuple dialling(InetSocketAddress to) {
        AddressFamily family = AddressFamily.of(to.getAddress());
        return new FiveTuple(IpProtocol.IPPROTO_TCP, new InetSocketAddress(IpAddress.loopback(family), 50_000), to);
    }

    private static InetSocketAddress somewhere(AddressFamily family) {
        return BridgeTest.simulated(family);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void dialling_aServer_givesBothEndsOfOneConnection(AddressFamily family) throws Exception {
        RemoteServer server = network.listen(somewhere(family));
        InboundConnection arrival = network.offer(dialling(somewhere(family)));
        arrival.established();

        arrival.dialerEnd().write(StreamContract.bytes(1, 2), Deadline.NEVER);

        assertThat(StreamContract.read(server.accept(Deadline.NEVER), 2)).containsExactly(1, 2);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void dialling_anotherPort_isRefusedAndAnotherAddressIsUnreachable(AddressFamily family) {
        network.listen(somewhere(family));
        InetSocketAddress otherPort = new InetSocketAddress(somewhere(family).getAddress(), 81);
        InetSocketAddress otherAddress = new InetSocketAddress(IpAddress.loopback(family), 80);

        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> network.offer(dialling(otherPort)));
        assertThatExceptionOfType(NoRouteToHostException.class).isThrownBy(() -> network.offer(dialling(otherAddress)));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void dialling_aMachine_turnsTheTupleRound(AddressFamily family) throws Exception {
        List<FiveTuple> offered = new ArrayList<>();
        network.attach(somewhere(family).getAddress(), tuple -> {
            offered.add(tuple);
            throw new ConnectException("not today");
        });

        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> network.offer(dialling(somewhere(family))));

        assertThat(offered).containsExactly(dialling(somewhere(family)).reversed());
        assertThat(offered.get(0).local()).isEqualTo(somewhere(family));
    }

    @Test
    void aServerAtTheExactAddress_goesBeforeTheMachine() throws Exception {
        InetSocketAddress address = somewhere(AddressFamily.AF_INET);
        network.attach(address.getAddress(), tuple -> {
            throw new ConnectException("the machine");
        });
        RemoteServer server = network.listen(address);

        network.offer(dialling(address)).established();

        assertThat(server.accept(Deadline.NEVER)).isNotNull();
    }

    @Test
    void addresses_belongToOneOnly() {
        InetSocketAddress address = somewhere(AddressFamily.AF_INET);
        network.attach(address.getAddress(), tuple -> null);
        network.listen(address);

        assertThatIllegalStateException()
                .isThrownBy(() -> network.attach(address.getAddress(), tuple -> null))
                .withMessageContaining("203.0.113.10");
        assertThatIllegalStateException()
                .isThrownBy(() -> network.listen(address))
                .withMessageContaining("203.0.113.10");
    }

    @Test
    void places_withoutPortOrAddress_areRefused() {
        for (InetSocketAddress bad : List.of(
                new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 0),
                new InetSocketAddress(80),
                InetSocketAddress.createUnresolved("example", 80))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.listen(bad))
                    .withMessageContaining("no place to listen");
        }
    }

    @Test
    void server_thatIsClosed_refusesResetsTheUnacceptedAndFreesItsAddress() throws Exception {
        InetSocketAddress address = somewhere(AddressFamily.AF_INET);
        RemoteServer server = network.listen(address);
        InboundConnection waiting = network.offer(dialling(address));
        waiting.established();
        InboundConnection late = network.offer(dialling(address));

        server.close();
        server.close();
        late.established();

        assertThat(waiting.dialerEnd().isReset()).isTrue();
        assertThat(late.dialerEnd().isReset()).isTrue();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> network.offer(dialling(address)));
        network.listen(address);
    }

    @Test
    void accept_isEndedByTheDeadlineAndByClosing() throws Exception {
        RemoteServer server = network.listen(somewhere(AddressFamily.AF_INET));
        VirtualClock clock = new VirtualClock();
        assertThat(server.accept(clock.deadlineAfter(Duration.ZERO))).isNull();
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        CompletableFuture<DuplexStream> accepted = new CompletableFuture<>();
        Thread acceptor = new Thread(() -> {
            waiting.complete(Thread.currentThread());
            try {
                accepted.complete(server.accept(Deadline.NEVER));
            } catch (InterruptedException interrupted) {
                accepted.completeExceptionally(interrupted);
            }
        });
        acceptor.start();
        StreamContract.awaitBlocked(waiting.get());

        server.close();

        assertThat(accepted.get(10, TimeUnit.SECONDS)).isNull();
        acceptor.join();
    }

    @Test
    void arrival_thatIsAbandoned_isReset() throws Exception {
        network.listen(somewhere(AddressFamily.AF_INET));
        InboundConnection arrival = network.offer(dialling(somewhere(AddressFamily.AF_INET)));

        arrival.abandon();

        assertThatExceptionOfType(StreamResetException.class)
                .isThrownBy(() -> arrival.dialerEnd().tryRead(ByteBuffer.allocate(1)));
    }

    @Test
    void closingTheNetwork_closesItsServers() throws Exception {
        RemoteServer server = network.listen(somewhere(AddressFamily.AF_INET));

        network.close();
        network.close();

        assertThat(server.accept(Deadline.NEVER)).isNull();
    }
}
