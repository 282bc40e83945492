package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.FilterCondition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;

/** A machine with a driver that is a client of WSK, and an application. Faults are recorded. */
public final class WskBench implements AutoCloseable {

    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int PROXY_PORT = 8080;
    private static final String TAG = "Test";

    /** One call that was made: what it returned, and how its IRP ends. */
    public static final class Sent {

        private final Irp irp;
        private final CompletableFuture<IoStatus> end = new CompletableFuture<>();
        private @Nullable Object pointer;
        public NtStatus returned = NtStatus.STATUS_UNSUCCESSFUL;

        private final Runnable dispatcher;

        private Sent(Irp irp, Runnable dispatcher) {
            this.irp = irp;
            this.dispatcher = dispatcher;
        }

        public Irp irp() {
            return irp;
        }

        public boolean isOver() {
            return end.isDone();
        }

        public IoStatus outcome() {
            dispatcher.run();
            try {
                return end.get(10, TimeUnit.SECONDS);
            } catch (InterruptedException | java.util.concurrent.ExecutionException | TimeoutException late) {
                throw new AssertionError("the IRP did not complete", late);
            }
        }

        public NtStatus status() {
            return outcome().status();
        }

        public Object pointer() {
            assertThat(status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            return Objects.requireNonNull(pointer);
        }
    }

    public final AddressFamily family;
    public final WfpSim sim;
    public final KernelDriver driver;
    final Wsk wsk;
    final WskRegistration registration;
    final WskProviderNpi npi;
    public final SimProcess app;
    public final InetSocketAddress proxyAddress;
    private final boolean isManual;
    private final List<PoolBlock> blocks = new ArrayList<>();
    private final List<Mdl> mdls = new ArrayList<>();
    private final List<AutoCloseable> givenBack = new ArrayList<>();

    /** {@return each address family in each completion mode, for parameterised tests} */
    static Stream<Arguments> familiesAndModes() {
        return Arrays.stream(AddressFamily.values())
                .flatMap(family -> Arrays.stream(CompletionMode.values()).map(mode -> Arguments.of(family, mode)));
    }

    public WskBench(AddressFamily family) {
        this(family, SimOptions.defaults());
    }

    public WskBench(AddressFamily family, CompletionMode mode) {
        this(family, SimOptions.defaults().completionMode(mode));
    }

    public WskBench(AddressFamily family, SimOptions options) {
        this(family, WfpSim.open(options.faultMode(FaultMode.RECORD)));
    }

    /** On a machine that exists. */
    public WskBench(AddressFamily family, WfpSim sim) {
        this.family = family;
        this.sim = sim;
        this.isManual = sim.options().dispatcher() == DispatcherMode.MANUAL;
        this.driver = sim.loadDriver("acme.sys");
        this.wsk = driver.wsk();
        Out<WskRegistration> registered = Out.empty();
        assertThat(wsk.wskRegister(WskClientNpi.ofVersion10(), registered)).isEqualTo(NtStatus.STATUS_SUCCESS);
        this.registration = Objects.requireNonNull(registered.get());
        Out<WskProviderNpi> captured = Out.empty();
        assertThat(wsk.wskCaptureProviderNpi(registration, WskFlags.WSK_INFINITE_WAIT, captured))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        this.npi = Objects.requireNonNull(captured.get());
        this.app = sim.process("C:\\app.exe", Token.STANDARD_USER);
        this.proxyAddress = local(PROXY_PORT);
    }

    public InetSocketAddress local(int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    public InetSocketAddress any() {
        return new InetSocketAddress(IpAddress.wildcard(family), 0);
    }

    public InetSocketAddress remote(int lastByte) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByName((family == AddressFamily.AF_INET ? "203.0.113." : "2001:db8:1::") + lastByte),
                    80);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@return why datagrams were dropped, in order} */
    public List<DropReason> lostDatagrams() {
        return sim.trace().log().entries().stream()
                .map(entry -> entry.event())
                .filter(TraceEvent.DatagramDropped.class::isInstance)
                .map(event -> ((TraceEvent.DatagramDropped) event).reason())
                .toList();
    }

    // ---- IRPs

