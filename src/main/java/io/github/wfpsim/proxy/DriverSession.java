package io.github.wfpsim.proxy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client of {@link DriverProxy}, from its accept to its close: each step starts when the request of the one before
 * has completed.
 */
final class DriverSession {

    private static final String TAG = "Prxy";

    /** What the documents advise to offer first. */
    private static final int ROOMY_BYTES = 1024;

    /** What a query delivered, in a block that may be larger. */
    private record Answer(PoolBlock block, long size) {}

    private final DriverProxy proxy;
    private final Io io;
    private final Pool pool;
    private final WskConnectionSocket accepted;
    private @Nullable WskConnectionSocket onward;

    // Work items only.
    private boolean closing;
    private boolean aborted;
    private boolean connecting;
    private @Nullable CompletableFuture<Void> onwardClosed;

    DriverSession(DriverProxy proxy, WskConnectionSocket accepted) {
        this.proxy = proxy;
        this.io = proxy.driver().io();
        this.pool = proxy.driver().pool();
        this.accepted = accepted;
    }

    /** Serves the client; the future ends, always well, when both sockets are closed. */
    CompletableFuture<Void> run() {
        return queryRecords()
                .thenCompose(this::connectWith)
                .thenCompose(this::relay)
                .exceptionally(failure -> null)
                .thenComposeAsync(this::closeAll, proxy.workItems());
    }

    private CompletableFuture<Void> closeAll(@Nullable Void over) {
        closing = true;
        return close(accepted).thenComposeAsync(closed -> closeOnward(), proxy.workItems());
    }

    private CompletableFuture<Void> closeOnward() {
        CompletableFuture<Void> begun = onwardClosed;
        if (begun == null) {
            begun = close(onward);
            onwardClosed = begun;
        }
        return begun;
    }

    /** Breaks the connection off, from a work item: what is pending on it fails, and the session ends. */
    void abort() {
        aborted = true;
        if (!closing) {
            CompletableFuture<IoStatus> unused =
                    io.send(irp -> accepted.wskDisconnect(null, WskFlags.WSK_FLAG_ABORTIVE, irp));
        }
        if (connecting) {
            // Nobody knows when the server answers: closing the socket ends the wait for it.
            CompletableFuture<Void> unused = closeOnward();
        }
    }

    private void requireWanted() {
        if (aborted) {
            throw new CancellationException("the driver unloads");
        }
    }

    // ---- asking

    /** Offers a roomy buffer; if that is too small, the outcome says what is needed. */
    private CompletableFuture<Answer> queryRecords() {
        ControlCode records = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS;
        PoolBlock block = pool.allocate(ROOMY_BYTES, TAG);
        return query(records, block).thenCompose(outcome -> {
            if (outcome.status() != NtStatus.STATUS_BUFFER_TOO_SMALL) {
                return answer(outcome, block);
            }
            block.free();
            return fetch(records, outcome.information());
        });
    }

    /** Asks for the size first; if there is no context, that fails with STATUS_NOT_FOUND. */
    private CompletableFuture<InetSocketAddress> queryDestination() {
        ControlCode context = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT;
        OutUlong size = new OutUlong();
        return io.send(irp -> accepted.wskControlSocket(
                        WskControlRequestType.WskIoctl, context.code(), 0, 0, null, 0, null, size, irp))
                .thenApply(DriverSession::requireTooSmall)
                .thenCompose(tooSmall -> fetch(context, size.unsigned()))
                .thenApply(DriverSession::destinationIn);
    }

    private static IoStatus requireTooSmall(IoStatus outcome) {
        return outcome.status() == NtStatus.STATUS_BUFFER_TOO_SMALL ? outcome : outcome.requireSuccess();
    }

    private CompletableFuture<Answer> fetch(ControlCode code, long size) {
        PoolBlock block = pool.allocate(size, TAG);
        return query(code, block).thenCompose(outcome -> answer(outcome, block));
    }

    private CompletableFuture<IoStatus> query(ControlCode code, PoolBlock block) {
        return io.send(irp -> accepted.wskControlSocket(
                WskControlRequestType.WskIoctl,
                code.code(),
                0,
                0,
                null,
                block.size(),
                WskControlBuffer.of(block),
                null,
                irp));
    }

    private static CompletableFuture<Answer> answer(IoStatus outcome, PoolBlock block) {
        if (!outcome.isSuccess()) {
            block.free();
        }
        return CompletableFuture.completedFuture(outcome)
                .thenApply(IoStatus::requireSuccess)
                .thenApply(success -> new Answer(block, success.information()));
    }

    private static InetSocketAddress destinationIn(Answer context) {
        byte[] bytes = new byte[(int) context.size()];
        context.block().bytes().get(bytes);
        context.block().free();
        return OriginalDestination.decode(bytes).remote();
    }

    // ---- connecting on

    /** Where to, then a socket, its records, its address, its connection: in this order, since SET wants it unbound. */
    private CompletableFuture<WskConnectionSocket> connectWith(Answer records) {
        return queryDestination()
                .thenCompose(to -> createOnward(AddressFamily.of(to.getAddress()))
                        .thenCompose(socket -> setRecords(socket, records))
                        .thenComposeAsync(socket -> connect(socket, to), proxy.workItems()))
                .whenComplete((connected, failure) -> records.block().free());
    }

    private CompletableFuture<WskConnectionSocket> connect(WskConnectionSocket socket, InetSocketAddress to) {
        requireWanted();
        connecting = true;
        InetSocketAddress any = IpAddress.unspecified(AddressFamily.of(to.getAddress()));
        return proxy.succeed(irp -> socket.wskBind(any, 0, irp))
                .thenComposeAsync(bound -> connectBound(socket, to), proxy.workItems())
                .thenApplyAsync(connected -> connected(socket), proxy.workItems());
    }

    private CompletableFuture<IoStatus> connectBound(WskConnectionSocket socket, InetSocketAddress to) {
        requireWanted();
        return proxy.succeed(irp -> socket.wskConnect(to, 0, irp));
    }

    private WskConnectionSocket connected(WskConnectionSocket socket) {
        requireWanted();
        connecting = false;
        return socket;
    }

    private CompletableFuture<WskConnectionSocket> createOnward(AddressFamily family) {
        return io.sendFor(
                        WskConnectionSocket.class,
                        irp -> proxy.socket(family, WskFlags.WSK_FLAG_CONNECTION_SOCKET, irp))
                .thenApply(created -> onward = created);
    }

    private CompletableFuture<WskConnectionSocket> setRecords(WskConnectionSocket socket, Answer records) {
        return proxy.succeed(irp -> socket.wskControlSocket(
                        WskControlRequestType.WskIoctl,
                        ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                        0,
                        records.size(),
                        WskControlBuffer.of(records.block()),
                        0,
                        null,
                        null,
                        irp))
                .thenApply(set -> socket);
    }

    // ---- moving data

    private CompletableFuture<Void> relay(WskConnectionSocket connected) {
        return CompletableFuture.allOf(
                new DriverRelay(proxy, accepted, connected).run(), new DriverRelay(proxy, connected, accepted).run());
    }

    /** Resets the connection if it was not ended in both directions, and so tells the client that all failed. */
    private CompletableFuture<Void> close(@Nullable WskSocket socket) {
        return socket == null
                ? CompletableFuture.completedFuture(null)
                : io.send(socket::wskCloseSocket).thenAccept(closed -> {});
    }
}
