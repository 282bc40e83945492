package io.github.wfpsim.proxy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IoStatusException;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * A proxy in a driver, with Winsock Kernel and IRPs only. The constructor is what its DriverEntry does, {@link #close}
 * what its unload routine does.
 *
 * <p>Work items run one after another on the machine's dispatcher, so what they share needs no lock.
 */
public final class DriverProxy implements AutoCloseable {

    /**
     * What a driver calls.
     *
     * @param wsk Winsock Kernel
     * @param io IRPs
     * @param mm MDLs
     * @param pool its memory
     */
    public record Functions(Wsk wsk, Io io, Mm mm, Pool pool) {}

    /** Runs work items, one after another, and waits for what they bring about. */
    public interface WorkItems extends Executor {

        /**
         * Waits until a future is done.
         *
         * @param <T> what it carries
         * @param future what a work item or a request ends
         * @return what it carries
         */
        <T> T await(CompletableFuture<T> future);
    }

    private final Functions driver;
    private final Io io;
    private final WorkItems workItems;
    private final WskRegistration registration;
    private final WskProviderNpi npi;
    private final List<WskListenSocket> listeners = new ArrayList<>();

    // Work items only.
    private final List<CompletableFuture<Void>> accepting = new ArrayList<>();
    private final Set<DriverSession> sessions = new LinkedHashSet<>();
    private CompletableFuture<Void> ends = CompletableFuture.completedFuture(null);
    private boolean unloading;
    private int served;

    /**
     * Registers with Winsock Kernel and takes connections.
     *
     * @param driver the functions of the driver
     * @param workItems the machine's dispatcher
     * @param addresses where to listen
     * @throws IllegalStateException if Winsock Kernel refuses
     */
    public DriverProxy(Functions driver, WorkItems workItems, List<InetSocketAddress> addresses) {
        this.driver = driver;
        this.io = driver.io();
        this.workItems = workItems;
        Out<WskRegistration> registered = Out.empty();
        check("WskRegister", driver.wsk().wskRegister(WskClientNpi.ofVersion10(), registered));
        registration = Objects.requireNonNull(registered.get());
        Out<WskProviderNpi> captured = Out.empty();
        check(
                "WskCaptureProviderNPI",
                driver.wsk().wskCaptureProviderNpi(registration, WskFlags.WSK_INFINITE_WAIT, captured));
        npi = Objects.requireNonNull(captured.get());
        try {
            addresses.forEach(this::listen);
        } catch (RuntimeException refused) {
            close();
            throw refused;
        }
    }

    private static void check(String function, NtStatus status) {
        if (!status.isSuccess()) {
            throw new IllegalStateException(function + " returned " + status);
        }
    }

    private void listen(InetSocketAddress address) {
        AddressFamily family = AddressFamily.of(address.getAddress());
        WskListenSocket listener = granted(
                "WskSocket",
                io.sendFor(WskListenSocket.class, irp -> socket(family, WskFlags.WSK_FLAG_LISTEN_SOCKET, irp)));
        listeners.add(listener);
        granted("WskBind to " + IpAddress.text(address), succeed(irp -> listener.wskBind(address, 0, irp)));
        workItems.await(CompletableFuture.runAsync(() -> acceptNext(listener), workItems));
    }

    /** What DriverEntry cannot do without. */
    private <T> T granted(String call, CompletableFuture<T> request) {
        try {
            return workItems.await(request);
        } catch (CompletionException refused) {
            NtStatus status = refused.getCause() instanceof IoStatusException ended
                    ? ended.ioStatus().status()
                    : null;
            throw new IllegalStateException(
                    call + " failed for the proxy in the driver: "
                            + (status == NtStatus.STATUS_ADDRESS_ALREADY_EXISTS
                                    ? status + ", another socket has the port: choose another one with proxyPort"
                                    : refused.getCause()),
                    refused.getCause());
        }
    }

    /** Makes a socket of a category; the IRP delivers it. It acts for System, the process that drivers run in. */
    NtStatus socket(AddressFamily family, int category, Irp irp) {
        return npi.wskSocket(
                family.code(),
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

    Functions driver() {
        return driver;
    }

    Executor workItems() {
        return workItems;
    }

    /** Waits for one connection; the unload routine ends the wait by closing the listener. */
    private void acceptNext(WskListenSocket listener) {
        accepting.removeIf(CompletableFuture::isDone);
        accepting.add(io.sendFor(WskConnectionSocket.class, irp -> listener.wskAccept(0, null, null, null, null, irp))
                .thenAcceptAsync(accepted -> serve(listener, accepted), workItems));
    }

    private void serve(WskListenSocket listener, WskConnectionSocket accepted) {
        served++;
        DriverSession session = new DriverSession(this, accepted);
        sessions.add(session);
        ends = CompletableFuture.allOf(ends, session.run().thenRunAsync(() -> sessions.remove(session), workItems));
        if (unloading) {
            session.abort();
        } else {
            acceptNext(listener);
        }
    }

    /** {@return how many connections were accepted} */
    public int served() {
        return workItems.await(CompletableFuture.supplyAsync(() -> served, workItems));
    }

    /** As an unload routine: no new clients, the present ones broken off, then everything back in reverse order. */
    @Override
    public void close() {
        workItems.await(CompletableFuture.runAsync(() -> unloading = true, workItems));
        for (WskListenSocket listener : listeners) {
            workItems.await(succeed(listener::wskCloseSocket));
        }
        workItems.await(CompletableFuture.completedFuture(null).thenComposeAsync(now -> lastAccepts(), workItems));
        workItems.await(CompletableFuture.completedFuture(null).thenComposeAsync(now -> lastSessions(), workItems));
        driver.wsk().wskReleaseProviderNpi(registration);
        driver.wsk().wskDeregister(registration);
    }

    private CompletableFuture<Void> lastAccepts() {
        return CompletableFuture.allOf(accepting.toArray(CompletableFuture[]::new))
                .exceptionally(cancelled -> null);
    }

    private CompletableFuture<Void> lastSessions() {
        List.copyOf(sessions).forEach(DriverSession::abort);
        return ends;
    }
}
