package io.github.wfpsim.stack;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Datagram sockets: sending, receiving, peers, and the flows that packets create. */
public final class Datagrams {

    /** The most bytes that one IPv4 packet carries: 65,535 less 20 bytes of IP and 8 of UDP header. */
    private static final int MOST_BYTES_V4 = 65_507;

    /** The same for IPv6, whose length does not count its own header. */
    private static final int MOST_BYTES_V6 = 65_527;

    private static final byte[] LIMITED_BROADCAST = {-1, -1, -1, -1};

    private final HostStack stack;
    private final AtomicLong nextSweep = new AtomicLong(Long.MAX_VALUE);

    Datagrams(HostStack stack) {
        this.stack = stack;
    }

    // ---- sending

    /**
     * Sends a datagram. If its flow is there already, it has gone when this call returns.
     *
     * @param payload the bytes from position to limit, which do not move
     * @param to where to; null for the socket's peer
     * @param records the chain that the flow-creating packet carries on; empty for none
     * @return gives STATUS_SUCCESS; STATUS_NOT_SUPPORTED for sockets of another type; STATUS_CONNECTION_INVALID without
     *     destination and peer; STATUS_PIPE_DISCONNECTED after shutdown; STATUS_INVALID_PARAMETER for another address
     *     family; STATUS_INVALID_ADDRESS_COMPONENT
     *     for port 0 or an unspecified address; STATUS_INVALID_BUFFER_SIZE for more bytes than a packet carries;
     *     STATUS_ACCESS_DENIED if a filter blocks the implicit bind, and under the deviation
     *     BLOCKED_DATAGRAM_FAILS_SEND the flow; STATUS_CONNECTION_ABORTED if a redirect loop was ended;
     *     STATUS_NETWORK_UNREACHABLE; STATUS_INSUFFICIENT_RESOURCES without a free port; STATUS_CANCELLED
     */
    public SocketRequest send(
            HostSocket socket, ByteBuffer payload, @Nullable InetSocketAddress to, RedirectChain records) {
        Endpoint endpoint = socket.endpoint();
        DatagramPort port = endpoint.datagramPort();
        InetSocketAddress peer = endpoint.state() == ConnectionState.CONNECTED ? endpoint.remote() : null;
        InetSocketAddress far = to == null ? peer : inTable(endpoint, to);
        if (port == null) {
            return SocketRequest.answered(NtStatus.STATUS_NOT_SUPPORTED);
        }
        if (far == null) {
            return SocketRequest.answered(endpoint.unlessLost(NtStatus.STATUS_CONNECTION_INVALID));
        }
        if (port.isSendEnded()) {
            return SocketRequest.answered(NtStatus.STATUS_PIPE_DISCONNECTED);
        }
        NtStatus unfit = unfit(endpoint, far, payload);
        return unfit.isSuccess()
                ? send(endpoint, port, far, payload, records, to == null)
                : SocketRequest.answered(unfit);
    }

