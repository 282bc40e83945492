package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import io.github.wfpsim.winsock.WsaOverlapped;
import org.junit.jupiter.api.Test;

/** What meets at a socket that listens. */
class AcceptSchedules {

    @Test
    void close_endsIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerWith(() -> scene.winsock.accept(listener, null)),
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero());
                Answers.ACCEPT_CLOSED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void endOfTheProcess_endsIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerWith(() -> scene.winsock.accept(listener, null)),
                        scene.app::close);
                Answers.ACCEPT_PROCESS_ENDED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void wsaCleanup_endsIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerWith(() -> scene.winsock.accept(listener, null)),
                        scene.winsock::wsaCleanup);
                assertThat(answer[0]).isIn("WSAEINTR", "WSAENOTSOCK", "WSANOTINITIALISED");
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void twoAccepts_takeOneConnectionOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.nonBlocking(scene.listener());
                SocketHandle client = scene.connected(LOCAL);
                String[] answer = new String[2];
                atOnce(
                        () -> answer[0] = scene.answerWith(() -> scene.winsock.accept(listener, null)),
                        () -> answer[1] = scene.answerWith(() -> scene.winsock.accept(listener, null)));
                assertThat(answer).containsExactlyInAnyOrder("success", "WSAEWOULDBLOCK");
                assertThat(scene.winsock.closesocket(client)).isZero();
            }
        });
    }

    @Test
    void connect_wakesIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle[] accepted = new SocketHandle[1];
                atOnce(() -> accepted[0] = scene.winsock.accept(listener, null), () -> {
                    SocketHandle client = scene.connected(LOCAL);
                    assertThat(scene.send(client, 3)).isEqualTo(3);
                });
                assertThat(scene.receive(accepted[0], 9)).isEqualTo(3);
            }
        });
    }

    @Test
    void connectThatNobodyAccepts_isResetByTheClose() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle client = scene.connected(LOCAL);
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.receive(client, 1)),
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero());
                assertThat(answer[0]).isEqualTo("WSAECONNRESET");
            }
        });
    }

    @Test
    void listenThatSucceeded_hasAListener() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle socket = scene.bound(scene.tcp(), LOCAL.getPort());
                Orders.Deed listen = () -> {
                    assertThat(scene.winsock.listen(socket, 5)).isZero();
                    assertThat(scene.winsock.closesocket(scene.connected(LOCAL)))
                            .isZero();
                };
                atOnce(listen, listen);
            }
        });
    }

    @Test
    void close_endsListen() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle socket = scene.bound(scene.tcp(), LOCAL.getPort());
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.listen(socket, 5)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.LISTEN_CLOSED.allow(answer[0]);
                assertThat(scene.answer(() -> scene.winsock.connect(scene.tcp(), LOCAL)))
                        .isEqualTo("WSAECONNREFUSED");
            }
        });
    }

    @Test
    void closeOfTheListener_endsAcceptEx() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle fresh = scene.tcp();
                WsaOverlapped overlapped = scene.overlapped();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerOf(
                                () -> scene.winsock.overlapped().acceptEx(listener, fresh, null, null, overlapped)),
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero());
                scene.settle();
                Answers.ACCEPTEX_CLOSED.allow(answer[0]);
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                assertThat(overlapped.internal().name()).isIn("WSA_OPERATION_ABORTED", "NO_ERROR");
            }
        });
    }

    @Test
    void cancel_endsAcceptEx_orItHasTheConnection() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle fresh = scene.tcp();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(scene.answerOf(
                                () -> scene.winsock.overlapped().acceptEx(listener, fresh, null, null, overlapped)))
                        .isEqualTo("WSA_IO_PENDING");
                boolean[] asked = new boolean[1];
                SocketHandle client = scene.tcp();
                atOnce(
                        () -> assertThat(scene.answer(() -> scene.winsock.connect(client, LOCAL)))
                                .isEqualTo("success"),
                        () -> asked[0] = scene.winsock.overlapped().cancelIoEx(listener, overlapped));
                scene.settle();
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                boolean came = overlapped.internal().name().equals("NO_ERROR");
                assertThat(came || (asked[0] && overlapped.internal().name().equals("WSA_OPERATION_ABORTED")))
                        .isTrue();
                // Whoever has the connection, nobody has it twice, and it is not lost.
                assertThat(scene.send(client, 2)).isEqualTo(2);
                SocketHandle holder = came ? fresh : scene.winsock.accept(listener, null);
                assertThat(scene.receive(holder, 9)).isEqualTo(2);
            }
        });
    }

    @Test
    void closeOfTheFreshSocket_endsAcceptEx_andLosesNoConnection() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle fresh = scene.tcp();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(scene.answerOf(
                                () -> scene.winsock.overlapped().acceptEx(listener, fresh, null, null, overlapped)))
                        .isEqualTo("WSA_IO_PENDING");
                SocketHandle client = scene.tcp();
                atOnce(
                        () -> assertThat(scene.answer(() -> scene.winsock.connect(client, LOCAL)))
                                .isEqualTo("success"),
                        () -> assertThat(scene.winsock.closesocket(fresh)).isZero());
                scene.settle();
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                assertThat(overlapped.internal().name()).isIn("WSA_OPERATION_ABORTED", "NO_ERROR");
                // It waits in the queue, or was closed with the socket that had taken it.
                SocketHandle next = scene.winsock.accept(scene.nonBlocking(listener), null);
                if (next.equals(SocketHandle.INVALID_SOCKET)) {
                    assertThat(scene.answer(() -> scene.receive(client, 1))).isIn("success", "WSAECONNRESET");
                } else {
                    assertThat(scene.send(client, 2)).isEqualTo(2);
                    assertThat(scene.receive(next, 9)).isEqualTo(2);
                }
            }
        });
    }

    @Test
    void close_endsSelect() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(
                                () -> scene.winsock.select(0, new FdSet().fdSet(listener), null, null, null)),
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero());
                Answers.SELECT_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void connect_wakesSelect() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                int[] ready = new int[1];
                atOnce(
                        () -> ready[0] = scene.winsock.select(0, new FdSet().fdSet(listener), null, null, null),
                        () -> scene.connected(LOCAL));
                assertThat(ready[0]).isEqualTo(1);
            }
        });
    }

    @Test
    void connect_isRecordedForWsaEventSelectOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                WsaEvent event = scene.winsock.kernel32().wsaCreateEvent();
                atOnce(
                        () -> assertThat(scene.winsock.wsaEventSelect(listener, event, WsaNetworkEvents.FD_ACCEPT))
                                .isZero(),
                        () -> scene.connected(LOCAL));
                WsaNetworkEvents first = new WsaNetworkEvents();
                WsaNetworkEvents second = new WsaNetworkEvents();
                assertThat(event.isSignalled()).isTrue();
                assertThat(scene.winsock.wsaEnumNetworkEvents(listener, event, first))
                        .isZero();
                assertThat(scene.winsock.wsaEnumNetworkEvents(listener, event, second))
                        .isZero();
                assertThat(first.networkEvents()).isEqualTo(WsaNetworkEvents.FD_ACCEPT);
                assertThat(second.networkEvents()).isZero();
            }
        });
    }

    @Test
    void closeByTwoProcesses_closesASharedListenerOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                io.github.wfpsim.SimProcess other = scene.sim.app("b.exe");
                io.github.wfpsim.abi.Out<io.github.wfpsim.winsock.WsaProtocolInfo> info =
                        io.github.wfpsim.abi.Out.empty();
                assertThat(scene.winsock.wsaDuplicateSocket(listener, other.id(), info))
                        .isZero();
                SocketHandle second = other.winsock()
                        .wsaSocket(
                                Winsock.FROM_PROTOCOL_INFO,
                                Winsock.FROM_PROTOCOL_INFO,
                                Winsock.FROM_PROTOCOL_INFO,
                                info.get(),
                                0);
                String[] answer = new String[1];
                atOnce(
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero(),
                        () -> assertThat(other.winsock().closesocket(second)).isZero());
                assertThat(scene.sim.connections()).isEmpty();
                assertThat(scene.winsock.listen(scene.bound(scene.tcp(), LOCAL.getPort()), 1))
                        .isZero();
            }
        });
    }
}
