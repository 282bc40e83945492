package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.trace.DropReason;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Datagrams that a socket has not received yet: one that a callback refused, before those in the queue. */
final class Inbox {

    private final HostStack stack;
    private final HostSocket socket;
    private final AtomicReference<@Nullable ReceivedDatagram> refused = new AtomicReference<>();
    private volatile @Nullable InetSocketAddress onlyPeer;

    Inbox(HostStack stack, HostSocket socket) {
        this.stack = stack;
        this.socket = socket;
    }

    /** Lets the datagrams of one peer in only; null for those of all. */
    void filter(@Nullable InetSocketAddress peer) {
        this.onlyPeer = peer;
    }

    void giveBack(ReceivedDatagram datagram) {
        refused.set(datagram);
    }

    /** As {@link io.github.wfpsim.stack.Datagrams#tryReceive}; datagrams of other peers are thrown away. */
    NtStatus tryReceive(boolean takesRecords, Out<ReceivedDatagram> received) {
        ReceivedDatagram first = refused.getAndSet(null);
        if (first != null) {
            received.set(first);
            return NtStatus.STATUS_SUCCESS;
        }
        NtStatus status;
        do {
            received.set(null);
            status = stack.datagrams().tryReceive(socket, takesRecords, received);
        } while (status == NtStatus.STATUS_SUCCESS && isThrownAway(received.get()));
        return status;
    }

    private boolean isThrownAway(@Nullable ReceivedDatagram datagram) {
        InetSocketAddress peer = onlyPeer;
        if (peer == null || datagram == null || peer.equals(datagram.source())) {
            return false;
        }
        lost(datagram, DropReason.OTHER_PEER);
        return true;
    }

    /** Tells that nobody gets a datagram. */
    void lost(ReceivedDatagram datagram, DropReason why) {
        stack.datagrams().dropped(socket, datagram.source(), datagram.payload().remaining(), why);
    }
}
