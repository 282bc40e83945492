package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket of one connection: made to connect, or accepted. Source: WSK_PROVIDER_CONNECTION_DISPATCH (WDK). Requirements:
 * WSKS-07 to WSKS-28.
 */
public interface WskConnectionSocket extends WskSocket {

    /**
     * Gives the socket its local address, WskBind. <b>Simulated</b>: runs the bind redirect and resource assignment
     * layers.
     *
     * @param localAddress an address of the machine; unspecified with port 0 for any
     * @param flags 0
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for flags or
     *     another address family; STATUS_INVALID_ADDRESS_COMPONENT; STATUS_ADDRESS_ALREADY_EXISTS;
     *     STATUS_INVALID_DEVICE_STATE if it is bound; STATUS_ACCESS_DENIED if a filter blocks
     */
    NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp);

    /**
     * Connects the bound socket, WskConnect. <b>Simulated</b>: runs the connect redirect and authorization layers.
     *
     * @param remoteAddress where to
     * @param flags 0
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if it is
     *     not bound; STATUS_INVALID_PARAMETER for flags or another address family; STATUS_INVALID_ADDRESS_COMPONENT;
     *     STATUS_CONNECTION_ACTIVE; STATUS_CONNECTION_REFUSED; STATUS_ACCESS_DENIED; STATUS_NETWORK_UNREACHABLE;
     *     STATUS_CONNECTION_ABORTED if a redirect loop was ended; STATUS_CONNECTION_RESET (WSKS-20)
     */
    NtStatus wskConnect(InetSocketAddress remoteAddress, int flags, @Nullable Irp irp);

    /**
     * Sends data, WskSend. <b>Simulated.</b>
     *
     * @param buffer the bytes, in locked memory until the IRP completes
     * @param flags {@link WskFlags#WSK_FLAG_NODELAY} or 0
     * @param irp tells the end, when the transport has taken all; Information is the number of bytes
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_NOT_SUPPORTED for flags;
     *     STATUS_INVALID_PARAMETER for memory that is not locked; STATUS_INVALID_DEVICE_STATE if it is not connected or
     *     has disconnected; STATUS_CONNECTION_RESET
     */
    NtStatus wskSend(WskBuf buffer, int flags, @Nullable Irp irp);

    /**
     * Receives data, WskReceive. <b>Simulated.</b>
     *
     * @param buffer receives the bytes, in locked memory until the IRP completes; empty with WSK_FLAG_DRAIN
     * @param flags {@link WskFlags#WSK_FLAG_WAITALL}, {@link WskFlags#WSK_FLAG_DRAIN} or 0
     * @param irp tells the end; Information is the number of bytes, 0 once the peer has disconnected
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_NOT_SUPPORTED for unknown flags;
     *     STATUS_INVALID_PARAMETER for both flags, WSK_FLAG_DRAIN with a buffer, or memory that is not locked or
     *     read-only; STATUS_INVALID_DEVICE_STATE if it is not connected; STATUS_CONNECTION_RESET
     */
    NtStatus wskReceive(WskBuf buffer, int flags, @Nullable Irp irp);

    /**
     * Ends this side of the connection, or resets it, WskDisconnect. <b>Simulated.</b>
     *
     * @param buffer last data, which a graceful end may have; null for none
     * @param flags {@link WskFlags#WSK_FLAG_ABORTIVE} or 0
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_NOT_SUPPORTED for unknown flags;
     *     STATUS_INVALID_PARAMETER for data with an abortive end; STATUS_INVALID_DEVICE_STATE if it is not connected or
     *     has disconnected; STATUS_CONNECTION_RESET
     */
    NtStatus wskDisconnect(@Nullable WskBuf buffer, int flags, @Nullable Irp irp);

    /**
     * Gives indicated data back that WskReceiveEvent kept by STATUS_PENDING, WskRelease. <b>Simulated.</b>
     *
     * @param dataIndication the first piece of the list
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER, or STATUS_INVALID_DEVICE_STATE if the socket is closed, after a
     *     fault that was not thrown
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} if WSK has it already, {@code
     *     SOCKET_USED_AFTER_CLOSE}
     * @throws IllegalArgumentException for an indication that WSK did not make
     */
    NtStatus wskRelease(WskDataIndication dataIndication);

    /**
     * Tells the local address, WskGetLocalAddress. <b>Simulated.</b>
     *
     * @param localAddress receives it
     * @param irp tells the end
     * @return as for {@link WskListenSocket#wskGetLocalAddress}
     */
    NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp);

    /**
     * Tells the peer's address, WskGetRemoteAddress; for a redirected client the one that it asked for. <b>Simulated.</b>
     *
     * @param remoteAddress receives it
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if the
     *     socket is not connected
     */
    NtStatus wskGetRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp);
}
