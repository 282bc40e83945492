package io.github.wfpsim.wskprovider;

import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.wsk.WskBasicSocket;

/** A socket that only controls the transport (WSKS-05). */
final class KernelBasicSocket extends KernelSocket implements WskBasicSocket {

    KernelBasicSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.BASIC, transport);
    }
}
