package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;

/** A connection table with the sockets of one process, all at one address. */
class OneTable {

    static final InetSocketAddress LOCAL = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 4000);
    static final InetSocketAddress PEER = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 80);

    private static final ProcessEntry PROCESS = new ProcessTable().start("C:\\app.exe", Token.STANDARD_USER, null);
    private static final Endpoint.Kind TCP =
            new Endpoint.Kind(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);

    final ConnectionTable table = new ConnectionTable(new HandleSource(), new Waits());

    Endpoint open() {
        return table.open(PROCESS, TCP);
    }

    void close(Endpoint endpoint) {
        endpoint.close();
        table.remove(endpoint);
    }
}
