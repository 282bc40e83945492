package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskEventCallbackControl;
import io.github.wfpsim.wsk.WskEventFlags;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What meets at the event callbacks of a kernel socket: none runs after its close, and each byte goes one way. */
class WskEventSchedules {

    private static void switchOn(io.github.wfpsim.wsk.WskSocket socket, int events) {
        assertThat(socket.wskControlSocket(
                        WskControlRequestType.WskSetOption,
                        WskFlags.SO_WSK_EVENT_CALLBACK,
                        WskFlags.SOL_SOCKET,
                        WskEventCallbackControl.enable(events),
                        null))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
    }

    /** A connection with WskReceiveEvent, and the client at its other end. */
    private static WskConnectionSocket receiving(
            Kernel kernel, SocketHandle[] client, AtomicLong taken, AtomicBoolean closed) throws Exception {
        WskListenSocket listener = kernel.listener(null);
        client[0] = kernel.scene.connected(LOCAL);
        WskClientConnectionDispatch dispatch = new WskClientConnectionDispatch(
                (context, flags, data, bytes, accepted) -> {
                    assertThat(closed)
                            .as("a callback of a socket that is closed")
                            .isFalse();
                    taken.addAndGet(bytes);
                    return NtStatus.STATUS_SUCCESS;
                },
                null,
                null);
        WskConnectionSocket socket = kernel.send(irp -> listener.wskAccept(0, null, dispatch, null, null, irp))
                .made(WskConnectionSocket.class);
        kernel.close(listener);
        return socket;
    }

    @Test
    void close_meetsReceiveEvent() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                SocketHandle[] client = new SocketHandle[1];
                AtomicBoolean closed = new AtomicBoolean();
                WskConnectionSocket socket = receiving(kernel, client, new AtomicLong(), closed);
                switchOn(socket, WskEventFlags.WSK_EVENT_RECEIVE);
                atOnce(() -> kernel.scene.send(client[0], 4), () -> {
                    kernel.close(socket);
                    closed.set(true);
                });
                kernel.scene.winsock.closesocket(client[0]);
            }
        });
    }

    @Test
    void receiveEvent_sharesTheBytesWithAReceive() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                SocketHandle[] client = new SocketHandle[1];
                AtomicLong taken = new AtomicLong();
                WskConnectionSocket socket = receiving(kernel, client, taken, new AtomicBoolean());
                switchOn(socket, WskEventFlags.WSK_EVENT_RECEIVE);
                WskBuf buffer = kernel.buffer(9);
                AtomicReference<Kernel.Sent> receive = new AtomicReference<>();
                atOnce(
                        () -> assertThat(kernel.scene.send(client[0], 4)).isEqualTo(4),
                        () -> receive.set(kernel.send(irp -> socket.wskReceive(buffer, 0, irp))));
                // Its end goes to the receive if the bytes went to the event.
                kernel.scene.winsock.closesocket(client[0]);
                assertThat(receive.get().status()).isEqualTo(NtStatus.STATUS_SUCCESS);
                kernel.scene.settle();
                assertThat(taken.get() + receive.get().information()).isEqualTo(4);
                kernel.close(socket);
            }
        });
    }

    @Test
    void close_meetsAcceptEvent() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                AtomicInteger came = new AtomicInteger();
                AtomicReference<WskConnectionSocket> accepted = new AtomicReference<>();
                WskListenSocket listener = kernel.listener(WskClientListenDispatch.accepting(
                        (context, flags, local, remote, socket, acceptContext, dispatch) -> {
                            if (socket != null) {
                                came.incrementAndGet();
                                accepted.set(socket);
                            }
                            return NtStatus.STATUS_SUCCESS;
                        }));
                switchOn(listener, WskEventFlags.WSK_EVENT_ACCEPT);
                SocketHandle client = kernel.scene.tcp();
                atOnce(() -> kernel.scene.winsock.connect(client, LOCAL), () -> kernel.close(listener));
                kernel.scene.settle();
                assertThat(came.get()).isLessThanOrEqualTo(1);
                if (accepted.get() != null) {
                    kernel.close(accepted.get());
                }
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void close_meetsInspectEvent() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.socket(
                        WskListenSocket.class,
                        WskFlags.WSK_FLAG_LISTEN_SOCKET,
                        new WskClientListenDispatch(
                                null,
                                (context, local, remote, id) ->
                                        WskClientListenDispatch.WskInspectAction.WskInspectAccept,
                                (context, id) -> NtStatus.STATUS_SUCCESS));
                java.nio.ByteBuffer on = java.nio.ByteBuffer.allocate(4)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .putInt(0, 1);
                kernel.succeed(irp -> listener.wskControlSocket(
                        WskControlRequestType.WskSetOption,
                        WskFlags.SO_CONDITIONAL_ACCEPT,
                        WskFlags.SOL_SOCKET,
                        4,
                        io.github.wfpsim.wsk.WskControlBuffer.of(on),
                        0,
                        null,
                        null,
                        irp));
                kernel.succeed(irp -> listener.wskBind(LOCAL, 0, irp));
                SocketHandle client = kernel.scene.tcp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = kernel.scene.answer(() -> kernel.scene.winsock.connect(client, LOCAL)),
                        () -> kernel.close(listener));
                Answers.CONNECT_LISTENER_CLOSED.allow(answer[0]);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }
}
