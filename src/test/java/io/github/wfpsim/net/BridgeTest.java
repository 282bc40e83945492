package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams over a real loopback socket; both ends are such streams, to hold the whole contract. */
class BridgeTest extends StreamContract {

    private final Network network = Network.create();
    private ServerSocketChannel real;

    @BeforeEach
    void openRealServer() throws IOException {
        real = ServerSocketChannel.open();
        real.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void closeRealServer() throws IOException {
        network.close();
        real.close();
    }

    private InetSocketAddress realAddress() throws IOException {
        return (InetSocketAddress) real.getLocalAddress();
    }

    private static FiveTuple dialling(InetSocketAddress to) {
        InetAddress own = IpAddress.wildcard(AddressFamily.of(to.getAddress()));
        return new FiveTuple(IpProtocol.IPPROTO_TCP, new InetSocketAddress(own, 50_000), to);
    }

    static InetSocketAddress simulated(AddressFamily family) {
        try {
            String text = family == AddressFamily.AF_INET ? "203.0.113.10" : "2001:db8::10";
            return new InetSocketAddress(InetAddress.getByName(text), 80);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    DuplexStream.StreamPair connection() throws IOException {
        SocketChannel dialled = SocketChannel.open(realAddress());
        return new DuplexStream.StreamPair(
                new SocketStream(dialled, closed -> {}), new SocketStream(real.accept(), closed -> {}));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void bridge_carriesBytesFromASimulatedAddressToARealServer(AddressFamily family) throws Exception {
        network.bridge(simulated(family), realAddress());

        InboundConnection arrival = network.offer(dialling(simulated(family)));
        arrival.established();
        DuplexStream stream = arrival.dialerEnd();
        try (Socket server = real.accept().socket()) {
            stream.write(bytes(1, 2, 3), Deadline.NEVER);
            assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            server.getOutputStream().write(new byte[] {4, 5});
            assertThat(read(stream, 2)).containsExactly(4, 5);
            stream.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            server.getOutputStream().write(6);
            assertThat(read(stream, 1)).containsExactly(6);
        }
    }

    @Test
    void bridge_withoutARealServer_isRefusedAndNamesBothAddresses() throws Exception {
        InetSocketAddress nobody = realAddress();
        real.close();
        network.bridge(simulated(AddressFamily.AF_INET), nobody);

        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> network.offer(dialling(simulated(AddressFamily.AF_INET))))
                .withMessageContaining(String.valueOf(nobody.getPort()))
                .withMessageContaining("203.0.113.10");
    }

    @Test
    void bridge_thatIsClosed_resetsItsConnectionsAndFreesTheAddress() throws Exception {
        InetSocketAddress to = simulated(AddressFamily.AF_INET);
        Bridge bridge = network.bridge(to, realAddress());
        network.offer(dialling(to)).established();
        Socket server = real.accept().socket();

        bridge.close();
        bridge.close();

        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> server.getInputStream().read());
        network.bridge(to, realAddress());
    }

    @Test
    void arrival_thatIsAbandoned_resetsTheRealConnection() throws Exception {
        InetSocketAddress to = simulated(AddressFamily.AF_INET);
        network.bridge(to, realAddress());

        network.offer(dialling(to)).abandon();

        Socket server = real.accept().socket();
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> server.getInputStream().read());
    }

    @Test
    void bridge_toAnAddressThatIsNotLoopback_isNeverMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.bridge(simulated(AddressFamily.AF_INET), simulated(AddressFamily.AF_INET)))
                .withMessageContaining("only loopback");
    }

    @Test
    void bridge_atATakenAddress_isRefused() throws Exception {
        InetSocketAddress real = realAddress();
        network.listen(simulated(AddressFamily.AF_INET));

        assertThatIllegalStateException()
                .isThrownBy(() -> network.bridge(simulated(AddressFamily.AF_INET), real))
                .withMessageContaining("203.0.113.10");
    }

    @Test
    void emptyBuffer_atARealSocket_doesNotWait() throws Exception {
        var pair = connection();

        assertThat(pair.left().tryWrite(ByteBuffer.allocate(0))).isZero();
    }
}
