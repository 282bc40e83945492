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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One whole redirected exchange: connect, accept, query both, SET, connect on, 1 KiB each way, close all. The peer is the
 * same relay over the JDK's loopback sockets.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RedirectedExchangeBenchmark {

    private static final int BACKLOG = 50;
    private static final int TRACE_CAPACITY = 10_000;

    private RedirectedMachine quiet;
    private RedirectedMachine traced;
    private ServerSocket proxy;
    private ServerSocket origin;
    private final byte[] payload = new byte[RedirectedMachine.PAYLOAD_BYTES];

    /** Opens both worlds. */
    @Setup
    public void open() throws IOException {
        quiet = new RedirectedMachine(0);
        traced = new RedirectedMachine(TRACE_CAPACITY);
        proxy = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        origin = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    /** Closes both worlds. */
    @TearDown
    public void close() throws IOException {
        quiet.close();
        traced.close();
        proxy.close();
        origin.close();
    }

    /** The simulator; nobody listens to its trace. */
    @Benchmark
    public int simulated() throws IOException, InterruptedException {
        return quiet.exchange();
    }

    /** The simulator with a trace log. */
    @Benchmark
    public int simulatedWithTrace() throws IOException, InterruptedException {
        return traced.exchange();
    }

    /** The JDK's sockets, without redirection. */
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
