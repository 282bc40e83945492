package io.github.wfpsim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One whole redirected connection: connect, accept, query both, SET, connect on, accept, close all; and an exchange, which
 * has 1 KiB each way besides. The floor does the least that gives the same result; the peers do the same relay without
 * redirection. With {@code -t 2} two threads use the same machine, the same floor, and a peer of their own each.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class RedirectedExchangeBenchmark {

    private static final int TRACE_CAPACITY = 10_000;

    /** The simulator, with nobody who listens to its trace. */
    @State(Scope.Benchmark)
    public static class Quiet {

        /** Other redirected connections that live, accepted by their proxy. */
        @Param({"0", "1000000"})
        private int live;

        private RedirectedMachine machine;

        /** Opens the machine. */
        @Setup
        public void open() throws IOException {
            machine = new RedirectedMachine(0);
            RedirectedMachine.Lane others = machine.lane();
            for (int i = 0; i < live; i++) {
                others.accepted(i);
            }
        }

        /** Closes the machine. */
        @TearDown
        public void close() throws Exception {
            machine.close();
        }
    }

    /** A lane of each thread. */
    @State(Scope.Thread)
    public static class User {
        private RedirectedMachine.Lane lane;

        /** Opens the lane. */
        @Setup
        public void open(Quiet quiet) throws IOException {
            lane = quiet.machine.lane();
        }
    }

    /** The simulator with a trace log. */
    @State(Scope.Benchmark)
    public static class Traced {
        private RedirectedMachine machine;

        /** Opens the machine. */
        @Setup
        public void open() throws IOException {
            machine = new RedirectedMachine(TRACE_CAPACITY);
        }

        /** Closes the machine. */
        @TearDown
        public void close() throws Exception {
            machine.close();
        }
    }

    /** A lane of each thread. */
    @State(Scope.Thread)
    public static class TracedUser {
        private RedirectedMachine.Lane lane;

        /** Opens the lane. */
        @Setup
        public void open(Traced traced) throws IOException {
            lane = traced.machine.lane();
        }
    }

    /** The floor. */
    @State(Scope.Benchmark)
    public static class Least {

        private static final int OF_ONE_DESTINATION = 16_000;

        /** Other connections that live. */
        @Param({"0", "1000000"})
        private int live;

        private ExchangeFloor floor;

        /** Opens the other connections. */
        @Setup
        public void open() throws IOException {
            floor = new ExchangeFloor();
            ExchangeFloor.Lane others = floor.new Lane();
            for (int i = 0; i < live; i++) {
                byte[] address = {(byte) 198, 51, 100, (byte) (i / OF_ONE_DESTINATION)};
                others.leaveOpen(new InetSocketAddress(InetAddress.getByAddress(address), 80));
            }
        }
    }

    /** A lane of each thread. */
    @State(Scope.Thread)
    public static class LeastUser {
        private ExchangeFloor.Lane lane;

        /** Opens the lane. */
        @Setup
        public void open(Least least) {
            lane = least.floor.new Lane();
        }
    }

    /** Loopback TCP. */
    @State(Scope.Thread)
    public static class Jdk {
        private JdkRelay relay;

        /** Listens. */
        @Setup
        public void open() throws IOException {
            relay = new JdkRelay();
        }

        /** Listens no more. */
        @TearDown
        public void close() throws IOException {
            relay.close();
        }
    }

    /** Netty's LocalChannel. */
    @State(Scope.Thread)
    public static class Netty {
        private NettyRelay connecting;
        private NettyRelay sending;

        /** Listens. */
        @Setup
        public void open() throws InterruptedException {
            connecting = new NettyRelay(false);
            sending = new NettyRelay(true);
        }

        /** Ends the event loops. */
        @TearDown
        public void close() throws InterruptedException {
            connecting.close();
            sending.close();
        }
    }

    /** No payload. */
    @Benchmark
    public int connection(User user) throws IOException, InterruptedException {
        return user.lane.connection();
    }

    /** With 1 KiB each way; nobody listens to the trace. */
    @Benchmark
    public int exchange(User user) throws IOException, InterruptedException {
        return user.lane.exchange();
    }

    /** With a trace log. */
    @Benchmark
    public int exchangeWithTrace(TracedUser user) throws IOException, InterruptedException {
        return user.lane.exchange();
    }

    /** The least work for a connection. */
    @Benchmark
    public int connectionFloor(LeastUser user) {
        return user.lane.connection();
    }

    /** The least work for an exchange. */
    @Benchmark
    public int exchangeFloor(LeastUser user) {
        return user.lane.exchange();
    }

    /** A connection over the JDK's sockets. */
    @Benchmark
    public int connectionJdk(Jdk jdk) throws IOException {
        return jdk.relay.connection();
    }

    /** An exchange over the JDK's sockets. */
    @Benchmark
    public int exchangeJdk(Jdk jdk) throws IOException {
        return jdk.relay.exchange();
    }

    /** A connection over Netty's LocalChannel. */
    @Benchmark
    @OperationsPerInvocation(NettyRelay.EXCHANGES)
    public int connectionNetty(Netty netty) throws Exception {
        return netty.connecting.exchanges();
    }

    /** An exchange over Netty's LocalChannel. */
    @Benchmark
    @OperationsPerInvocation(NettyRelay.EXCHANGES)
    public int exchangeNetty(Netty netty) throws Exception {
        return netty.sending.exchanges();
    }
}
