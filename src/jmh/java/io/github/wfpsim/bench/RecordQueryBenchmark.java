package io.github.wfpsim.bench;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.io.IOException;
import java.nio.ByteBuffer;
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

/** The synchronous record query against the least that could do: a look-up by dense handle and a copy. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordQueryBenchmark {

    private static final int ROOMY = 1024;
    private static final int QUERY = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();

    /** How many redirected connections live beside the one that is asked about. */
    @Param({"1", "10000"})
    private int connections;

    private RedirectedMachine machine;
    private Winsock winsock;
    private SocketHandle[] handles;
    private byte[][] blobs;
    private int next;
    private final ByteBuffer out = ByteBuffer.allocate(ROOMY);
    private final OutUlong returned = new OutUlong();

    /** Opens the connections. */
    @Setup
    public void open() throws IOException {
        machine = new RedirectedMachine(0);
        winsock = machine.proxy.winsock();
        handles = new SocketHandle[connections];
        blobs = new byte[connections][];
        for (int i = 0; i < connections; i++) {
            var accepted = machine.accepted();
            handles[i] = accepted.handle();
            blobs[i] = accepted.queryRedirectRecords();
        }
    }

    /** Closes the machine. */
    @TearDown
    public void close() {
        machine.close();
    }

    private int pick() {
        next = next + 1 == connections ? 0 : next + 1;
        return next;
    }

    /** A look-up by dense handle plus a copy of the same bytes. */
    @Benchmark
    public int floor() {
        byte[] blob = blobs[pick()];
        out.put(0, blob);
        return blob.length;
    }

    /** WSAIoctl. */
    @Benchmark
    public int wsaIoctl() {
        winsock.wsaIoctl(handles[pick()], QUERY, null, 0, out, ROOMY, returned);
        return returned.value();
    }
}
