package io.github.wfpsim.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
 * What the redirected exchange is compared with: the simulator, the least work that gives the same result, and the same
 * relay over the JDK's loopback sockets and over Netty's LocalChannel, both without redirection.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RelayPeersBenchmark {

    private static final int BACKLOG = 50;

    private final byte[] payload = new byte[RedirectedMachine.PAYLOAD_BYTES];
    private RedirectedMachine machine;
    private RedirectedMachine.Lane lane;
    private ExchangeFloor floor;
    private NettyRelay netty;
    private ServerSocket proxy;
    private ServerSocket origin;

    /** Opens all worlds. */
    @Setup
    public void open() throws IOException, InterruptedException {
        machine = new RedirectedMachine(0);
        lane = machine.lane();
        floor = new ExchangeFloor(RedirectedMachine.PAYLOAD_BYTES);
        netty = new NettyRelay(payload);
        proxy = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        origin = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    /** Closes all worlds. */
    @TearDown
    public void close() throws Exception {
        machine.close();
        netty.close();
        proxy.close();
        origin.close();
    }

    /** The simulator. */
    @Benchmark
    public int simulated() throws IOException, InterruptedException {
        return lane.exchange();
    }

    /** The least work. */
    @Benchmark
    public int floor() {
        return floor.exchange();
    }

    /** Netty's LocalChannel. */
    @Benchmark
    @OperationsPerInvocation(NettyRelay.EXCHANGES)
    public int nettyLocalChannel() throws Exception {
        return netty.exchanges();
    }

    /** The JDK's sockets. */
    @Benchmark
    public int jdkSockets() throws IOException {
        try (Socket app = new Socket(proxy.getInetAddress(), proxy.getLocalPort());
                Socket inbound = proxy.accept();
                Socket onward = new Socket(origin.getInetAddress(), origin.getLocalPort());
                Socket atOrigin = origin.accept()) {
            send(app, inbound);
            send(onward, atOrigin);
            send(atOrigin, onward);
            return send(inbound, app);
        }
    }

    private int send(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(payload);
        InputStream in = to.getInputStream();
        return in.readNBytes(payload, 0, payload.length);
    }
}
