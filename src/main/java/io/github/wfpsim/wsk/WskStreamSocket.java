package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptSocket;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens or connects, as its first call says. Source: WSK_PROVIDER_STREAM_DISPATCH (WDK). Requirement:
 * WSKS-12.
 */
public final class WskStreamSocket extends WskSocket implements WskAcceptSocket {

    WskStreamSocket(SocketCore core) {
        super(core);
    }

    /**
     * Gives the socket its local address, WskBind. <b>Simulated.</b>
     *
     * @param localAddress an address of the machine
     * @param flags 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskBind}
     */
    public NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        return bind(localAddress, flags, irp);
    }

    /**
     * Commits the bound socket to taking connections, WskListen. <b>Simulated</b>: runs the listen layer.
     *
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if it is
     *     not bound; STATUS_CONNECTION_ACTIVE if it is connected; STATUS_ACCESS_DENIED if a filter blocks
     */
    public NtStatus wskListen(@Nullable Irp irp) {
        return Listening.listen(this, irp);
    }

    /**
     * Takes a connection, WskAccept. <b>Simulated.</b>
     *
     * @param flags 0
     * @param acceptSocketContext what the new socket's event callbacks get; may be null
     * @param acceptSocketDispatch the new socket's event callbacks; null for none
     * @param localAddress receives the local address; null if not wanted
     * @param remoteAddress receives the peer; null if not wanted
     * @param irp tells the end; Information points to the new {@link WskStreamSocket}
     * @return as for {@link WskListenSocket#wskAccept}
     */
    public NtStatus wskAccept(
            int flags,
            @Nullable Object acceptSocketContext,
            @Nullable WskClientConnectionDispatch acceptSocketDispatch,
            @Nullable Out<InetSocketAddress> localAddress,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable Irp irp) {
        return Listening.accept(
                this, flags, acceptSocketContext, acceptSocketDispatch, localAddress, remoteAddress, irp);
    }

    /**
     * Commits the bound socket to a connection, WskConnect. <b>Simulated.</b>
     *
     * @param remoteAddress where to
     * @param flags 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskConnect}
     */
    public NtStatus wskConnect(InetSocketAddress remoteAddress, int flags, @Nullable Irp irp) {
        return Connecting.connect(this, remoteAddress, flags, irp);
    }

    /**
     * Sends data, WskSend. <b>Simulated.</b>
     *
     * @param buffer the bytes
     * @param flags {@link WskFlags#WSK_FLAG_NODELAY} or 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskSend}
     */
    public NtStatus wskSend(WskBuf buffer, int flags, @Nullable Irp irp) {
        return Connecting.send(this, buffer, flags, irp);
    }

    /**
     * Receives data, WskReceive. <b>Simulated.</b>
     *
     * @param buffer receives the bytes
     * @param flags {@link WskFlags#WSK_FLAG_WAITALL}, {@link WskFlags#WSK_FLAG_DRAIN} or 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskReceive}
     */
    public NtStatus wskReceive(WskBuf buffer, int flags, @Nullable Irp irp) {
        return Connecting.receive(this, buffer, flags, irp);
    }

    /**
     * Ends this side of the connection, WskDisconnect. <b>Simulated.</b>
     *
     * @param buffer last data; null for none
     * @param flags {@link WskFlags#WSK_FLAG_ABORTIVE} or 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskDisconnect}
     */
    public NtStatus wskDisconnect(@Nullable WskBuf buffer, int flags, @Nullable Irp irp) {
        return Connecting.disconnect(this, buffer, flags, irp);
    }

    /**
     * Ends the inspection of a connection that WskInspectEvent has pended, WskInspectComplete. <b>Simulated.</b>
     *
     * @param inspectId what WskInspectEvent got
     * @param action WskInspectAccept or WskInspectReject
     * @param irp tells the end
     * @return as for {@link WskListenSocket#wskInspectComplete}
     */
    public NtStatus wskInspectComplete(WskInspectId inspectId, WskInspectAction action, @Nullable Irp irp) {
        return Listening.inspectComplete(this, inspectId, action, irp);
    }

    /**
     * Gives indicated data back that WskReceiveEvent kept by STATUS_PENDING, WskRelease. <b>Simulated.</b>
     *
     * @param dataIndication the first piece of the list
     * @return as for {@link WskConnectionSocket#wskRelease}
     * @throws io.github.wfpsim.verifier.FaultException as for that
     */
    public NtStatus wskRelease(WskDataIndication dataIndication) {
        return Connecting.release(this, dataIndication);
    }

    /**
     * Tells the local address, WskGetLocalAddress. <b>Simulated.</b>
     *
     * @param localAddress receives it
     * @param irp tells the end
     * @return as for {@link WskListenSocket#wskGetLocalAddress}
     */
    public NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }

    /**
     * Tells the peer's address, WskGetRemoteAddress. <b>Simulated.</b>
     *
     * @param remoteAddress receives it
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskGetRemoteAddress}
     */
    public NtStatus wskGetRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp) {
        return getRemoteAddress(remoteAddress, irp);
    }
}
