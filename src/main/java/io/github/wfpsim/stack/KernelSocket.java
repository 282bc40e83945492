package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.SimProcess;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.table.Endpoint;
import io.github.wfpsim.table.EndpointState;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket as the doors hold it: an endpoint without its insides. */
public final class KernelSocket {

    private final Endpoint endpoint;

    KernelSocket(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    public long endpointHandle() {
        return endpoint.handle();
    }

    public SimProcess owner() {
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

    public boolean isListening() {
        return endpoint.state() == EndpointState.LISTENING;
    }

    public boolean isConnected() {
        return endpoint.state() == EndpointState.CONNECTED;
    }

    /** Whether its owner closed it, or ended; a connection that the machine cut is still the owner's to close. */
    public boolean isClosed() {
        return endpoint.isClosed() && !endpoint.isCut();
    }

    /** Whether an AF_INET6 socket keeps to IPv6, as it does by default on Windows. */
    public boolean isV6Only() {
        return endpoint.isV6Only();
    }

    /** Sets IPV6_V6ONLY; STATUS_INVALID_DEVICE_STATE once the socket is bound. */
    public NtStatus setV6Only(boolean only) {
        if (endpoint.state() != EndpointState.OPEN) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        endpoint.setV6Only(only);
        return NtStatus.STATUS_SUCCESS;
    }
}
