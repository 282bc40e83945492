package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls of WskControlSocket with the arguments that most tests do not care about. */
public final class ControlBench implements AutoCloseable {

    static final int RECORDS = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();
    static final int CONTEXT = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code();
    static final int SET = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
    static final byte[] WHO = "who asked".getBytes(StandardCharsets.UTF_8);
    static final int ROOMY = 1024;
    static final int UNTOUCHED = 0x5A5A5A5A;

    public final WskBench bench;
    final WskListenSocket listener;
    final OutUlong size = new OutUlong();
    private @Nullable SimSocket client;

    public ControlBench(AddressFamily family, SimOptions options) {
        this(family, options, WHO);
    }

    ControlBench(AddressFamily family, SimOptions options, byte... context) {
        this.bench = new WskBench(family, options);
        bench.redirectApp(bench.proxyAddress, bench.sim.system(), context);
        this.listener = bench.listener(WskBench.PROXY_PORT, 0);
        size.set(UNTOUCHED);
    }

    public static SimOptions manual() {
        return SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
    }

    /** The proxy's end of a connection of the application, which was redirected. */
    public WskConnectionSocket redirected() {
        try {
            client = bench.app.winsock().tcpSocket(bench.family).connect(bench.remote(10));
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
        return bench.accept(listener);
    }

    /** The application's end of the last connection. */
    SimSocket client() {
        assertThat(client).isNotNull();
        return client;
    }

    NtStatus query(WskSocket socket, int code, long outSize, @Nullable ByteBuffer out, Irp irp) {
        return control(socket, code, 0, null, outSize, out, size, irp);
    }

    NtStatus query(WskSocket socket, int code, long outSize, PoolBlock out, Irp irp) {
        return socket.wskControlSocket(
                WskControlRequestType.WskIoctl, code, 0, 0, null, outSize, WskControlBuffer.of(out), size, irp);
    }

    static NtStatus set(WskSocket socket, byte[] record, Irp irp) {
        return control(socket, SET, record.length, ByteBuffer.wrap(record), 0, null, null, irp);
    }

    static NtStatus set(WskSocket socket, PoolBlock record, Irp irp) {
        return socket.wskControlSocket(
                WskControlRequestType.WskIoctl, SET, 0, record.size(), WskControlBuffer.of(record), 0, null, null, irp);
    }

    static NtStatus control(
            WskSocket socket,
            int code,
            long inSize,
            @Nullable ByteBuffer in,
            long outSize,
            @Nullable ByteBuffer out,
            @Nullable OutUlong returned,
            @Nullable Irp irp) {
        return socket.wskControlSocket(
                WskControlRequestType.WskIoctl,
                code,
                0,
                inSize,
                WskBench.memory(in),
                outSize,
                WskBench.memory(out),
                returned,
                irp);
    }

    /** A record that was issued for System. */
    byte[] record() {
        return bytes(redirected(), RECORDS);
    }

    byte[] bytes(WskSocket socket, int code) {
        ByteBuffer out = ByteBuffer.allocate(ROOMY);
        long count = bench.send(irp -> query(socket, code, ROOMY, out, irp))
                .outcome()
                .information();
        byte[] bytes = new byte[(int) count];
        out.get(0, bytes);
        assertThat(bytes).isNotEmpty();
        size.set(UNTOUCHED);
        return bytes;
    }

    PoolBlock block(byte... content) {
        PoolBlock block = bench.block(content.length);
        block.write(0, content);
        return block;
    }

    /** How many sockets carry records that SET put there. */
    long socketsWithRecords() {
        return bench.sim.connections().stream()
                .filter(connection -> !connection.inheritedChain().isEmpty())
                .count();
    }

    /** A call that is refused on its thread: the status is returned and in the IRP, and nothing is told. */
    void assertRefused(NtStatus expected, Function<Irp, NtStatus> call) {
        WskBench.Sent sent = bench.send(call);
        assertThat(sent.returned).isEqualTo(expected);
        assertThat(sent.isOver()).isTrue();
        assertThat(sent.status()).isEqualTo(expected);
        assertThat(sent.outcome().information()).isZero();
        assertThat(size.value()).isEqualTo(UNTOUCHED);
    }

    void assertFaults(Fault... faults) {
        assertThat(bench.faults()).containsExactly(faults);
    }

    SimProcess system() {
        return bench.sim.system();
    }

    @Override
    public void close() {
        bench.close();
    }
}
