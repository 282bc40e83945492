package io.github.wfpsim.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One whole redirected connection: connect, accept, query both, SET, connect on, accept, close all; and an exchange, which
 * has 1 KiB each way besides. With {@code -t 2} two threads use the same machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RedirectedExchangeBenchmark {

    private static final int TRACE_CAPACITY = 10_000;

    /** Other redirected connections that live. */
    @Param({"0", "1000000"})
    private int live;

    private RedirectedMachine quiet;
    private RedirectedMachine traced;

    /** What each thread has of its own. */
    @State(Scope.Thread)
    public static class User {
        private RedirectedMachine.Lane lane;
        private RedirectedMachine.Lane tracedLane;

        /** Opens the lanes. */
        @Setup
        public void open(RedirectedExchangeBenchmark benchmark) throws IOException {
            lane = benchmark.quiet.lane();
            tracedLane = benchmark.traced.lane();
        }
    }

    /** Opens the machines. */
    @Setup
    public void open() throws IOException {
        quiet = new RedirectedMachine(0);
        traced = new RedirectedMachine(TRACE_CAPACITY);
        RedirectedMachine.Lane others = quiet.lane();
        for (int i = 0; i < live; i++) {
            others.accepted(i);
        }
    }

    /** Closes the machines. */
    @TearDown
    public void close() throws Exception {
        quiet.close();
        traced.close();
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
    public int exchangeWithTrace(User user) throws IOException, InterruptedException {
        return user.tracedLane.exchange();
    }
}
