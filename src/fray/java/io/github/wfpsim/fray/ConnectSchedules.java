package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.LOCAL;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What meets a connect at the socket that connects, and at the one that listens. */
class ConnectSchedules {

    @Test
    void close_endsIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, SERVER)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.CONNECT_CLOSED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void close_endsItOnTheOwnMachine() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.listener();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, LOCAL)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                assertThat(answer[0]).isIn("success", "WSAEINTR", "WSAENOTSOCK");
                assertThat(scene.sim.connections()).noneMatch(c -> c.endpoint() == socket.value());
            }
        });
    }

    @Test
    void endOfTheProcess_endsIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.server();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[1];
                atOnce(() -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, SERVER)), scene.app::close);
                Answers.CONNECT_PROCESS_ENDED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void closeOfTheListener_refusesIt() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle listener = scene.listener();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[2];
                atOnce(
                        () -> {
                            answer[0] = scene.answer(() -> scene.winsock.connect(socket, LOCAL));
                            answer[1] = scene.answer(() -> scene.receive(socket, 1));
                        },
                        () -> assertThat(scene.winsock.closesocket(listener)).isZero());
                assertThat(answer[0] + " " + answer[1]).isIn("success WSAECONNRESET", "WSAECONNREFUSED WSAENOTCONN");
            }
        });
    }

    @Test
    void twoOfOneSocket_connectItOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.listener();
                SocketHandle socket = scene.tcp();
                List<String> answers = new ArrayList<>();
                Orders.Deed connect = () -> {
                    String answer = scene.answer(() -> scene.winsock.connect(socket, LOCAL));
                    synchronized (answers) {
                        answers.add(answer);
                    }
                };
                atOnce(connect, connect);
                assertThat(answers).containsOnlyOnce("success");
                assertThat(Set.of("success", "WSAEALREADY", "WSAEISCONN")).containsAll(answers);
                assertThat(scene.sim.connections().stream().filter(c -> c.state() == ConnectionState.CONNECTED))
                        .hasSize(2);
            }
        });
    }

    @Test
    void bind_comesBeforeItOrFails() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.listener();
                SocketHandle socket = scene.tcp();
                String[] answer = new String[2];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, LOCAL)),
                        () -> answer[1] = scene.answer(
                                () -> scene.winsock.bind(socket, new java.net.InetSocketAddress("127.0.0.1", 7))));
                assertThat(answer[0] + " " + answer[1])
                        .isIn("success success", "success WSAEINVAL", "WSAEINVAL success");
                int port = scene.sim.connections().stream()
                        .filter(c -> c.endpoint() == socket.value())
                        .findFirst()
                        .orElseThrow()
                        .local()
                        .getPort();
                assertThat(port == 7).isEqualTo(answer[1].equals("success"));
            }
        });
    }

    @Test
    void cancel_endsConnectEx() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.listener();
                SocketHandle socket = scene.bound(scene.tcp(), 7);
                WsaOverlapped overlapped = scene.overlapped();
                String[] answer = new String[2];
                atOnce(
                        () -> answer[0] =
                                scene.answerOf(() -> scene.winsock.overlapped().connectEx(socket, LOCAL, overlapped)),
                        () -> answer[1] =
                                scene.answerOf(() -> scene.winsock.overlapped().cancelIoEx(socket, overlapped)));
                scene.settle();
                assertThat(answer[0]).isEqualTo("WSA_IO_PENDING");
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                assertThat(overlapped.internal().name() + " " + answer[1])
                        .isIn("NO_ERROR success", "NO_ERROR ERROR_NOT_FOUND", "WSA_OPERATION_ABORTED success");
            }
        });
    }

    @Test
    void close_endsConnectEx() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.listener();
                SocketHandle socket = scene.bound(scene.tcp(), 7);
                WsaOverlapped overlapped = scene.overlapped();
                String[] answer = new String[2];
                atOnce(
                        () -> answer[0] =
                                scene.answerOf(() -> scene.winsock.overlapped().connectEx(socket, LOCAL, overlapped)),
                        () -> answer[1] = scene.answer(() -> scene.winsock.closesocket(socket)));
                scene.settle();
                Answers.CONNECTEX_CLOSED.allow(answer[0]);
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                assertThat(overlapped.internal().name()).isIn("NO_ERROR", "WSA_OPERATION_ABORTED");
            }
        });
    }

    @Test
    void twoBinds_oneHasThePort() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle one = scene.tcp();
                SocketHandle other = scene.tcp();
                String[] answer = new String[2];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.bind(one, LOCAL)),
                        () -> answer[1] = scene.answer(() -> scene.winsock.bind(other, LOCAL)));
                assertThat(answer).containsExactlyInAnyOrder("success", "WSAEADDRINUSE");
            }
        });
    }
}
