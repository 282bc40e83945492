package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Orders.small;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A machine closes under overlapped calls: each that said that it is pending completes. */
class OverlappedCloseSchedules {

    private static final InetSocketAddress SERVER = new InetSocketAddress("203.0.113.10", 80);
    private static final int SOCKET_ERROR = -1;
    private static final int WSA_IO_PENDING = 997;

    private interface Call {
        int of(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped);
    }

    private static void closesUnder(SimOptions options, Call call) {
        draw(() -> {
            WfpSim sim = WfpSim.open(options);
            RemoteServer server = sim.network().listen(SERVER);
            Winsock winsock = sim.app("a.exe").winsock();
            SocketHandle socket =
                    winsock.tcpSocket(AddressFamily.AF_INET).connect(SERVER).handle();
            WsaOverlapped overlapped = winsock.overlapped().newOverlapped();
            boolean[] pending = new boolean[1];
            atOnce(
                    () -> {
                        int result = call.of(winsock, socket, overlapped);
                        pending[0] = result == SOCKET_ERROR && winsock.wsaGetLastError() == WSA_IO_PENDING;
                    },
                    sim::close);
            if (pending[0]) {
                assertThat(overlapped.hasOverlappedIoCompleted())
                        .as("what was pending has completed")
                        .isTrue();
            }
            server.close();
        });
    }

    private static int receive(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped) {
        return winsock.overlapped()
                .wsaRecv(socket, List.of(ByteBuffer.allocate(1)), new OutUlong(), 0, overlapped, null);
    }

    private static int query(Winsock winsock, SocketHandle socket, WsaOverlapped overlapped) {
        return winsock.overlapped()
                .wsaIoctl(
                        socket,
                        ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                        null,
                        0,
                        ByteBuffer.allocate(1024),
                        1024,
                        new OutUlong(),
                        overlapped,
                        null);
    }

    @Test
    void receive_completes() {
        closesUnder(small(), OverlappedCloseSchedules::receive);
    }

    @Test
    void query_completes() {
        closesUnder(small(), OverlappedCloseSchedules::query);
    }
}
