package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.stack.HostSocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket that takes connections. */
final class KernelListenSocket extends KernelSocket implements AcceptingSocket {

    KernelListenSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.LISTEN, transport);
    }

    @Override
    public KernelSocket socket() {
        return this;
    }

    @Override
    public NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        return Listening.bindAndListen(this, localAddress, flags, irp);
    }

    @Override
    public NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }
}
