package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.wsk.WskStreamSocket;
import org.jspecify.annotations.Nullable;

/** A socket that listens or connects, as its first call says (WSKS-12). */
final class KernelStreamSocket extends KernelConnectionSocket implements AcceptingSocket, WskStreamSocket {

    KernelStreamSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.STREAM, transport);
    }

    @Override
    public KernelSocket socket() {
        return this;
    }

    @Override
    public NtStatus wskListen(@Nullable Irp irp) {
        return Listening.listen(this, irp);
    }
}
