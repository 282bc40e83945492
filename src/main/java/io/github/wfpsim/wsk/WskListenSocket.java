package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket that takes connections. Source: WSK_PROVIDER_LISTEN_DISPATCH (WDK). Requirements: WSKS-07 to WSKS-18.
 */
public interface WskListenSocket extends WskSocket {

    /**
     * Gives the socket its address and lets it take connections, WskBind. <b>Simulated</b>: runs the bind redirect,
     * resource assignment and listen layers.
     *
     * @param localAddress an address of the machine; port 0 lets it choose
     * @param flags 0
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for flags or
     *     another address family; STATUS_INVALID_ADDRESS_COMPONENT; STATUS_ADDRESS_ALREADY_EXISTS;
     *     STATUS_INVALID_DEVICE_STATE if it is bound; STATUS_ACCESS_DENIED if a filter blocks
     */
    NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp);

    /**
     * Takes the oldest waiting connection, or waits for one, WskAccept. <b>Simulated.</b> Waiting calls are served in
     * their order.
     *
     * @param flags 0
     * @param acceptSocketContext what the new socket's event callbacks get; may be null
     * @param acceptSocketDispatch the new socket's event callbacks; null for none
     * @param localAddress receives the local address; null if not wanted
     * @param remoteAddress receives the peer; for a redirected connection the client that made it; null if not wanted
     * @param irp tells the end; Information points to the new {@link WskConnectionSocket}, a {@link WskStreamSocket} from
     *     one that listens, see {@link io.github.wfpsim.irp.Io#sendFor}
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for flags;
     *     STATUS_INVALID_DEVICE_STATE if it is not bound
     */
    NtStatus wskAccept(
            int flags,
            @Nullable Object acceptSocketContext,
            @Nullable WskClientConnectionDispatch acceptSocketDispatch,
            @Nullable Out<InetSocketAddress> localAddress,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable Irp irp);

    /**
     * Ends the inspection of a connection that WskInspectEvent has pended, WskInspectComplete. <b>Simulated.</b>
     *
     * @param inspectId what WskInspectEvent got
     * @param action WskInspectAccept or WskInspectReject
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for
     *     WskInspectPend; STATUS_NOT_FOUND if nothing of that name is being inspected, as after WskAbortEvent (WSKS-17)
     */
    NtStatus wskInspectComplete(WskInspectId inspectId, WskInspectAction action, @Nullable Irp irp);

    /**
     * Tells the local address, WskGetLocalAddress. <b>Simulated.</b>
     *
     * @param localAddress receives it
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if the
     *     socket is not bound
     */
    NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp);
}
