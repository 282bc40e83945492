package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket of datagrams. Source: WSK_PROVIDER_DATAGRAM_DISPATCH (WDK). Requirements: WSKS-29, WSKS-30, UDP-15. */
public final class WskDatagramSocket extends WskSocket {

    WskDatagramSocket(SocketCore core) {
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
     * Tells the local address, WskGetLocalAddress. <b>Simulated.</b>
     *
     * @param localAddress receives it
     * @param irp tells the end
     * @return as for {@link WskListenSocket#wskGetLocalAddress}
     */
    public NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }
}