    /** Makes a call with an own IRP, which the routine frees. */
    public Sent send(Function<Irp, NtStatus> call) {
        Irp irp = driver.io().ioAllocateIrp(1, false);
        Sent sent = new Sent(irp, isManual ? sim.dispatcher()::runAll : () -> {});
        driver.io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> {
                            IoStatus status = completed.ioStatus();
                            sent.pointer = completed.informationPointer();
                            driver.io().ioFreeIrp(completed);
                            sent.end.complete(status);
                            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                        },
                        null,
                        true,
                        true,
                        true);
        sent.returned = call.apply(irp);
        return sent;
    }

    public NtStatus run(Function<Irp, NtStatus> call) {
        return send(call).status();
    }

    public void succeed(Function<Irp, NtStatus> call) {
        assertThat(run(call)).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    // ---- buffers

    public PoolBlock block(int size) {
        PoolBlock block = driver.pool().allocate(Math.max(1, size), TAG);
        blocks.add(block);
        return block;
    }

    /** Locked memory with some bytes in it. */
    public WskBuf buffer(byte[] bytes) {
        PoolBlock block = block(bytes.length);
        block.memory().put(bytes);
        return over(block, bytes.length);
    }

    public WskBuf buffer(int size) {
        return over(block(size), size);
    }

    private WskBuf over(PoolBlock block, int size) {
        Mdl mdl = driver.mm().ioAllocateMdl(block, Math.max(1, size));
        driver.mm().mmBuildMdlForNonPagedPool(mdl);
        mdls.add(mdl);
        return new WskBuf(mdl, 0, size);
    }

    /** An argument of WskControlSocket; null for none. */
    public static @Nullable WskControlBuffer memory(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : WskControlBuffer.of(bytes);
    }

    static byte[] bytes(WskBuf buffer, long count) {
        ByteBuffer copy = ByteBuffer.allocate((int) count);
        buffer.read(0, copy);
        return copy.array();
    }

    // ---- sockets

    public WskSocket socket(int category, int type, int protocol, int owner) {
        return (WskSocket) send(irp -> npi.wskSocket(family.code(), type, protocol, category, null, null, owner, irp))
                .pointer();
    }

    public WskListenSocket listener(int port, int owner) {
        WskListenSocket listener = (WskListenSocket) socket(WskFlags.WSK_FLAG_LISTEN_SOCKET, 1, TCP, owner);
        succeed(irp -> listener.wskBind(local(port), 0, irp));
        return listener;
    }

    public WskConnectionSocket connection(int owner) {
        return (WskConnectionSocket) socket(WskFlags.WSK_FLAG_CONNECTION_SOCKET, 1, TCP, owner);
    }

    public WskConnectionSocket bound(int owner) {
        WskConnectionSocket socket = connection(owner);
        succeed(irp -> socket.wskBind(any(), 0, irp));
        return socket;
    }

    public WskConnectionSocket accept(WskListenSocket listener) {
        return (WskConnectionSocket)
                send(irp -> listener.wskAccept(0, null, null, null, null, irp)).pointer();
    }

    // ---- redirection

    /** Redirects what the application and the proxy itself connect, if its records do not forbid it. */
    void redirectApp(InetSocketAddress to, SimProcess target, byte... context) {
        givenBack.add(sim.product("redirector")
                .proxyPort(to.getPort())
                .context(original -> context)
                .when(FilterCondition.appId(app.imagePath()))
                .when(FilterCondition.appId(target.imagePath()))
                .redirectTo(target));
    }

    /** Takes redirects back. */
    void withdraw() {
        givenBack.forEach(WskBench::giveBack);
        givenBack.clear();
    }

    /** Waits until everything is done that the dispatcher had to do until now. */
    public void settle() throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        sim.dispatcher().execute(() -> done.complete(true));
        if (isManual) {
            sim.dispatcher().runAll();
        }
        done.get(10, TimeUnit.SECONDS);
    }

    public List<Fault> faults() {
        return sim.verifier().violations().stream()
                .map(violation -> violation.kind())
                .toList();
    }

    public void close(WskSocket socket) {
        succeed(socket::wskCloseSocket);
    }

    /** Gives everything back in the order in which a driver should; the machine's close then finds nothing. */
    public void unload() {
        wsk.wskReleaseProviderNpi(registration);
        wsk.wskDeregister(registration);
        mdls.forEach(driver.mm()::ioFreeMdl);
        blocks.forEach(PoolBlock::free);
        givenBack.forEach(WskBench::giveBack);
    }

    private static void giveBack(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        sim.close();
    }
}
