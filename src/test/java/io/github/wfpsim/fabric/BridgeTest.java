package io.github.wfpsim.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.BlockedCall;
import io.github.wfpsim.net.Bridge;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.Hosts;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.net.StreamTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BridgeTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int MORE_THAN_THE_SYSTEM_BUFFERS = 64_000_000;

    private final VirtualClock clock = new VirtualClock();
    private final Fabric network = new Fabric();
    private ServerSocket listener;
    private Bridge bridge;

    @BeforeEach
    void startServer() throws IOException {
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 0));
        bridge = network.bridge(Hosts.at(AddressFamily.AF_INET, 1, 80), realAddress());
    }

    @AfterEach
    void closeAll() throws IOException {
        network.close();
        listener.close();
    }

    // ---- bytes

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void offer_fromEitherFamily_reachesTheRealServer(AddressFamily family) throws Exception {
        network.bridge(Hosts.at(family, 2, 80), realAddress());

        try (DuplexStream client = dial(Hosts.at(family, 2, 80));
                Socket server = listener.accept()) {
            Bytes.write(client, "ping");
            assertThat(read(server, 4)).isEqualTo("ping");
            write(server, "pong");
            assertThat(Bytes.read(client, 4)).isEqualTo("pong");
        }
    }

    @Test
    void shutdownOutput_halfClosesAndTheOtherDirectionGoesOn() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            Bytes.write(client, "request");
            client.shutdownOutput();

            assertThat(read(server, 7)).isEqualTo("request");
            assertThat(server.getInputStream().read()).isEqualTo(-1);
            write(server, "answer");
            assertThat(Bytes.read(client, 6)).isEqualTo("answer");
            assertClosed(() -> Bytes.write(client, "x"));
            assertClosed(() -> client.tryWrite(Bytes.of("x")));
            assertThat(client.isReset()).isFalse();
        }
    }

    @Test
    void read_whenTheServerHalfCloses_seesTheRestThenTheEnd() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            write(server, "bye");
            server.shutdownOutput();

            assertThat(Bytes.read(client, 3)).isEqualTo("bye");
            assertThat(Bytes.readOne(client)).isEqualTo(-1);
            assertThat(client.tryRead(ByteBuffer.allocate(1))).isEqualTo(-1);
            Bytes.write(client, "more");
            assertThat(read(server, 4)).isEqualTo("more");
        }
    }

    @Test
    void readiness_followsTheRealConnection() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            assertThat(client.isReadable()).isFalse();
            assertThat(client.isWritable()).isTrue();
            assertThat(client.isInputEnded()).isFalse();
            CountDownLatch told = new CountDownLatch(1);

            write(server, "x");
            while (client.available() == 0) {
                Thread.onSpinWait();
            }
            assertThat(client.isReadable()).isTrue();
            assertThat(client.isInputEnded()).isFalse();
            assertThat(client.whenInputEnded(told::countDown))
                    .as("bytes hide the end")
                    .isFalse();
            Bytes.read(client, 1);
            assertThat(client.whenInputEnded(told::countDown)).isTrue();
            server.shutdownOutput();

            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.isReadable()).isTrue();
            assertThat(client.isInputEnded()).isTrue();
            client.shutdownOutput();
            assertThat(client.isWritable()).as("a write fails at once").isTrue();
        }
    }

    @Test
    void tryRead_seesBytesOnceTheyAreThere() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            assertThat(client.tryRead(ByteBuffer.allocate(9))).isZero();
            assertThat(client.available()).isZero();

            write(server, "abc");
            await(() -> client.available() == 3);

            assertThat(Bytes.tryRead(client)).isEqualTo("abc");
        }
    }

    @Test
    void tryRead_whenTheServerClosed_seesTheEnd() throws Exception {
        try (DuplexStream client = dial()) {
            listener.accept().close();

            await(() -> client.tryRead(ByteBuffer.allocate(1)) == -1);
        }
    }

    @Test
    void readAndWrite_ofNothing_returnZero() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            write(server, "a");
            assertThat(client.read(ByteBuffer.allocate(0), Deadline.NEVER)).isZero();
            assertThat(client.tryRead(ByteBuffer.allocate(0))).isZero();
            assertThat(client.write(ByteBuffer.allocate(0), Deadline.NEVER)).isZero();
            assertThat(client.tryWrite(ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    void megabytes_inBothDirectionsAtOnce_arriveUnchanged() throws Exception {
        byte[] payload = new byte[4_000_000];
        new Random(5).nextBytes(payload);
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> echo =
                    BlockedCall.start(() -> (int) server.getInputStream().transferTo(server.getOutputStream()));
            BlockedCall<Integer> sent = BlockedCall.start(() -> sendAll(client, payload));
            ByteBuffer back = ByteBuffer.allocate(payload.length);
            while (back.hasRemaining()) {
                client.read(back, Deadline.NEVER);
            }

            assertThat(back.array()).isEqualTo(payload);
            assertThat(sent.result()).isEqualTo(payload.length);
            assertThat(echo.result()).isEqualTo(payload.length);
        }
    }

    private static int sendAll(DuplexStream client, byte[] payload) throws IOException, InterruptedException {
        int sent = client.write(ByteBuffer.wrap(payload), Deadline.NEVER);
        client.shutdownOutput();
        return sent;
    }

    // ---- back-pressure

    @Test
    void tryWrite_whenTheServerDoesNotRead_doesNotWait() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            ByteBuffer much = ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_BUFFERS);

            int written = client.tryWrite(much);

            assertThat(server.isConnected()).isTrue();
            assertThat(written).isPositive().isEqualTo(much.position()).isLessThan(much.limit());
        }
    }

    @Test
    void write_whenTheDeadlinePasses_tellsHowMuchWasWritten() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            ByteBuffer much = ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_BUFFERS);
            Deadline deadline = clock.deadlineAfter(SECOND);
            BlockedCall<Integer> writer = BlockedCall.start(() -> client.write(much, deadline));
            await(() -> server.getInputStream().available() > 0);

            clock.advance(SECOND);

            assertThat(writer.failure())
                    .isInstanceOfSatisfying(
                            StreamTimeoutException.class,
                            late -> assertThat(late.bytesTransferred())
                                    .isPositive()
                                    .isEqualTo(much.position()));
        }
    }

    @Test
    void write_whenTheThreadIsInterrupted_givesUp() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> writer = writeTooMuch(client, server);

            writer.interrupt();

            assertThat(writer.failure()).isInstanceOf(InterruptedException.class);
            assertThat(client.isReset()).isFalse();
        }
    }

    @Test
    void close_whileThisEndWrites_endsTheWrite() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> writer = writeTooMuch(client, server);

            client.close();

            assertThat(writer.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    private static BlockedCall<Integer> writeTooMuch(DuplexStream client, Socket server) throws Exception {
        BlockedCall<Integer> writer = BlockedCall.start(
                () -> client.write(ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_BUFFERS), Deadline.NEVER));
        await(() -> server.getInputStream().available() > 0);
        return writer;
    }

    // ---- ends of waits

    @Test
    void read_whenTheDeadlinePasses_givesUp() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            Deadline deadline = clock.deadlineAfter(SECOND);
            BlockedCall<Integer> reader = BlockedCall.start(() -> client.read(ByteBuffer.allocate(1), deadline));

            clock.advance(SECOND);

            assertThat(reader.failure()).isInstanceOf(StreamTimeoutException.class);
            write(server, "a");
            assertThat(Bytes.read(client, 1)).isEqualTo("a");
        }
    }

    @Test
    void read_whenTheThreadIsInterrupted_givesUpAndLosesNothing() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> reader = BlockedCall.start(() -> Bytes.readOne(client));

            reader.interrupt();

            assertThat(reader.failure()).isInstanceOf(InterruptedException.class);
            write(server, "a");
            assertThat(Bytes.read(client, 1)).isEqualTo("a");
        }
    }

    @Test
    void close_whileThisEndReads_endsTheRead() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> reader = BlockedCall.start(() -> Bytes.readOne(client));

            client.close();

            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
            assertThat(server.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void shutdownInput_makesReadsFailAsClosed() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> reader = BlockedCall.start(() -> Bytes.readOne(client));

            client.shutdownInput();

            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
            assertClosed(() -> client.tryRead(ByteBuffer.allocate(1)));
            Bytes.write(client, "still");
            assertThat(read(server, 5)).isEqualTo("still");
        }
    }

    @Test
    void reset_isSeenByTheServer() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            client.reset();

            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(client.isReset()).isTrue();
            assertClosed(() -> Bytes.readOne(client));
        }
    }

    @Test
    void read_whenTheServerResets_failsAsReset() throws Exception {
        try (DuplexStream client = dial()) {
            try (Socket server = listener.accept()) {
                server.setSoLinger(true, 0);
            }

            assertThatExceptionOfType(StreamResetException.class).isThrownBy(() -> Bytes.readOne(client));
            assertThat(client.isReset()).isTrue();
        }
    }

    @Test
    void abandon_resetsTheRealConnection() throws Exception {
        InboundConnection offered = Offered.on(network, view(Hosts.at(AddressFamily.AF_INET, 1, 80)));
        try (Socket server = listener.accept()) {
            offered.abandon();

            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    // ---- the bridge itself

    @Test
    void offer_whenNothingListensForReal_isRefusedWithBothAddresses() throws Exception {
        listener.close();

        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(this::dial)
                .withMessageContaining("nothing listens")
                .withMessageContaining(" " + IpAddress.text(realAddress()))
                .withMessageContaining("192.0.2.1:80");
    }

    @Test
    void close_resetsConnectionsAndFreesTheAddress() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            bridge.close();
            bridge.close();

            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(client.isReset()).isTrue();
            assertThatThrownBy(this::dial).isInstanceOf(NoRouteToHostException.class);
            network.bridge(Hosts.at(AddressFamily.AF_INET, 1, 80), realAddress());
        }
    }

    @Test
    void close_ofTheBridgeWhileThisEndReads_endsTheReadAsReset() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            BlockedCall<Integer> reader = BlockedCall.start(() -> Bytes.readOne(client));

            bridge.close();

            assertThat(reader.failure()).isInstanceOf(StreamResetException.class);
            assertThatExceptionOfType(StreamResetException.class).isThrownBy(() -> Bytes.readOne(client));
            assertThatExceptionOfType(StreamResetException.class).isThrownBy(() -> Bytes.write(client, "x"));
        }
    }

    @Test
    void offer_toAClosedBridge_isRefused() {
        bridge.close();

        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> Offered.to(
                        (NetworkNode) bridge,
                        view(Hosts.at(AddressFamily.AF_INET, 1, 80)).reversed()))
                .withMessageContaining("closed");
    }

    @Test
    void closeOfTheNetwork_closesBridges() throws Exception {
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            network.close();

            assertThat(client.isReset()).isTrue();
            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void read_intoAReadOnlyBuffer_isRejectedAndKeepsTheBytes() throws Exception {
        ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
        try (DuplexStream client = dial();
                Socket server = listener.accept()) {
            write(server, "a");

            assertThatThrownBy(() -> client.read(readOnly, Deadline.NEVER))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("read-only");
            assertThatThrownBy(() -> client.tryRead(readOnly)).isInstanceOf(IllegalArgumentException.class);
            assertThat(Bytes.read(client, 1)).isEqualTo("a");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a checker may pass.
    void nullArguments_areNamed() throws Exception {
        try (DuplexStream client = dial()) {
            assertThatNullPointerException()
                    .isThrownBy(() -> client.read(null, Deadline.NEVER))
                    .withMessageContaining("into must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> client.tryRead(null))
                    .withMessageContaining("into must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> client.write(null, Deadline.NEVER))
                    .withMessageContaining("from must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> client.tryWrite(null))
                    .withMessageContaining("from must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> client.read(ByteBuffer.allocate(1), null))
                    .withMessageContaining("deadline must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> client.write(ByteBuffer.allocate(1), null))
                    .withMessageContaining("deadline must not be null");
        }
    }

    // ---- helpers

    private InetSocketAddress realAddress() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private DuplexStream dial() throws IOException {
        return dial(Hosts.at(AddressFamily.AF_INET, 1, 80));
    }

    private DuplexStream dial(InetSocketAddress simulated) throws IOException {
        InboundConnection offered = Offered.on(network, view(simulated));
        offered.established();
        return offered.dialerEnd();
    }

    private static FiveTuple view(InetSocketAddress simulated) {
        AddressFamily family = AddressFamily.of(simulated.getAddress());
        return new FiveTuple(IpProtocol.IPPROTO_TCP, Hosts.at(family, 200, 50_000), simulated);
    }

    private static String read(Socket socket, int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private interface Call {
        void run() throws IOException, InterruptedException;
    }

    private static void assertClosed(Call call) {
        assertThatThrownBy(call::run).isInstanceOf(ClosedChannelException.class);
    }

    private interface Condition {
        boolean isMet() throws IOException;
    }

    /** Bounded by the time-out of the test. */
    private static void await(Condition condition) throws IOException, InterruptedException {
        while (!condition.isMet()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        }
    }
}
