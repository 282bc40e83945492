package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import io.github.wfpsim.wsk.WskStreamSocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket that listens or connects, as its first call says (WSKS-12). */
final class KernelStreamSocket extends KernelConnectionSocket implements WskStreamSocket {

    KernelStreamSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.STREAM, transport);
    }

    @Override
    public NtStatus wskListen(@Nullable Irp irp) {
        return Listening.listen(this, irp);
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
}
