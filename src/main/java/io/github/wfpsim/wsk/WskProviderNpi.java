package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.Irp;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The captured provider, WSK_PROVIDER_NPI with its WSK_PROVIDER_DISPATCH: makes sockets. Safe for use by many threads, up
 * to DISPATCH_LEVEL.
 *
 * <p>Source: WSK_PROVIDER_DISPATCH; PFN_WSK_SOCKET; PFN_WSK_SOCKET_CONNECT (WDK). Requirements: WSKS-05, WSKS-06, WSKS-21.
 */
public interface WskProviderNpi {

    /**
     * Controls the client, WskControlClient. <b>Simulated</b> for {@link WskFlags#WSK_SET_STATIC_EVENT_CALLBACKS}: events
     * that every socket made from now on has as soon as it can, and that cannot be switched off. Other codes are
     * <b>rejected</b>.
     *
     * @param controlCode {@link WskFlags#WSK_SET_STATIC_EVENT_CALLBACKS}
     * @param inputBuffer which events
     * @param irp null: this operation takes none
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER with an IRP, which is completed, without events, for
     *     WSK_EVENT_DISABLE, for another NPI, and after a fault that was not thrown; STATUS_INVALID_DEVICE_STATE if the
     *     client has made a socket; STATUS_NOT_SUPPORTED for other codes
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WSK_CALL_IN_COMPLETION_ROUTINE}; with
     *     an IRP those of a bad one
     */
    NtStatus wskControlClient(int controlCode, WskEventCallbackControl inputBuffer, @Nullable Irp irp);

    /**
     * Creates a socket, WskSocket. <b>Simulated</b>; the security descriptor is <b>rejected</b> by having no parameter.
     *
     * @param addressFamily AF_INET or AF_INET6
     * @param socketType {@link io.github.wfpsim.abi.SocketType#code()}
     * @param protocol {@link IpProtocol#code()}
     * @param flags the category: one WSK_FLAG_*_SOCKET, see {@link WskFlags}
     * @param socketContext what the socket's event callbacks get; may be null
     * @param dispatch the socket's event callbacks, of the type that goes with the category; null for none
     * @param owningProcess id of the process that the socket acts for (REC-36); 0 for the current one, System, where C has
     *     a null pointer
     * @param irp tells the end; Information points to the {@link WskSocket}, see {@link Irp#informationPointer()} and
     *     {@link io.github.wfpsim.irp.Io#sendFor}
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for arguments
     *     that do not fit together or an owning process that does not live (WSKS-06), or without IRP, or after a fault that
     *     was not thrown; STATUS_NOT_SUPPORTED
     *     for a stream socket before Windows 10 version 1703; STATUS_DEVICE_NOT_READY while the network is down
     * @throws io.github.wfpsim.verifier.FaultException those of a bad IRP (IRP-03, IRP-04, IRP-16), {@code IRQL_TOO_HIGH}
     */
    NtStatus wskSocket(
            int addressFamily,
            int socketType,
            int protocol,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientDispatch dispatch,
            int owningProcess,
            @Nullable Irp irp);

    /**
     * Creates, binds and connects a socket in one step, WskSocketConnect. <b>Simulated.</b> On failure nothing stays.
     *
     * @param socketType SOCK_STREAM
     * @param protocol IPPROTO_TCP
     * @param localAddress its own address, whose family the socket gets; unspecified with port 0 for any
     * @param remoteAddress where to
     * @param flags 0
     * @param socketContext what the socket's event callbacks get; may be null
     * @param dispatch the socket's event callbacks; null for none
     * @param owningProcess id of the process that the socket acts for; 0 for System
     * @param irp tells the end; Information points to the {@link WskConnectionSocket}
     * @return as for {@link #wskSocket} and for {@link WskConnectionSocket#wskBind} and {@link
     *     WskConnectionSocket#wskConnect}; STATUS_INVALID_PARAMETER for addresses that are not resolved
     * @throws io.github.wfpsim.verifier.FaultException as for {@link #wskSocket}
     */
    NtStatus wskSocketConnect(
            int socketType,
            int protocol,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientConnectionDispatch dispatch,
            int owningProcess,
            @Nullable Irp irp);
}
