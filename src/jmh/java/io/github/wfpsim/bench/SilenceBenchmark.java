package io.github.wfpsim.bench;

import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import java.io.IOException;
import java.util.Map;
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
 * What trace and verifier cost when nobody listens: their calls, alone, as often as one exchange makes them, against the
 * exchange. A debugger counts the calls at set-up.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class SilenceBenchmark {

    private static final Subject SUBJECT = new Subject(1, 1, 1, "browser.exe");

    /** How often an exchange makes which call. */
    @State(Scope.Thread)
    public static class Calls {
        private final TraceRecorder trace = new TraceRecorder(new VirtualClock(), 0);
        private final FaultRecorder verifier = new FaultRecorder(FaultMode.THROW, trace);
        private int checks;
        private int scopes;
        private int built;

        /** Counts. */
        @Setup
        public void count() throws Exception {
            Map<String, Integer> calls = CallCounter.ofOneExchange();
            System.out.println("One exchange calls " + calls);
            checks = called(calls, "TraceRecorder.isListening");
            scopes = called(calls, "FaultRecorder.enter");
            built = calls.getOrDefault("TraceRecorder.emit", 0);
        }

        private static int called(Map<String, Integer> calls, String method) {
            Integer count = calls.get(method);
            if (count == null) {
                throw new IllegalStateException(method + " is not called by an exchange: count what is called instead");
            }
            return count;
        }
    }

    /** A machine with a lane. */
    @State(Scope.Thread)
    public static class Machine {
        private RedirectedMachine machine;
        private RedirectedMachine.Lane lane;

        /** Opens the machine. */
        @Setup
        public void open() throws IOException {
            machine = new RedirectedMachine(0);
            lane = machine.lane();
        }

        /** Closes the machine. */
        @TearDown
        public void close() throws Exception {
            machine.close();
        }
    }

    /** The questions whether anybody listens, the scopes, and the events that are built before anybody asks. */
    @Benchmark
    public int unheard(Calls calls) {
        int heard = 0;
        for (int i = 0; i < calls.checks; i++) {
            heard += calls.trace.isListening() ? 1 : 0;
        }
        for (int i = 0; i < calls.scopes; i++) {
            try (FaultScope scope = calls.verifier.enter()) {
                heard += scope == null ? 1 : 0;
            }
        }
        for (int i = 0; i < calls.built; i++) {
            calls.trace.emit(new TraceEvent.RedirectStateQueried(
                    SUBJECT, "acme.sys", RedirectState.FWPS_CONNECTION_NOT_REDIRECTED));
        }
        return heard;
    }

    /** The exchange that makes these calls. */
    @Benchmark
    public int exchange(Machine machine) throws IOException, InterruptedException {
        return machine.lane.exchange();
    }
}
