package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What meets at the bytes of a connection. */
class StreamSchedules {

    @Test
    void close_endsReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.receive(socket, 1)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.RECEIVE_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void close_endsSendThatWaitsForRoom() {
        draw(() -> {
            try (Scene scene = new Scene(Orders.small().streamBufferSize(2))) {
                SocketHandle socket = scene.pair()[0];
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.send(socket, 3)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.SEND_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void endOfTheProcess_endsReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                String[] answer = new String[1];
                atOnce(() -> answer[0] = scene.answer(() -> scene.receive(socket, 1)), scene.app::close);
                Answers.RECEIVE_PROCESS_ENDED.allow(answer[0]);
            }
        });
    }

    @Test
    void resetByThePeer_endsReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                RemoteServer server = scene.server();
                SocketHandle socket = scene.connected(SERVER);
                DuplexStream far = server.accept(Deadline.NEVER);
                String[] answer = new String[1];
                atOnce(() -> answer[0] = scene.answer(() -> scene.receive(socket, 1)), far::reset);
                Answers.RECEIVE_RESET.allow(answer[0]);
            }
        });
    }

    @Test
    void closeByThePeer_endsReceiveBehindTheBytes() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                int[] count = new int[2];
                atOnce(
                        () -> {
                            count[0] = scene.receive(pair[0], 9);
                            count[1] = scene.receive(pair[0], 9);
                        },
                        () -> {
                            assertThat(scene.send(pair[1], 4)).isEqualTo(4);
                            assertThat(scene.winsock.closesocket(pair[1])).isZero();
                        });
                assertThat(count).containsExactly(4, 0);
            }
        });
    }

    @Test
    void twoReceives_shareTheBytes() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                assertThat(scene.send(pair[1], 5)).isEqualTo(5);
                assertThat(scene.winsock.closesocket(pair[1])).isZero();
                int[] count = new int[2];
                atOnce(() -> count[0] = scene.receive(pair[0], 3), () -> count[1] = scene.receive(pair[0], 3));
                int rest = scene.receive(pair[0], 9);
                assertThat(count[0] + count[1] + rest).isEqualTo(5);
            }
        });
    }

    @Test
    void twoSends_loseNothing() {
        draw(() -> {
            try (Scene scene = new Scene(Orders.small().streamBufferSize(3))) {
                SocketHandle[] pair = scene.pair();
                int[] received = new int[1];
                atOnce(
                        () -> {
                            while (received[0] < 8) {
                                received[0] += scene.receive(pair[1], 9);
                            }
                        },
                        () -> assertThat(scene.send(pair[0], 4)).isEqualTo(4),
                        () -> assertThat(scene.send(pair[0], 4)).isEqualTo(4));
                assertThat(received[0]).isEqualTo(8);
                assertThat(scene.winsock.shutdown(pair[0], ShutdownHow.SD_SEND.code()))
                        .isZero();
                assertThat(scene.receive(pair[1], 9)).isZero();
            }
        });
    }

    @Test
    void shutdown_meetsSend() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.send(pair[0], 4)),
                        () -> assertThat(scene.winsock.shutdown(pair[0], ShutdownHow.SD_SEND.code()))
                                .isZero());
                Answers.SEND_SHUT_DOWN.allow(answer[0]);
                assertThat(scene.receive(pair[1], 9)).isEqualTo(answer[0].equals("success") ? 4 : 0);
            }
        });
    }

    @Test
    void close_endsShutdownAndTheNames() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                String[] answer = new String[3];
                atOnce(
                        () -> {
                            answer[0] = scene.answer(
                                    () -> scene.winsock.getpeername(socket, io.github.wfpsim.abi.Out.empty()));
                            answer[1] = scene.answer(
                                    () -> scene.winsock.getsockname(socket, io.github.wfpsim.abi.Out.empty()));
                            answer[2] = scene.answer(() -> scene.winsock.shutdown(socket, ShutdownHow.SD_SEND.code()));
                        },
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                for (String each : answer) {
                    Answers.SHUTDOWN_CLOSED.allow(each);
                }
            }
        });
    }

    @Test
    void data_wakesSelect() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                int[] ready = new int[1];
                atOnce(
                        () -> ready[0] = scene.winsock.select(0, new FdSet().fdSet(pair[0]), null, null, null),
                        () -> assertThat(scene.send(pair[1], 1)).isEqualTo(1));
                assertThat(ready[0]).isEqualTo(1);
            }
        });
    }

    @Test
    void data_isRecordedForWsaEventSelectOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaEvent event = scene.winsock.kernel32().wsaCreateEvent();
                atOnce(
                        () -> assertThat(scene.winsock.wsaEventSelect(pair[0], event, WsaNetworkEvents.FD_READ))
                                .isZero(),
                        () -> assertThat(scene.send(pair[1], 1)).isEqualTo(1));
                WsaNetworkEvents told = new WsaNetworkEvents();
                assertThat(event.isSignalled()).isTrue();
                assertThat(scene.winsock.wsaEnumNetworkEvents(pair[0], event, told))
                        .isZero();
                assertThat(told.networkEvents()).isEqualTo(WsaNetworkEvents.FD_READ);
                assertThat(scene.winsock.wsaEnumNetworkEvents(pair[0], event, told))
                        .isZero();
                assertThat(told.networkEvents()).isZero();
            }
        });
    }

    @Test
    void closeByTheNetwork_endsReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.connected(SERVER);
                String[] answer = new String[1];
                atOnce(() -> answer[0] = scene.answer(() -> scene.receive(socket, 1)), scene.sim.network()::close);
                Answers.RECEIVE_NETWORK_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void bytesOfTheRemoteServer_arriveWhole() {
        draw(() -> {
            try (Scene scene = new Scene(Orders.small().streamBufferSize(2))) {
                RemoteServer server = scene.server();
                SocketHandle socket = scene.connected(SERVER);
                DuplexStream far = server.accept(Deadline.NEVER);
                int[] received = new int[1];
                atOnce(
                        () -> {
                            for (int count = scene.receive(socket, 9); count > 0; count = scene.receive(socket, 9)) {
                                received[0] += count;
                            }
                        },
                        () -> {
                            far.write(ByteBuffer.allocate(5), Deadline.NEVER);
                            far.shutdownOutput();
                        });
                assertThat(received[0]).isEqualTo(5);
            }
        });
    }
}
