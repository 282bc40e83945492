package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import io.github.wfpsim.wsk.WskListenSocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket that takes connections. */
final class KernelListenSocket extends KernelSocket implements WskListenSocket {

    KernelListenSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.LISTEN, transport);
    }

    @Override
    public NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        return Listening.bindAndListen(this, localAddress, flags, irp);
    }

    @Override
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

    @Override
    public NtStatus wskInspectComplete(WskInspectId inspectId, WskInspectAction action, @Nullable Irp irp) {
        return Listening.inspectComplete(this, inspectId, action, irp);
    }

    @Override
    public NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }
}
