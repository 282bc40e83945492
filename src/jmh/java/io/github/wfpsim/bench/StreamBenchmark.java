package io.github.wfpsim.bench;

import io.github.wfpsim.fabric.Pairs;
import io.github.wfpsim.fabric.PipeStream;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 64 KiB, written by one and read by another, on one thread; and the same through a relay that reads and writes them once
 * more. The floor copies the bytes as often as a correct stream must: into its buffer and out of it. The peers are loopback
 * TCP and Netty's LocalChannel.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class StreamBenchmark {

    static final int SIZE = 65_536;

    private final byte[] source = new byte[SIZE];
    private final byte[] between = new byte[SIZE];
    private final byte[] second = new byte[SIZE];
    private final byte[] target = new byte[SIZE];
    private final ByteBuffer out = ByteBuffer.wrap(source);
    private final ByteBuffer relayed = ByteBuffer.wrap(second);
    private final ByteBuffer in = ByteBuffer.wrap(target);
    private PipeStream.Pair pair;
    private PipeStream.Pair onward;
    private RedirectedMachine machine;
    private SimSocket[] first;
    private SimSocket[] next;
    private TcpPipe tcp;
    private TcpPipe tcpOnward;
    private NettyPipe netty;
    private NettyPipe nettyRelay;

    /** Opens connections of each kind. */
    @Setup
    public void open() throws Exception {
        pair = Pairs.of(SIZE);
        onward = Pairs.of(SIZE);
        machine = new RedirectedMachine(0);
        RedirectedMachine.Lane lane = machine.lane();
        first = new SimSocket[] {lane.client(0), lane.listener.accept()};
        next = new SimSocket[] {lane.client(1), lane.listener.accept()};
        tcp = new TcpPipe(SIZE);
        tcpOnward = new TcpPipe(SIZE);
        netty = new NettyPipe(1);
        nettyRelay = new NettyPipe(2);
    }

    /** Closes them. */
    @TearDown
    public void close() throws Exception {
        machine.close();
        tcp.close();
        tcpOnward.close();
        netty.close();
        nettyRelay.close();
    }

    /** Two copies. */
    @Benchmark
    public byte floor() {
        System.arraycopy(source, 0, between, 0, SIZE);
        System.arraycopy(between, 0, target, 0, SIZE);
        return target[SIZE - 1];
    }

    /** Four copies. */
    @Benchmark
    public byte floorRelayed() {
        System.arraycopy(source, 0, between, 0, SIZE);
        System.arraycopy(between, 0, second, 0, SIZE);
        System.arraycopy(second, 0, between, 0, SIZE);
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

    private static int move(PipeStream.Pair over, ByteBuffer from, ByteBuffer to) throws IOException {
        from.clear();
        to.clear();
        over.left().tryWrite(from);
        return over.right().tryRead(to);
    }

    /** One hop through redirected Winsock sockets. */
    @Benchmark
    public int sockets() throws IOException {
        return move(first, source, target);
    }

    /** Two hops through redirected Winsock sockets. */
    @Benchmark
    public int socketsRelayed() throws IOException {
        move(first, source, second);
        return move(next, second, target);
    }

    private static int move(SimSocket[] over, byte[] from, byte[] to) throws IOException {
        over[0].send(from);
        return over[1].receive(to);
    }

    /** Loopback TCP, whose socket buffers are large enough for one thread to write all of it first. */
    @Benchmark
    public int loopbackTcp() throws IOException {
        return tcp.move(source, target);
    }

    /** Loopback TCP, two hops. */
    @Benchmark
    public int loopbackTcpRelayed() throws IOException {
        tcp.move(source, second);
        return tcpOnward.move(second, target);
    }

    /** Netty: a copy into a buffer of the sender's, which the receiver copies out. */
    @Benchmark
    @OperationsPerInvocation(NettyPipe.MESSAGES)
    public long nettyLocalChannel() throws Exception {
        return netty.send(source, target);
    }

    /** Netty, two hops. */
    @Benchmark
    @OperationsPerInvocation(NettyPipe.MESSAGES)
    public long nettyLocalChannelRelayed() throws Exception {
        return nettyRelay.send(source, target);
    }
}
