package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.SocketRequest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sending and receiving on datagram sockets, for the calls of Winsock that do. */
final class DatagramCalls {

    private final HostStack stack;
    private final ErrorTranslation errors;

    DatagramCalls(HostStack stack, ErrorTranslation errors) {
        this.stack = stack;
        this.errors = errors;
    }

    /** Sends one datagram; the buffer's position moves behind what was sent. */
    Win32Error send(
            SocketEntry entry,
            ByteBuffer buf,
            @Nullable InetSocketAddress to,
            RedirectChain records,
            Win32Error withoutPeer) {
        boolean keeps = entry.isNonBlocking() && entry.kernel().type() == SocketType.SOCK_DGRAM;
        if (keeps && !entry.kernel().reserveToSend(buf.remaining(), entry.sendBuffer())) {
            return Win32Error.WSAEWOULDBLOCK;
        }
        NtStatus status = keeps
                ? sendOrKeep(entry, buf, to, records)
                : stack.datagrams().send(entry.kernel(), buf, to, records).run();
        if (status == NtStatus.STATUS_CONNECTION_INVALID) {
            return withoutPeer;
        }
        if (status.isSuccess()) {
            buf.position(buf.limit());
        }
        return errors.ofSend(status);
    }

    /** Sends a datagram, or keeps it until it may go; how that ends the story alone tells then (NBIO-14, UDP-60). */
    private NtStatus sendOrKeep(
            SocketEntry entry, ByteBuffer buf, @Nullable InetSocketAddress to, RedirectChain records) {
        int size = buf.remaining();
        HostSocket kernel = entry.kernel();
        ByteBuffer kept = ByteBuffer.allocate(size).put(buf.duplicate()).flip();
        AtomicReference<@Nullable NtStatus> end = new AtomicReference<>();
        SocketRequest send = null;
        try {
            send = stack.datagrams().send(kernel, kept, to, records);
        } finally {
            if (send == null) {
                kernel.releaseToSend(size);
            }
        }
        send.start(status -> {
            boolean isHeard = end.compareAndSet(null, status);
            if (!isHeard && !status.isSuccess()) {
                stack.datagrams().neverLeft(kernel, to, size, status);
            }
            kernel.releaseToSend(size);
        });
        boolean isKept = end.compareAndSet(null, NtStatus.STATUS_PENDING);
        return isKept ? NtStatus.STATUS_SUCCESS : Objects.requireNonNull(end.get(), "has ended");
    }

    /** Receives one datagram, as much of it as the buffer takes; the rest is lost with WSAEMSGSIZE. */
    Win32Error receive(SocketEntry entry, ByteBuffer buf, @Nullable Out<InetSocketAddress> from) {
        Out<ReceivedDatagram> received = Out.empty();
        Win32Error error = transfer(
                entry,
                !entry.isNonBlocking(),
                deadline -> stack.datagrams().receive(entry.kernel(), false, deadline, received));
        ReceivedDatagram datagram = received.get();
        if (datagram == null) {
            return error;
        }
        if (from != null) {
            from.set(datagram.source());
        }
        ByteBuffer payload = datagram.payload();
        boolean fits = payload.remaining() <= buf.remaining();
        buf.put(fits ? payload : payload.limit(payload.position() + buf.remaining()));
        return fits ? Win32Error.NO_ERROR : Win32Error.WSAEMSGSIZE;
    }

    /** Takes one datagram, with its control messages if the caller can take them. */
    Win32Error take(SocketEntry entry, boolean takesControl, boolean mayWait, Out<ReceivedDatagram> received) {
        return transfer(
                entry,
                mayWait,
                deadline -> stack.datagrams().receive(entry.kernel(), takesControl, deadline, received));
    }

    /** Shows one datagram with its control messages. */
    Win32Error peek(SocketEntry entry, Out<ReceivedDatagram> seen) {
        return transfer(
                entry, !entry.isNonBlocking(), deadline -> stack.datagrams().peek(entry.kernel(), deadline, seen));
    }

    /** One way to get at a datagram. */
    @FunctionalInterface
    private interface Reception {
        NtStatus until(Deadline deadline) throws InterruptedException;
    }

    private Win32Error transfer(SocketEntry entry, boolean mayWait, Reception reception) {
        try {
            NtStatus status = reception.until(deadline(entry, mayWait));
            boolean timedOut = status == NtStatus.STATUS_DEVICE_NOT_READY && mayWait;
            return timedOut ? Win32Error.WSAETIMEDOUT : errors.ofReceive(status);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return Win32Error.WSAEINTR;
        }
    }

    private Deadline deadline(SocketEntry entry, boolean mayWait) {
        if (!mayWait) {
            return stack.clock().deadlineAfter(Duration.ZERO);
        }
        return entry.receiveTimeout() == 0
                ? Deadline.NEVER
                : stack.clock().deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(entry.receiveTimeout())));
    }
}
