package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens or connects, as its first call says: it has the operations of both, and WskListen. Source:
 * WSK_PROVIDER_STREAM_DISPATCH (WDK). Requirement: WSKS-12.
 */
public interface WskStreamSocket extends WskListenSocket, WskConnectionSocket {

    /**
     * Gives the socket its local address, WskBind, as {@link WskConnectionSocket#wskBind} does: unlike that of a listening
     * socket, it does not listen yet. <b>Simulated.</b>
     *
     * @param localAddress an address of the machine
     * @param flags 0
     * @param irp tells the end
     * @return as for {@link WskConnectionSocket#wskBind}
     */
    @Override
    NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp);

    /**
     * Commits the bound socket to taking connections, WskListen. <b>Simulated</b>: runs the listen layer.
     *
     * @param irp tells the end
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if it is
     *     not bound; STATUS_CONNECTION_ACTIVE if it is connected; STATUS_ACCESS_DENIED if a filter blocks
     */
    NtStatus wskListen(@Nullable Irp irp);

    @Override
    NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp);
}
