package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket of datagrams. Source: WSK_PROVIDER_DATAGRAM_DISPATCH (WDK). Requirements: WSKS-29, WSKS-30, UDP-15. */
public interface WskDatagramSocket extends WskSocket {

    /**
     * Gives the socket its local address, WskBind. <b>Simulated.</b>
     *
     * @param localAddress an address of the machine
     * @param flags 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskBind}
     */
    NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp);

    /**
     * Sends a datagram, WskSendTo. <b>Simulated.</b>
     *
     * @param buffer the bytes, in locked memory until the IRP completes
     * @param flags 0
     * @param remoteAddress where to; null for the fixed peer
     * @param controlInfoLength bytes of control data
     * @param controlInfo control messages from its position on: redirect records, see {@link
     *     io.github.wfpsim.cmsg.AncillaryType}; null for none
     * @param irp tells the end; Information is the number of bytes
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_NOT_SUPPORTED for flags;
     *     STATUS_INVALID_DEVICE_STATE if it is not bound; STATUS_INVALID_PARAMETER for memory that is not locked, malformed
     *     control data, an address that is not resolved or of another family, or neither address nor fixed peer; STATUS_INVALID_ADDRESS_COMPONENT;
     *     STATUS_INVALID_BUFFER_SIZE for more bytes than a packet carries; STATUS_ACCESS_DENIED for
     *     records that the socket's owner may not carry on (UDP-15), not if a filter blocks (UDP-61); STATUS_NETWORK_UNREACHABLE;
     *     STATUS_CONNECTION_ABORTED if a redirect loop was ended (WSKS-29, WSKS-30)
     */
    NtStatus wskSendTo(
            WskBuf buffer,
            int flags,
            @Nullable InetSocketAddress remoteAddress,
            int controlInfoLength,
            @Nullable ByteBuffer controlInfo,
            @Nullable Irp irp);

    /**
     * Receives the oldest datagram, WskReceiveFrom. <b>Simulated</b>: a longer one is cut, which the flags tell.
     * Control messages come after their options were switched on, see {@link io.github.wfpsim.cmsg.AncillaryType}
     * (UDP-15).
     *
     * @param buffer receives the bytes, in locked memory until the IRP completes
     * @param flags 0
     * @param remoteAddress receives the sender; null if not wanted
     * @param controlInfoLength holds the size of controlInfo and receives that of the control data; null if not wanted
     * @param controlInfo receives control data from its position on; null if not wanted
     * @param controlFlags receives {@link WskEventFlags#MSG_TRUNC}, {@link WskEventFlags#MSG_CTRUNC}; null if not wanted
     * @param irp tells the end; Information is the number of bytes received
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_NOT_SUPPORTED for flags;
     *     STATUS_INVALID_DEVICE_STATE if it is not bound; STATUS_INVALID_PARAMETER for memory that is not locked or
     *     read-only; STATUS_PORT_UNREACHABLE if a datagram that was sent has reached nobody (WSKS-29)
     */
    NtStatus wskReceiveFrom(
            WskBuf buffer,
            int flags,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable OutUlong controlInfoLength,
            @Nullable ByteBuffer controlInfo,
            @Nullable OutUlong controlFlags,
            @Nullable Irp irp);

    /**
     * Gives indicated datagrams back that WskReceiveFromEvent kept by STATUS_PENDING, WskRelease. <b>Simulated.</b>
     *
     * @param datagramIndication the first one of the list
     * @return as for {@link WskConnectionSocket#wskRelease}
     * @throws IllegalArgumentException as for that
     */
    NtStatus wskRelease(WskDatagramIndication datagramIndication);

    /**
     * Tells the local address, WskGetLocalAddress. <b>Simulated.</b>
     *
     * @param localAddress receives it
     * @param irp tells the end
     * @return as for {@link WskListenSocket#wskGetLocalAddress}
     */
    NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp);
}
