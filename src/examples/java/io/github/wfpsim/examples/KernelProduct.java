package io.github.wfpsim.examples;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.RedirectCallout;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A product that is one driver: its callout redirects to a proxy in the same driver, which uses Winsock Kernel and IRPs
 * only. The constructor is its DriverEntry, {@link #close} its unload routine.
 *
 * <p>Work items run one after another on the machine's dispatcher, so what they share needs no lock.
 */
final class KernelProduct implements AutoCloseable {

    private final KernelDriver driver;
    private final Io io;
    private final Executor workItems;
    private final Wsk wsk;
    private final RedirectHandle handle;
    private final CalloutRegistration callout;
    private final WskRegistration registration;
    private final WskProviderNpi npi;
    private final WskListenSocket listener;

    // Work items only.
    private CompletableFuture<Void> accepting;
    private CompletableFuture<Void> sessions = CompletableFuture.completedFuture(null);
    private boolean unloading;
    private int served;

    /** With where original destinations lead, and who hears what the callout saw. */
    KernelProduct(WfpSim sim, String name, int port, InetSocketAddress origin, Consumer<String> note) {
        driver = sim.loadDriver(name + ".sys");
        io = driver.io();
        wsk = driver.wsk();
        workItems = sim.dispatcher();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);

        Out<WskRegistration> registered = Out.empty();
        check("WskRegister", wsk.wskRegister(WskClientNpi.ofVersion10(), registered));
        registration = Objects.requireNonNull(registered.get());
        Out<WskProviderNpi> captured = Out.empty();
        check("WskCaptureProviderNPI", wsk.wskCaptureProviderNpi(registration, WskFlags.WSK_INFINITE_WAIT, captured));
        npi = Objects.requireNonNull(captured.get());
        listener = io.sendFor(WskListenSocket.class, irp -> socket(WskFlags.WSK_FLAG_LISTEN_SOCKET, irp))
                .join();
        succeed(irp -> listener.wskBind(address, 0, irp)).join();
        accepting = acceptNext();

        handle = driver.createRedirectHandle(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
        UUID key = UUID.nameUUIDFromBytes((name + "-callout").getBytes(StandardCharsets.UTF_8));
        // The proxy's sockets act for System, the process that drivers run in.
        RedirectCallout redirect = driver.redirectCallout(handle, address, sim.system())
                .withContext(RedirectingProxy.OriginalDestination.encode(origin));
        callout = driver.registerCallout(
                key,
                (values, metadata, data, context, filter, flow, classifyOut) -> redirect.watching(
                                state -> note.accept(driver.name() + " saw " + state + " for " + values.process()))
                        .classify(values, metadata, data, context, filter, flow, classifyOut));
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .name(name + " redirects web traffic")
                        .when(FilterCondition.remotePort(origin.getPort()))
                        .callout(key));
    }

    private static void check(String function, NtStatus status) {
        if (!status.isSuccess()) {
            throw new IllegalStateException(function + " returned " + status);
        }
    }

    /** Makes a socket of a category; the IRP delivers it. */
    NtStatus socket(int category, Irp irp) {
        return npi.wskSocket(
                AddressFamily.AF_INET.code(),
                SocketType.SOCK_STREAM.code(),
                IpProtocol.IPPROTO_TCP.code(),
                category,
                null,
                null,
                0,
                irp);
    }

    /** A request that has to succeed. */
    CompletableFuture<IoStatus> succeed(Function<Irp, NtStatus> call) {
        return io.send(call).thenApply(IoStatus::requireSuccess);
    }

    KernelDriver driver() {
        return driver;
    }

    Executor workItems() {
        return workItems;
    }

    /** Waits for one connection; the unload routine ends the wait by closing the listener. */
    private CompletableFuture<Void> acceptNext() {
        return io.sendFor(WskConnectionSocket.class, irp -> listener.wskAccept(0, null, null, null, null, irp))
                .thenAcceptAsync(this::serve, workItems);
    }

    private void serve(WskConnectionSocket accepted) {
        served++;
        sessions = CompletableFuture.allOf(sessions, new KernelSession(this, accepted).run());
        if (!unloading) {
            accepting = acceptNext();
        }
    }

    int served() {
        return CompletableFuture.supplyAsync(() -> served, workItems).join();
    }

    /** As an unload routine: no new clients, the present ones to their end, then everything back in reverse order. */
    @Override
    public void close() {
        callout.close();
        handle.close();
        CompletableFuture.runAsync(() -> unloading = true, workItems)
                .thenCompose(noMore -> succeed(listener::wskCloseSocket))
                .thenCompose(closed -> accepting.exceptionally(cancelled -> null))
                .thenCompose(noMore -> sessions)
                .join();
        wsk.wskReleaseProviderNpi(registration);
        wsk.wskDeregister(registration);
    }
}
