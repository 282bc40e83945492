package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** A socket as the doors hold it: an endpoint without its insides. */
public final class HostSocket {

    private static final AtomicIntegerFieldUpdater<HostSocket> ANCILLARY =
            AtomicIntegerFieldUpdater.newUpdater(HostSocket.class, "ancillary");

    private static final AtomicReferenceFieldUpdater<HostSocket, @Nullable ReadinessWatch> WATCH =
            AtomicReferenceFieldUpdater.newUpdater(HostSocket.class, ReadinessWatch.class, "watch");

    private final Endpoint endpoint;
    private volatile @Nullable ReadinessWatch watch;
    private volatile int ancillary;

    HostSocket(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    public long endpointHandle() {
        return endpoint.handle();
    }

    public ProcessEntry owner() {
        return endpoint.owner();
    }

    public AddressFamily family() {
        return endpoint.family();
    }

    public SocketType type() {
        return endpoint.type();
    }

    public IpProtocol protocol() {
        return endpoint.protocol();
    }

    /** The local address; null while the socket is not bound. */
    public @Nullable InetSocketAddress localAddress() {
        InetSocketAddress local = endpoint.local();
        return local.getPort() == 0 ? null : asOwnerSees(local);
    }

    /** The peer as this socket's owner sees it; null while it is not connected. */
    public @Nullable InetSocketAddress remoteAddress() {
        InetSocketAddress remote = endpoint.remote();
        return isConnected() && remote != null ? asOwnerSees(remote) : null;
    }

    /** An AF_INET6 socket shows IPv4 addresses in their v4-mapped form. */
    InetSocketAddress asOwnerSees(InetSocketAddress address) {
        return endpoint.family() == AddressFamily.AF_INET6 ? IpAddress.toV4Mapped(address) : address;
    }

    /** The bytes; null if the socket was never connected. */
    public @Nullable DuplexStream stream() {
        return endpoint.stream();
    }

    public boolean isBound() {
        return localAddress() != null;
    }

    /** Whether the socket has not been used for anything yet. */
    public boolean isFresh() {
        return endpoint.state() == ConnectionState.OPEN;
    }

    public boolean isListening() {
        return endpoint.state() == ConnectionState.LISTENING;
    }

    public boolean isConnected() {
        return endpoint.state() == ConnectionState.CONNECTED;
    }

    /** Whether its owner closed it, or ended; a connection that the machine cut is still the owner's to close. */
    public boolean isClosed() {
        return endpoint.isClosedByOwner();
    }

    /** Takes the error of the last connect, SO_ERROR; null if there is none, or it was taken before. */
    public @Nullable NtStatus takeError() {
        return endpoint.takeSocketError();
    }

    /** The error of the last connect, which stays to be taken; null if there is none, or it was taken. */
    public @Nullable NtStatus error() {
        return endpoint.socketError();
    }

    /** What the socket is ready for now. */
    public Readiness readiness() {
        return Readiness.of(endpoint);
    }

    /** Tells when it becomes ready for more; made when somebody waits. */
    public ReadinessWatch watch() {
        ReadinessWatch made = watch;
        if (made == null) {
            WATCH.compareAndSet(this, null, new ReadinessWatch(endpoint));
            made = Objects.requireNonNull(watch, "once made, it stays");
        }
        return made;
    }

    /** Takes room for a datagram that may have to wait before it goes; false if SO_SNDBUF leaves none, or for others. */
    public boolean reserveToSend(int size, int limit) {
        DatagramPort port = endpoint.datagramPort();
        return port != null && port.reserveToSend(size, limit);
    }

    /** Gives the room back. */
    public void releaseToSend(int size) {
        DatagramPort port = endpoint.datagramPort();
        if (port != null) {
            port.releaseToSend(size);
            endpoint.tellWatchers();
        }
    }

    /** Whether an AF_INET6 socket keeps to IPv6, as it does by default on Windows. */
    public boolean isV6Only() {
        return endpoint.isV6Only();
    }

    /** Sets IPV6_V6ONLY; STATUS_INVALID_DEVICE_STATE once the socket is bound. */
    public NtStatus setV6Only(boolean only) {
        if (endpoint.state() != ConnectionState.OPEN) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        endpoint.setV6Only(only);
        return NtStatus.STATUS_SUCCESS;
    }

    /** SO_REUSEADDR. */
    public boolean reusesAddress() {
        return endpoint.hasAddressMode(AddressUse.Mode.REUSE);
    }

    /** Sets SO_REUSEADDR, which counts at the bind; STATUS_INVALID_DEVICE_STATE while the address is exclusive. */
    public NtStatus setReusesAddress(boolean on) {
        if (on && isAddressExclusive()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        endpoint.setAddressMode(AddressUse.Mode.REUSE, on);
        return NtStatus.STATUS_SUCCESS;
    }

    /** SO_EXCLUSIVEADDRUSE. */
    public boolean isAddressExclusive() {
        return endpoint.hasAddressMode(AddressUse.Mode.EXCLUSIVE);
    }

    /** Sets SO_EXCLUSIVEADDRUSE; STATUS_INVALID_DEVICE_STATE once the socket is bound, and while it reuses addresses. */
    public NtStatus setAddressExclusive(boolean on) {
        if (endpoint.state() != ConnectionState.OPEN || (on && reusesAddress())) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        endpoint.setAddressMode(AddressUse.Mode.EXCLUSIVE, on);
        return NtStatus.STATUS_SUCCESS;
    }

    /** SO_BROADCAST. */
    public boolean mayBroadcast() {
        return endpoint.mayBroadcast();
    }

    public void setMayBroadcast(boolean may) {
        endpoint.setMayBroadcast(may);
    }

    /** Whether such control messages can come: to datagram sockets, an AF_INET6 one of either level (UDP-07, UDP-08). */
    public boolean hasAncillary(AncillaryType type) {
        return type() == SocketType.SOCK_DGRAM && (family() == type.family() || family() == AddressFamily.AF_INET6);
    }

    /** Whether the owner wants such control messages; off at first. */
    public boolean isAncillaryOn(AncillaryType type) {
        return (ancillary & bitOf(type)) != 0;
    }

    public void setAncillary(AncillaryType type, boolean on) {
        ANCILLARY.updateAndGet(this, bits -> on ? bits | bitOf(type) : bits & ~bitOf(type));
    }

    private static int bitOf(AncillaryType type) {
        return switch (type) {
            case IP_WFP_REDIRECT_RECORDS -> 1;
            case IP_WFP_REDIRECT_CONTEXT -> 2;
            case IPV6_WFP_REDIRECT_RECORDS -> 4;
            case IPV6_WFP_REDIRECT_CONTEXT -> 8;
        };
    }

    /** SO_RCVBUF of a datagram socket, in bytes without sign; 0 for others. */
    public int receiveBuffer() {
        DatagramPort port = endpoint.datagramPort();
        return port == null ? 0 : port.queue().limit();
    }

    /** Sets SO_RCVBUF of a datagram socket; does nothing for others. */
    public void setReceiveBuffer(int unsignedBytes) {
        DatagramPort port = endpoint.datagramPort();
        if (port != null) {
            port.queue().setLimit(unsignedBytes);
        }
    }

    /** The bytes that wait to be received, FIONREAD: of a datagram socket all that wait; 0 where none can. */
    public int bytesToRead() {
        DatagramPort port = endpoint.datagramPort();
        DuplexStream stream = endpoint.stream();
        if (port != null) {
            return port.queue().bytes();
        }
        return stream == null || stream.isReset() ? 0 : stream.available();
    }

    /** Sets SIO_UDP_CONNRESET of a datagram socket; false for others. */
    public boolean setTellsUnreachable(boolean tells) {
        DatagramPort port = endpoint.datagramPort();
        if (port != null) {
            port.setTellsUnreachable(tells);
        }
        return port != null;
    }
}
