package io.github.wfpsim.fray;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.wsk.WskClientDispatch;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import io.github.wfpsim.wsk.WskSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A scene with a driver that is a client of WSK. */
final class Kernel implements AutoCloseable {

    /** One request: its IRP, whose routine runs once, and how it ended. */
    static final class Sent {
        final Irp irp;
        final List<IoStatus> ends = new ArrayList<>();
        private final CountDownLatch over = new CountDownLatch(1);
        private @Nullable Object pointer;
        // What the driver has done by the time the routine runs.
        @Nullable
        Runnable whenOver;

        Sent(Irp irp) {
            this.irp = irp;
        }

        boolean isOver() {
            return over.getCount() == 0;
        }

        NtStatus status() throws InterruptedException {
            over.await();
            synchronized (ends) {
                assertThat(ends).hasSize(1);
                return ends.get(0).status();
            }
        }

        long information() throws InterruptedException {
            over.await();
            return ends.get(0).information();
        }

        <T> T made(Class<T> type) throws InterruptedException {
            assertThat(status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            return type.cast(Objects.requireNonNull(pointer));
        }
    }

    final Scene scene;
    final KernelDriver driver;
    final WskRegistration registration;
    final WskProviderNpi npi;
    private final List<Irp> irps = new ArrayList<>();
    private final List<Mdl> mdls = new ArrayList<>();
    private final List<PoolBlock> blocks = new ArrayList<>();

    Kernel() {
        this(Orders.small());
    }

    Kernel(SimOptions options) {
        this.scene = new Scene(options);
        this.driver = scene.sim.loadDriver("acme.sys");
        Out<WskRegistration> registered = Out.empty();
        driver.wsk().wskRegister(WskClientNpi.ofVersion10(), registered);
        this.registration = Objects.requireNonNull(registered.get());
        Out<WskProviderNpi> captured = Out.empty();
        driver.wsk().wskCaptureProviderNpi(registration, WskFlags.WSK_NO_WAIT, captured);
        this.npi = Objects.requireNonNull(captured.get());
    }

    Sent send(Function<Irp, NtStatus> call) {
        Sent sent = prepare();
        call.apply(sent.irp);
        return sent;
    }

    /** A request that somebody else may cancel before it is made. */
    Sent prepare() {
        Sent sent = new Sent(driver.io().ioAllocateIrp(1, false));
        synchronized (irps) {
            irps.add(sent.irp);
        }
        driver.io()
                .ioSetCompletionRoutine(
                        sent.irp,
                        (device, completed, context) -> {
                            synchronized (sent.ends) {
                                sent.ends.add(completed.ioStatus());
                            }
                            sent.pointer = completed.informationPointer();
                            Runnable own = sent.whenOver;
                            if (own != null) {
                                own.run();
                            }
                            sent.over.countDown();
                            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                        },
                        null,
                        true,
                        true,
                        true);
        return sent;
    }

    void succeed(Function<Irp, NtStatus> call) throws InterruptedException {
        assertThat(send(call).status()).isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    WskBuf buffer(int size) {
        PoolBlock block = driver.pool().allocate(size, "fray");
        Mdl mdl = driver.mm().ioAllocateMdl(block, size);
        driver.mm().mmBuildMdlForNonPagedPool(mdl);
        mdls.add(mdl);
        blocks.add(block);
        return new WskBuf(mdl, 0, size);
    }

    <T> T socket(Class<T> type, int category, @Nullable WskClientDispatch dispatch) throws InterruptedException {
        boolean datagram = category == WskFlags.WSK_FLAG_DATAGRAM_SOCKET;
        return send(irp -> npi.wskSocket(
                        AddressFamily.AF_INET.code(),
                        datagram ? 2 : 1,
                        datagram ? 17 : 6,
                        category,
                        null,
                        dispatch,
                        0,
                        irp))
                .made(type);
    }

    /** Listens at {@link Scene#LOCAL}. */
    WskListenSocket listener(@Nullable WskClientDispatch dispatch) throws InterruptedException {
        WskListenSocket listener = socket(WskListenSocket.class, WskFlags.WSK_FLAG_LISTEN_SOCKET, dispatch);
        succeed(irp -> listener.wskBind(Scene.LOCAL, 0, irp));
        return listener;
    }

    WskConnectionSocket bound() throws InterruptedException {
        WskConnectionSocket socket = socket(WskConnectionSocket.class, WskFlags.WSK_FLAG_CONNECTION_SOCKET, null);
        succeed(irp -> socket.wskBind(new InetSocketAddress("127.0.0.1", 0), 0, irp));
        return socket;
    }

    Sent accept(WskListenSocket listener) {
        return send(irp -> listener.wskAccept(0, null, null, null, null, irp));
    }

    void close(WskSocket socket) throws InterruptedException {
        succeed(socket::wskCloseSocket);
    }

    @Override
    public void close() throws Exception {
        driver.wsk().wskReleaseProviderNpi(registration);
        driver.wsk().wskDeregister(registration);
        giveBack();
    }

    /** Ends the scene of a driver that has deregistered. */
    void giveBack() throws Exception {
        scene.settle();
        irps.forEach(driver.io()::ioFreeIrp);
        mdls.forEach(driver.mm()::ioFreeMdl);
        blocks.forEach(PoolBlock::free);
        scene.close();
    }
}
