package io.github.wfpsim.bench;

import io.github.wfpsim.net.DuplexStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 64 KiB, written by one and read by another, on one thread. The floor copies the bytes as often as a correct stream must:
 * into its buffer and out of it. The peers are loopback TCP and Netty's LocalChannel, whose messages are copied once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StreamBenchmark {

    private static final int SIZE = 65_536;
    private static final int BACKLOG = 1;

    private final byte[] source = new byte[SIZE];
    private final byte[] between = new byte[SIZE];
    private final byte[] second = new byte[SIZE];
    private final byte[] target = new byte[SIZE];
    private final ByteBuffer out = ByteBuffer.wrap(source);
    private final ByteBuffer relayed = ByteBuffer.wrap(second);
    private final ByteBuffer in = ByteBuffer.wrap(target);
    private DuplexStream.StreamPair pair;
    private DuplexStream.StreamPair onward;
    private Socket client;
    private Socket accepted;
    private NettyPipe netty;

    /** Opens a connection of each kind. */
    @Setup
    public void open() throws Exception {
        pair = DuplexStream.pair(SIZE);
        onward = DuplexStream.pair(SIZE);
        try (ServerSocket server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
            client = new Socket(server.getInetAddress(), server.getLocalPort());
            client.setSendBufferSize(4 * SIZE);
            accepted = server.accept();
        }
        netty = new NettyPipe();
    }

    /** Closes them. */
    @TearDown
    public void close() throws Exception {
        client.close();
        accepted.close();
        netty.close();
    }

    /** Two copies. */
    @Benchmark
    public byte floor() {
        System.arraycopy(source, 0, between, 0, SIZE);
        System.arraycopy(between, 0, target, 0, SIZE);
        return target[SIZE - 1];
    }

    /** One hop through the simulator's stream. */
    @Benchmark
    public int simulated() throws IOException {
        return move(pair, out, in);
    }

    /** Two hops, as through a relay. */
    @Benchmark
    public int simulatedRelayed() throws IOException {
        move(pair, out, relayed);
        return move(onward, relayed, in);
    }

    private static int move(DuplexStream.StreamPair over, ByteBuffer from, ByteBuffer to) throws IOException {
        from.clear();
        to.clear();
        over.left().tryWrite(from);
        return over.right().tryRead(to);
    }

    /** Loopback TCP, whose socket buffers are large enough for one thread to write all of it first. */
    @Benchmark
    public int loopbackTcp() throws IOException {
        client.getOutputStream().write(source);
        return accepted.getInputStream().readNBytes(target, 0, SIZE);
    }

    /** Netty: a copy into a buffer of the sender's, which the receiver copies out. */
    @Benchmark
    @org.openjdk.jmh.annotations.OperationsPerInvocation(NettyPipe.MESSAGES)
    public long nettyLocalChannel() throws Exception {
        return netty.send(source, target);
    }
}
