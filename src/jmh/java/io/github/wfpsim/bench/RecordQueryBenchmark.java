package io.github.wfpsim.bench;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.winsock.SimSocket;
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

/**
 * The synchronous queries by socket handle, against the least that could do: a look-up by dense handle and a copy. With
 * {@code -t 2} two threads ask the same machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class RecordQueryBenchmark {

    private static final int ROOMY = 1024;
    private static final int RECORDS = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();
    private static final int CONTEXT = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code();

    /** How many redirected connections live. */
    @Param({"1", "100000", "1000000"})
    private int connections;

    private RedirectedMachine machine;
    private Winsock winsock;
    private SocketHandle[] handles;
    private byte[][] blobs;
    private byte[][] contexts;

    /** What each thread has of its own. */
    @State(Scope.Thread)
    public static class Asker {
        private final ByteBuffer out = ByteBuffer.allocate(ROOMY);
        private final OutUlong returned = new OutUlong();
        private final Picker picker = new Picker();

        int pick(int count) {
            return picker.pick(count);
        }
    }

    /** Opens the connections. */
    @Setup
    public void open() throws IOException {
        machine = new RedirectedMachine(0);
        RedirectedMachine.Lane lane = machine.lane();
        winsock = lane.proxy.winsock();
        handles = new SocketHandle[connections];
        byte[][] records = new byte[connections][];
        byte[][] context = new byte[connections][];
        for (int i = 0; i < connections; i++) {
            SimSocket accepted = lane.accepted(i);
            handles[i] = accepted.handle();
            records[i] = accepted.queryRedirectRecords().orElseThrow();
            context[i] = accepted.queryRedirectContext().orElseThrow();
        }
        blobs = byHandle(records);
        contexts = byHandle(context);
    }

    /** Sockets have every fourth number; clients, whose numbers lie between, leave empty places. */
    private byte[][] byHandle(byte[][] values) {
        byte[][] table = new byte[place(handles[connections - 1]) + 1][];
        for (int i = 0; i < connections; i++) {
            table[place(handles[i])] = values[i];
        }
        return table;
    }

    private static int place(SocketHandle socket) {
        return (int) (socket.value() >>> 2);
    }

    /** Closes the machine. */
    @TearDown
    public void close() throws Exception {
        machine.close();
    }

    /** The least for records: a look-up by the number of the caller's handle, and a copy of the same bytes. */
    @Benchmark
    public int floor(Asker asker) {
        return copy(asker, blobs);
    }

    /** WSAIoctl for records. */
    @Benchmark
    public int records(Asker asker) {
        return query(asker, RECORDS);
    }

    /** The least for contexts. */
    @Benchmark
    public int contextFloor(Asker asker) {
        return copy(asker, contexts);
    }

    /** WSAIoctl for the context, which has 16 bytes. */
    @Benchmark
    public int context(Asker asker) {
        return query(asker, CONTEXT);
    }

    private int copy(Asker asker, byte[][] table) {
        SocketHandle socket = handles[asker.pick(connections)];
        byte[] value = table[place(socket)];
        asker.out.put(0, value);
        asker.returned.set(value.length);
        return asker.returned.value();
    }

    private int query(Asker asker, int code) {
        SocketHandle socket = handles[asker.pick(connections)];
        winsock.wsaIoctl(socket, code, null, 0, asker.out, ROOMY, asker.returned);
        return asker.returned.value();
    }
}
