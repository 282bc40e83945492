package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class HostSocketTest {

    private static final int THREADS = 4;

    private final Endpoint endpoint = new ConnectionTable(new HandleSource(), new Waits())
            .open(
                    new ProcessTable().start("C:\\app.exe", Token.STANDARD_USER, null),
                    new Endpoint.Kind(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP));

    /** Else each wait that gives up would leave a watcher behind. */
    @Test
    void watch_isTheSameForAllWhoWait() throws Exception {
        HostSocket socket = new HostSocket(endpoint);

        assertThat(Race.run(THREADS, socket::watch)).containsOnly(socket.watch());
    }
}
