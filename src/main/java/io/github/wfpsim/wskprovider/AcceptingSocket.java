package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import io.github.wfpsim.wsk.WskListenSocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** How sockets of either category that can take connections do it. */
interface AcceptingSocket extends WskListenSocket {

    /** {@return the socket that this is a side of} */
    KernelSocket socket();

    @Override
    default NtStatus wskAccept(
            int flags,
            @Nullable Object acceptSocketContext,
            @Nullable WskClientConnectionDispatch acceptSocketDispatch,
            @Nullable Out<InetSocketAddress> localAddress,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable Irp irp) {
        return Listening.accept(
                socket(), flags, acceptSocketContext, acceptSocketDispatch, localAddress, remoteAddress, irp);
    }

    @Override
    default NtStatus wskInspectComplete(WskInspectId inspectId, WskInspectAction action, @Nullable Irp irp) {
        return Listening.inspectComplete(socket(), inspectId, action, irp);
    }
}
