package io.github.wfpsim.examples;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client of {@link KernelProduct}, from its accept to its close: each step starts when the request of the one before
 * has completed.
 */
final class KernelSession {

    private static final String TAG = "Prxy";

    /** What the documents advise to offer first. */
    private static final int ROOMY_BYTES = 1024;

    /** What a query delivered, in a block that may be larger. */
    private record Answer(PoolBlock block, long size) {}

    private final KernelProduct product;
    private final Io io;
    private final Pool pool;
    private final WskConnectionSocket accepted;
    private @Nullable WskConnectionSocket onward;

    KernelSession(KernelProduct product, WskConnectionSocket accepted) {
        this.product = product;
        this.io = product.driver().io();
        this.pool = product.driver().pool();
        this.accepted = accepted;
    }

    /** Serves the client; the future ends, always well, when both sockets are closed. */
    CompletableFuture<Void> run() {
        return queryRecords()
                .thenCompose(this::connectWith)
                .thenCompose(this::relay)
                .exceptionally(failure -> null)
                .thenCompose(over -> close(accepted))
                .thenCompose(closed -> close(onward));
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
                .thenApply(KernelSession::requireTooSmall)
                .thenCompose(tooSmall -> fetch(context, size.unsigned()))
                .thenApply(KernelSession::destinationIn);
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
        try {
            return RedirectingProxy.OriginalDestination.decode(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    // ---- connecting on

    /** A socket, its records, its address, its connection: in this order, since records are set before the bind. */
    private CompletableFuture<WskConnectionSocket> connectWith(Answer records) {
        InetSocketAddress any = new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 0);
        return createOnward()
                .thenCompose(socket -> setRecords(socket, records))
                .whenComplete((set, failure) -> records.block().free())
                .thenCompose(socket -> product.succeed(irp -> socket.wskBind(any, 0, irp))
                        .thenCompose(bound -> queryDestination())
                        .thenCompose(to -> product.succeed(irp -> socket.wskConnect(to, 0, irp)))
                        .thenApply(connected -> socket));
    }

    private CompletableFuture<WskConnectionSocket> createOnward() {
        return io.sendFor(WskConnectionSocket.class, irp -> product.socket(WskFlags.WSK_FLAG_CONNECTION_SOCKET, irp))
                .thenApply(created -> onward = created);
    }

    private CompletableFuture<WskConnectionSocket> setRecords(WskConnectionSocket socket, Answer records) {
        return product.succeed(irp -> socket.wskControlSocket(
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
                new KernelRelay(product, accepted, connected).run(),
                new KernelRelay(product, connected, accepted).run());
    }

    /** Resets the connection if it was not ended in both directions, and so tells the client that all failed. */
    private CompletableFuture<Void> close(@Nullable WskSocket socket) {
        return socket == null
                ? CompletableFuture.completedFuture(null)
                : io.send(socket::wskCloseSocket).thenAccept(closed -> {});
    }
}
