package io.github.wfpsim.bench;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
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
 * WskControlSocket with a reused IRP, completed inline, against the least that could do. All live connections have kernel
 * sockets at the proxy's end. With {@code -t 2} two threads ask the same machine, each with an IRP of its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms6g", "-Xmx6g", "-XX:+AlwaysPreTouch"})
public class KernelQueryBenchmark {

    private static final int ROOMY = 1024;
    private static final int TCP = 6;
    private static final int STREAM = 1;
    private static final int RECORDS = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();
    private static final IoCompletionRoutine KEEP = (device, irp, context) -> NtStatus.STATUS_MORE_PROCESSING_REQUIRED;

    /** How many redirected connections live. */
    @Param({"1", "100000", "1000000"})
    private int connections;

    private RedirectedMachine machine;
    private WskConnectionSocket[] sockets;
    private Least[] least;

    /** A socket that knows nothing but its records: to a driver a socket is a pointer, so there is nothing to look up. */
    private static final class Least {
        private final byte[] records;

        Least(int size) {
            records = new byte[size];
        }
    }

    /** What each thread has of its own. */
    @State(Scope.Thread)
    public static class Asker {
        private final Picker picker = new Picker();
        private final ByteBuffer out = ByteBuffer.allocate(ROOMY);
        private final OutUlong returned = new OutUlong();
        private Io io;
        private Irp irp;
        NtStatus status;
        long information;

        /** Allocates the IRP. */
        @Setup
        public void open(KernelQueryBenchmark benchmark) {
            io = benchmark.machine.driver.io();
            irp = io.ioAllocateIrp(1, false);
        }

        void prepare() {
            io.ioReuseIrp(irp, NtStatus.STATUS_UNSUCCESSFUL);
            io.ioSetCompletionRoutine(irp, KEEP, null, true, true, true);
        }

        int query(WskConnectionSocket socket) {
            prepare();
            socket.wskControlSocket(
                    WskControlRequestType.WskIoctl,
                    RECORDS,
                    0,
                    0,
                    null,
                    ROOMY,
                    WskControlBuffer.of(out),
                    returned,
                    irp);
            return returned.value();
        }
    }

    /** Accepts redirected connections with kernel sockets. */
    @Setup
    public void open() throws IOException {
        machine = new RedirectedMachine(
                SimOptions.defaults().completionMode(CompletionMode.INLINE).traceCapacity(0));
        RedirectedMachine.Lane lane = machine.lane();
        Asker setter = new Asker();
        setter.open(this);
        WskListenSocket listener = listener(lane, setter);
        sockets = new WskConnectionSocket[connections];
        least = new Least[connections];
        for (int i = 0; i < connections; i++) {
            lane.client(i);
            setter.prepare();
            listener.wskAccept(0, null, null, null, null, setter.irp);
            sockets[i] = (WskConnectionSocket) Objects.requireNonNull(setter.irp.informationPointer());
            least[i] = new Least(setter.query(sockets[i]));
        }
    }

    /** Listens where the lane's proxy listened. */
    private WskListenSocket listener(RedirectedMachine.Lane lane, Asker setter) throws IOException {
        InetSocketAddress address = lane.listener.localAddress();
        lane.listener.close();
        Wsk wsk = machine.driver.wsk();
        Out<WskRegistration> registration = Out.empty();
        wsk.wskRegister(WskClientNpi.ofVersion10(), registration);
        Out<WskProviderNpi> captured = Out.empty();
        wsk.wskCaptureProviderNpi(Objects.requireNonNull(registration.get()), WskFlags.WSK_INFINITE_WAIT, captured);
        WskProviderNpi npi = Objects.requireNonNull(captured.get());
        setter.prepare();
        npi.wskSocket(
                AddressFamily.AF_INET.code(),
                STREAM,
                TCP,
                WskFlags.WSK_FLAG_LISTEN_SOCKET,
                null,
                null,
                lane.proxy.id(),
                setter.irp);
        WskListenSocket listener = (WskListenSocket) Objects.requireNonNull(setter.irp.informationPointer());
        setter.prepare();
        listener.wskBind(address, 0, setter.irp);
        return listener;
    }

    /** Forgets the machine; the sockets stay open on purpose: nobody reads the report of what was left. */
    @TearDown
    public void close() {
        machine = null;
    }

    /** The least: from the socket to its records, a copy of the same bytes, the size, the status and Information. */
    @Benchmark
    public int floor(Asker asker) {
        byte[] blob = least[asker.picker.pick(connections)].records;
        asker.out.put(0, blob);
        asker.returned.set(blob.length);
        asker.status = NtStatus.STATUS_SUCCESS;
        asker.information = blob.length;
        return asker.returned.value();
    }

    /** IoReuseIrp, IoSetCompletionRoutine, WskControlSocket. */
    @Benchmark
    public int query(Asker asker) {
        return asker.query(sockets[asker.picker.pick(connections)]);
    }
}