    private static NtStatus unfit(Endpoint endpoint, InetSocketAddress far, ByteBuffer payload) {
        if (!Assignment.isOfFamily(endpoint, far)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (far.getPort() == 0 || far.getAddress().isAnyLocalAddress()) {
            return NtStatus.STATUS_INVALID_ADDRESS_COMPONENT;
        }
        if (isBroadcast(far) && !endpoint.mayBroadcast()) {
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        int most = far.getAddress() instanceof Inet4Address ? MOST_BYTES_V4 : MOST_BYTES_V6;
        return payload.remaining() > most ? NtStatus.STATUS_INVALID_BUFFER_SIZE : NtStatus.STATUS_SUCCESS;
    }

    /** The limited broadcast; which others there are depends on the masks of networks, which are not simulated. */
    private static boolean isBroadcast(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address
                && Arrays.equals(address.getAddress().getAddress(), LIMITED_BROADCAST);
    }

    /** The table knows the v4-mapped addresses of dual-stack sockets by their IPv4 form (WFP-06). */
    private static InetSocketAddress inTable(Endpoint endpoint, InetSocketAddress address) {
        return endpoint.isV6Only() ? address : IpAddress.unmap(address);
    }

    private SocketRequest send(
            Endpoint socket,
            DatagramPort port,
            InetSocketAddress far,
            ByteBuffer payload,
            RedirectChain records,
            boolean plain) {
        DatagramFlow flow = port.flowTo(far);
        if (flow != null && isIdle(flow)) {
            retire(flow, port);
            flow = null;
        }
        if (flow == null) {
            flow = stack.table().makeFlow(socket, far, stack.clock().nanos());
            flow.endpoint().installInherited(ConnectionState.OPEN, records);
            DatagramFlow other = add(port, flow);
            if (other == null) {
                return new DatagramSend(stack, flow, port, payload, plain);
            }
            flow = other;
        }
        if (!records.isEmpty()) {
            stack.verifier()
                    .diagnose(
                            flow.endpoint().subject(),
                            Diagnostic.UDP_RECORD_TOO_LATE,
                            socket.owner().toString(),
                            "the flow to " + IpAddress.text(far)
                                    + " exists already: send the record with its first packet");
        }
        NtStatus authorized = flow.authorization().now();
        return authorized == null
                ? new Follow(stack, flow, payload, plain)
                : SocketRequest.answered(heard(flow, payload, transmit(flow, payload, plain, authorized)));
    }

    /** Makes room for a new flow to the same far end, before the sweep comes by. */
    private void retire(DatagramFlow flow, DatagramPort port) {
        stack.close(flow.endpoint(), true);
        port.forget(flow);
    }

    /** Adds a new flow, which has all that others look at; gives the other one if another thread has created it just before. */
    private @Nullable DatagramFlow add(DatagramPort port, DatagramFlow flow) {
        stack.table().add(flow.endpoint());
        DatagramFlow other = port.add(flow);
        if (other != null) {
            stack.close(flow.endpoint(), true);
        } else if (flow.socket().isClosed()) {
            // Closed by another thread meanwhile, which did not see the flow.
            stack.close(flow.endpoint(), true);
        }
        sweepAt(idleAt(flow));
        return other;
    }

    private NtStatus transmit(DatagramFlow flow, ByteBuffer payload, boolean plain, NtStatus authorized) {
        InetSocketAddress effective = flow.endpoint().effectiveRemote();
        return authorized.isSuccess() && effective != null
                ? transmit(flow, new Datagram(flow.endpoint().local(), effective, payload), plain)
                : authorized;
    }

    /**
     * Sends by a flow that is authorized; a port that nobody is at becomes known by receiving, as on Windows.
     *
     * @param plain whether the caller left the address out
     */
    NtStatus transmit(DatagramFlow flow, Datagram packet, boolean plain) {
        DatagramPort port = Objects.requireNonNull(flow.socket().datagramPort());
        flow.used(stack.clock().nanos());
        port.answersComeTo(flow);
        if (plain && flow.isRedirectedHere() && stack.options().has(Deviation.CONNECTED_UDP_REDIRECT_LOST)) {
            tellDropped(flow.endpoint(), packet, DropReason.CONNECTED_REDIRECT_LOST, null);
            return NtStatus.STATUS_SUCCESS;
        }
        try {
            if (!stack.addresses().contains(packet.destination().getAddress())) {
                stack.network().send(packet);
                return NtStatus.STATUS_SUCCESS;
            }
            DropReason lost = arrive(packet, flow.endpoint().flow());
            if (lost != null) {
                tellDropped(flow.endpoint(), packet, lost, null);
                tellRedirectedToNobody(flow, packet, lost);
                tellUnreachable(port, flow);
            }
            return NtStatus.STATUS_SUCCESS;
        } catch (PortUnreachableException nobody) {
            tellDropped(flow.endpoint(), packet, DropReason.NOBODY_RECEIVES, null);
            if (!isBroadcast(packet.destination())) {
                tellUnreachable(port, flow);
            }
            return NtStatus.STATUS_SUCCESS;
        } catch (NoRouteToHostException nowhere) {
            tellDropped(flow.endpoint(), packet, DropReason.NO_ROUTE, null);
            // Everybody is asked and nobody need be there.
            return isBroadcast(packet.destination()) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_NETWORK_UNREACHABLE;
        }
    }

    private static void tellUnreachable(DatagramPort port, DatagramFlow flow) {
        if (port.tellsUnreachable()) {
            port.queue().add(DatagramQueue.Entry.unreachable(flow.far()));
        }
    }

    /** What the sender hears: a datagram that a filter blocks is lost without a word to it (UDP-61). */
    NtStatus heard(DatagramFlow flow, ByteBuffer payload, NtStatus status) {
        DatagramFlow.Refusal refusal = flow.refusal();
        if (refusal == null
                || status != NtStatus.STATUS_ACCESS_DENIED
                || stack.options().has(Deviation.BLOCKED_DATAGRAM_FAILS_SEND)) {
            return status;
        }
        Datagram packet = new Datagram(flow.endpoint().local(), refusal.effective(), payload);
        tellDropped(flow.endpoint(), packet, refusal.reason(), refusal.layer());
        return NtStatus.STATUS_SUCCESS;
    }

    /** The source that CONNECT_REDIRECT sees: the address that the owner chose, and the port of the bind (WFP-14). */
    static InetSocketAddress shownSource(HostStack stack, Endpoint socket, InetSocketAddress asChosen) {
        return asChosen.getPort() != 0 || stack.options().has(Deviation.UDP_PORT_UNKNOWN_AT_CONNECT_REDIRECT)
                ? asChosen
                : new InetSocketAddress(asChosen.getAddress(), socket.local().getPort());
    }

    // ---- telling who lost a datagram (UDP-60)

    /**
     * Tells of a datagram that a kernel socket's owner did not take.
     *
     * @param source where it seems to come from
     * @param bytes its length
     */
    public void dropped(HostSocket socket, InetSocketAddress source, int bytes, DropReason reason) {
        if (stack.trace().isListening()) {
            Endpoint endpoint = socket.endpoint();
            stack.trace()
                    .emit(new TraceEvent.DatagramDropped(
                            endpoint.subject(), source, endpoint.local(), bytes, reason, null));
        }
    }

    /**
     * Tells of a datagram that a call has kept, and that could not leave.
     *
     * @param to where it was to go; null for the socket's peer
     * @param bytes its length
     * @param status what its send ended with
     */
    public void neverLeft(HostSocket socket, @Nullable InetSocketAddress to, int bytes, NtStatus status) {
        Endpoint endpoint = socket.endpoint();
        DatagramPort port = endpoint.datagramPort();
        InetSocketAddress far = to == null ? endpoint.remote() : inTable(endpoint, to);
        if (port == null || far == null || !stack.trace().isListening()) {
            return;
        }
        DatagramFlow flow = port.flowTo(far);
        boolean isUnderWay = flow != null && flow.authorization().now() == NtStatus.STATUS_SUCCESS;
        // Of a flow that is there, whoever transmits has told.
        if (!isUnderWay || status != NtStatus.STATUS_NETWORK_UNREACHABLE) {
            stack.trace()
                    .emit(new TraceEvent.DatagramDropped(
                            endpoint.subject(), endpoint.local(), far, bytes, DropReason.NEVER_LEFT, null));
        }
    }

    /** Tells of a datagram from another machine that did not get in. */
    void tellDropped(@Nullable Endpoint whose, Datagram packet, DropReason reason, @Nullable Layer layer) {
        if (stack.trace().isListening()) {
            stack.trace()
                    .emit(new TraceEvent.DatagramDropped(
                            whose == null ? null : whose.subject(),
                            packet.source(),
                            packet.destination(),
                            packet.payload().remaining(),
                            reason,
                            layer));
        }
    }

    private void tellRedirectedToNobody(DatagramFlow flow, Datagram packet, DropReason reason) {
        if (flow.endpoint().flow() != null && flow.tellsOfNobody()) {
            stack.verifier()
                    .diagnose(
                            flow.endpoint().subject(),
                            Diagnostic.DATAGRAM_REDIRECTED_TO_NOBODY,
                            flow.socket().owner().toString(),
                            "datagrams to " + IpAddress.text(flow.far()) + " are redirected to "
                                    + IpAddress.text(packet.destination()) + ", and lost: " + reason.text());
        }
    }

    /** A packet behind the one that creates its flow. */
    private static final class Follow extends Operation {

        private static final Steps<Follow> STEPS = Steps.of(Follow.class, Follow::transmitOnceAuthorized);

        private final DatagramFlow flow;
        private final ByteBuffer payload;
        private final boolean plain;

        Follow(HostStack stack, DatagramFlow flow, ByteBuffer payload, boolean plain) {
            super(stack, flow.endpoint(), STEPS);
            this.flow = flow;
            this.payload = payload;
            this.plain = plain;
        }

        private NtStatus transmitOnceAuthorized() {
            flow.authorization()
                    .whenKnown(status -> resume(() -> stack().datagrams().transmit(flow, payload, plain, status)));
            return NtStatus.STATUS_PENDING;
        }

        @Override
        NtStatus heard(NtStatus status) {
            return stack().datagrams().heard(flow, payload, status);
        }
    }

    // ---- arriving

    /**
     * Takes a packet to one of the machine's addresses.
     *
     * @param redirect the redirect that the sender's flow went through on this machine, or null
     * @return why no socket takes it; null if one does
     */
    @Nullable
    DropReason arrive(Datagram packet, @Nullable RedirectedFlow redirect) {
        Endpoint socket = stack.table().listenerFor(IpProtocol.IPPROTO_UDP, packet.destination());
        DatagramPort port = socket == null ? null : socket.datagramPort();
        if (socket == null || port == null) {
            return DropReason.NOBODY_RECEIVES;
        }
        DatagramFlow flow = port.flowFrom(packet.source());
        if (flow != null && (isIdle(flow) || isSuperseded(flow, redirect))) {
            retire(flow, port);
            flow = null;
        }
        InetSocketAddress source = flow == null ? packet.source() : flow.far();
        if (socket.state() == ConnectionState.CONNECTED && !source.equals(socket.remote())) {
            return DropReason.OTHER_PEER;
        }
        if (flow == null) {
            admit(socket, port, packet, redirect);
        } else {
            deliver(flow, port, packet, null);
        }
        return null;
    }

    /** Another flow of the same sender was redirected here too: its packet has a record of its own to bring. */
    private static boolean isSuperseded(DatagramFlow flow, @Nullable RedirectedFlow redirect) {
        Endpoint endpoint = flow.endpoint();
        return endpoint.isAcceptor() && redirect != null && redirect.newest() != null && endpoint.flow() != redirect;
    }

    private void admit(Endpoint socket, DatagramPort port, Datagram packet, @Nullable RedirectedFlow redirect) {
        DatagramFlow flow =
                stack.table().makeFlow(socket, packet.source(), stack.clock().nanos());
        Endpoint endpoint = flow.endpoint();
        endpoint.setLocal(packet.destination());
        endpoint.setRemote(packet.source(), packet.source());
        stack.table().accepts(endpoint, redirect);
        DatagramFlow other = add(port, flow);
        if (other != null) {
            deliver(other, port, packet, null);
            return;
        }
        stack.control().tellIfNotTarget(endpoint, redirect);
        port.answersComeTo(flow);
        deliver(flow, port, packet, redirect == null || redirect.newest() == null ? null : redirect);
        new DatagramArrival(stack, flow).launch();
    }

    private void deliver(DatagramFlow flow, DatagramPort port, Datagram packet, @Nullable RedirectedFlow announces) {
        flow.authorization().whenKnown(status -> {
            DatagramQueue.Entry entry = DatagramQueue.Entry.packet(flow.far(), packet.payload(), announces);
            flow.used(stack.clock().nanos());
            if (!status.isSuccess()) {
                boolean blocked = status == NtStatus.STATUS_ACCESS_DENIED
                        && !flow.socket().isClosed();
                tellDropped(
                        flow.endpoint(),
                        packet,
                        blocked ? DropReason.BLOCKED_AT_RECEIVER : DropReason.RECEIVER_CLOSED,
                        null);
            } else if (!port.queue().add(entry)) {
                // Looked at now: the queue may have refused it because it has just been closed.
                boolean closed = flow.socket().isClosed();
                tellDropped(flow.endpoint(), packet, closed ? DropReason.RECEIVER_CLOSED : DropReason.NO_ROOM, null);
            }
        });
    }

    // ---- receiving

    /**
     * Receives the oldest datagram.
     *
     * @param takesControl whether the caller can take control messages; if not, records that come are lost with a
     *     diagnostic, as are those that the socket's owner has not switched on (UDP-03, UDP-07)
     * @param received receives the datagram
     * @return STATUS_SUCCESS; STATUS_NOT_SUPPORTED for sockets of another type; STATUS_INVALID_DEVICE_STATE for a
     *     socket that is not bound; STATUS_PIPE_DISCONNECTED after shutdown; STATUS_PORT_UNREACHABLE if an earlier packet
     *     reached nobody; STATUS_CANCELLED if the socket was closed; STATUS_DEVICE_NOT_READY if the deadline passed
     */
    public NtStatus receive(HostSocket socket, boolean takesControl, Deadline deadline, Out<ReceivedDatagram> received)
            throws InterruptedException {
        DatagramPort port = socket.endpoint().datagramPort();
        NtStatus unfit = unfitToReceive(socket.endpoint(), port);
        return port == null || !unfit.isSuccess()
                ? unfit
                : taken(socket, port.queue().take(deadline), takesControl, received);
    }

    /**
     * Receives the oldest datagram, if there is one.
     *
     * @return as for {@link #receive}
     */
    public NtStatus tryReceive(HostSocket socket, boolean takesControl, Out<ReceivedDatagram> received) {
        DatagramPort port = socket.endpoint().datagramPort();
        NtStatus unfit = unfitToReceive(socket.endpoint(), port);
        return port == null || !unfit.isSuccess()
                ? unfit
                : taken(socket, port.queue().poll(), takesControl, received);
    }

    /** Shows the oldest datagram with its control messages, and leaves it to be received; answers as receive does. */
    public NtStatus peek(HostSocket socket, Deadline deadline, Out<ReceivedDatagram> seen) throws InterruptedException {
        DatagramPort port = socket.endpoint().datagramPort();
        NtStatus unfit = unfitToReceive(socket.endpoint(), port);
        return port == null || !unfit.isSuccess()
                ? unfit
                : handOver(socket, port.queue().peek(deadline), true, seen);
    }

    /** Those who wait for datagrams; null for sockets of another type. */
    public @Nullable Turns receives(HostSocket socket) {
        DatagramPort port = socket.endpoint().datagramPort();
        return port == null ? null : new Turns(port.queue()::whenReady, stack.later());
    }

    private static NtStatus unfitToReceive(Endpoint endpoint, @Nullable DatagramPort port) {
        if (port == null) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (endpoint.state() == ConnectionState.OPEN || endpoint.state() == ConnectionState.BINDING) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        return port.isReceiveEnded() ? NtStatus.STATUS_PIPE_DISCONNECTED : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus taken(
            HostSocket socket,
            DatagramQueue.@Nullable Entry entry,
            boolean takesControl,
            Out<ReceivedDatagram> received) {
        if (entry != null) {
            tellLostRecords(socket, entry, takesControl);
        }
        return handOver(socket, entry, takesControl, received);
    }

    private NtStatus handOver(
            HostSocket socket,
            DatagramQueue.@Nullable Entry entry,
            boolean takesControl,
            Out<ReceivedDatagram> received) {
        if (entry == null) {
            return socket.endpoint().isClosed() ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_DEVICE_NOT_READY;
        }
        if (entry.unreachable()) {
            return NtStatus.STATUS_PORT_UNREACHABLE;
        }
        received.set(received(socket, entry, takesControl));
        return NtStatus.STATUS_SUCCESS;
    }

    private void tellLostRecords(HostSocket socket, DatagramQueue.Entry entry, boolean takesControl) {
        RedirectedFlow announced = entry.announces();
        if (announced == null || announced.newest() == null) {
            return;
        }
        AncillaryType records = AncillaryType.recordsOf(CarriedRecords.familyOf(entry.source()));
        if (takesControl && socket.isAncillaryOn(records)) {
            return;
        }
        stack.verifier()
                .diagnose(
                        socket.endpoint().subject(),
                        Diagnostic.UDP_RECORD_DISCARDED,
                        socket.owner().toString(),
                        "the first datagram from " + IpAddress.text(entry.source())
                                + " brought a redirect record, which "
                                + (takesControl ? "comes only after setsockopt " + records : "only WSARecvMsg takes"));
    }

    private ReceivedDatagram received(HostSocket socket, DatagramQueue.Entry entry, boolean takesControl) {
        InetSocketAddress source = socket.asOwnerSees(entry.source());
        RedirectedFlow announced = entry.announces();
        RedirectRecord newest = announced == null ? null : announced.newest();
        return announced == null || newest == null || !takesControl
                ? new ReceivedDatagram(source, entry.payload(), null, null)
                : stack.control().announce(socket, source, entry.payload(), announced.chain(), newest);
    }

    // ---- peers

    /**
     * Gives a datagram socket its peer; an unspecified address with port 0 takes it away.
     *
     * @return gives STATUS_SUCCESS; STATUS_INVALID_PARAMETER for another address family; STATUS_INVALID_ADDRESS_COMPONENT
     *     for port 0 or an unspecified address; STATUS_ACCESS_DENIED if a filter blocks; STATUS_CONNECTION_REFUSED,
     *     STATUS_CONNECTION_ABORTED as for streams; STATUS_DEVICE_BUSY while another connect of the socket runs;
     *     STATUS_INSUFFICIENT_RESOURCES without a free port; STATUS_CANCELLED
     */
    SocketRequest connect(Endpoint socket, DatagramPort port, InetSocketAddress destination) {
        InetSocketAddress far = inTable(socket, destination);
        if (!Assignment.isOfFamily(socket, far)) {
            return SocketRequest.answered(NtStatus.STATUS_INVALID_PARAMETER);
        }
        if (far.getPort() == 0 && far.getAddress().isAnyLocalAddress()) {
            if (socket.transition(ConnectionState.CONNECTED, ConnectionState.BOUND)) {
                socket.clearRemote();
            }
            return SocketRequest.answered(NtStatus.STATUS_SUCCESS);
        }
        if (isBroadcast(far) && !socket.mayBroadcast()) {
            return SocketRequest.answered(NtStatus.STATUS_ACCESS_DENIED);
        }
        return far.getPort() == 0 || far.getAddress().isAnyLocalAddress()
                ? SocketRequest.answered(NtStatus.STATUS_INVALID_ADDRESS_COMPONENT)
                : new DatagramConnect(stack, socket, port, far);
    }

    // ---- ending

    /** Ends what a socket that is being closed has besides. */
    void close(Endpoint socket, DatagramPort port) {
        for (DatagramQueue.Entry left : port.close()) {
            if (!left.unreachable()) {
                dropped(new HostSocket(socket), left.source(), left.payload().remaining(), DropReason.RECEIVER_CLOSED);
            }
        }
        for (DatagramFlow flow : port.flows()) {
            stack.close(flow.endpoint(), true);
        }
    }

    /** A flow has ended. */
    static void ended(DatagramFlow flow) {
        DatagramPort port = flow.socket().datagramPort();
        if (port != null) {
            port.forget(flow);
        }
        flow.authorization().settle(NtStatus.STATUS_CANCELLED);
    }

    /** A flow whose first packet still waits for an answer is not idle, however long that takes. */
    private boolean isIdle(DatagramFlow flow) {
        return flow.endpoint().isClosed()
                || (flow.authorization().now() != null && stack.clock().nanos() >= idleAt(flow));
    }

    /** When a flow will have been idle for long enough, if no packet uses it. */
    private long idleAt(DatagramFlow flow) {
        Duration timeout = stack.options().udpFlowIdleTimeout();
        long most = Long.MAX_VALUE - flow.lastUse();
        return timeout.compareTo(Duration.ofNanos(most)) > 0 ? Long.MAX_VALUE : flow.lastUse() + timeout.toNanos();
    }

    /** Has all flows looked after at some time, unless that is to be done earlier. */
    private void sweepAt(long due) {
        long before = nextSweep.getAndAccumulate(due, Math::min);
        if (due < before) {
            stack.clock()
                    .schedule(Duration.ofNanos(Math.max(0, due - stack.clock().nanos())), this::sweep);
        }
    }

    private void sweep() {
        // Before the flows are looked at: who adds one that is not seen here sees to a sweep itself.
        nextSweep.set(Long.MAX_VALUE);
        long next = Long.MAX_VALUE;
        for (Endpoint endpoint : stack.table().endpoints()) {
            DatagramFlow flow = endpoint.datagramFlow();
            if (flow != null && isIdle(flow)) {
                stack.close(endpoint, true);
            } else if (flow != null) {
                next = Math.min(next, nextLook(flow));
            }
        }
        sweepAt(next);
    }

    /** When to look at a flow that is not idle; one that waits for an answer is looked at as if it had just been used. */
    private long nextLook(DatagramFlow flow) {
        if (flow.authorization().now() == null) {
            flow.used(stack.clock().nanos());
        }
        return idleAt(flow);
    }
}
