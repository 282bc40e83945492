package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskDatagramSocket;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskRegistration;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What meets at a kernel socket: each IRP completes once, and none after the close of its socket (WSKS-11). */
class WskSchedules {

    /** Closes a socket and finds every earlier request of it complete by then. */
    private static void closeAfter(Kernel kernel, io.github.wfpsim.wsk.WskSocket socket, Kernel.Sent earlier)
            throws Exception {
        Kernel.Sent close = kernel.prepare();
        boolean[] before = new boolean[1];
        close.whenOver = () -> {
            synchronized (earlier.ends) {
                before[0] = !earlier.ends.isEmpty();
            }
        };
        socket.wskCloseSocket(close.irp);
        Answers.WSK_CLOSE.allow(close.status());
        assertThat(before[0]).as("the request completed before the close").isTrue();
    }

    @Test
    void close_completesAfterAReceiveThatIsCancelled() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.listener(null);
                SocketHandle client = kernel.scene.connected(LOCAL);
                WskConnectionSocket socket = kernel.accept(listener).made(WskConnectionSocket.class);
                WskBuf buffer = kernel.buffer(8);
                Kernel.Sent receive = kernel.send(irp -> socket.wskReceive(buffer, 0, irp));
                atOnce(() -> kernel.driver.io().ioCancelIrp(receive.irp), () -> closeAfter(kernel, socket, receive));
                Answers.WSK_RECEIVE_CANCELLED.allow(receive.status());
                kernel.close(listener);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void close_completesAfterAReceiveThatHasData() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.listener(null);
                SocketHandle client = kernel.scene.connected(LOCAL);
                WskConnectionSocket socket = kernel.accept(listener).made(WskConnectionSocket.class);
                WskBuf buffer = kernel.buffer(8);
                Kernel.Sent receive = kernel.send(irp -> socket.wskReceive(buffer, 0, irp));
                atOnce(() -> kernel.scene.send(client, 4), () -> closeAfter(kernel, socket, receive));
                Answers.WSK_RECEIVE_CLOSED.allow(receive.status());
                kernel.close(listener);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void close_completesAfterAReceiveThatHasData_inline() {
        draw(() -> {
            try (Kernel kernel = new Kernel(Orders.small().completionMode(CompletionMode.INLINE))) {
                WskListenSocket listener = kernel.listener(null);
                SocketHandle client = kernel.scene.connected(LOCAL);
                WskConnectionSocket socket = kernel.accept(listener).made(WskConnectionSocket.class);
                WskBuf buffer = kernel.buffer(8);
                Kernel.Sent receive = kernel.send(irp -> socket.wskReceive(buffer, 0, irp));
                atOnce(
                        () -> kernel.driver.io().ioCancelIrp(receive.irp),
                        () -> closeAfter(kernel, socket, receive),
                        () -> kernel.scene.send(client, 4));
                assertThat(receive.status()).isIn(NtStatus.STATUS_CANCELLED, NtStatus.STATUS_SUCCESS);
                kernel.close(listener);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void close_completesAfterAnAcceptThatHasAConnection() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.listener(null);
                Kernel.Sent accept = kernel.accept(listener);
                SocketHandle client = kernel.scene.tcp();
                atOnce(() -> kernel.scene.winsock.connect(client, LOCAL), () -> closeAfter(kernel, listener, accept));
                Answers.WSK_ACCEPT_CLOSED.allow(accept.status());
                if (accept.status().isSuccess()) {
                    kernel.close(accept.made(WskConnectionSocket.class));
                }
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void cancel_losesNoConnection() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.listener(null);
                Kernel.Sent accept = kernel.accept(listener);
                SocketHandle[] client = new SocketHandle[1];
                atOnce(
                        () -> client[0] = kernel.scene.connected(LOCAL),
                        () -> kernel.driver.io().ioCancelIrp(accept.irp));
                WskConnectionSocket accepted = (accept.status().isSuccess() ? accept : kernel.accept(listener))
                        .made(WskConnectionSocket.class);
                kernel.close(accepted);
                kernel.close(listener);
                kernel.scene.winsock.closesocket(client[0]);
            }
        });
    }

    @Test
    void close_completesAfterAConnect() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskListenSocket listener = kernel.listener(null);
                WskConnectionSocket socket = kernel.bound();
                Kernel.Sent connect = kernel.send(irp -> socket.wskConnect(LOCAL, 0, irp));
                closeAfter(kernel, socket, connect);
                Answers.WSK_CONNECT_CLOSED.allow(connect.status());
                kernel.close(listener);
            }
        });
    }

    @Test
    void send_andReceive_loseNothing() {
        draw(() -> {
            try (Kernel kernel = new Kernel(Orders.small().streamBufferSize(2))) {
                WskListenSocket listener = kernel.listener(null);
                SocketHandle client = kernel.scene.connected(LOCAL);
                WskConnectionSocket socket = kernel.accept(listener).made(WskConnectionSocket.class);
                WskBuf buffer = kernel.buffer(5);
                Kernel.Sent[] send = new Kernel.Sent[1];
                int[] received = new int[1];
                atOnce(() -> send[0] = kernel.send(irp -> socket.wskSend(buffer, 0, irp)), () -> {
                    while (received[0] < 5) {
                        received[0] += kernel.scene.receive(client, 9);
                    }
                });
                assertThat(send[0].status()).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(send[0].information()).isEqualTo(5);
                kernel.close(socket);
                kernel.close(listener);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void datagramIsReceivedOnce_whoeverCancels() {
        draw(() -> {
            try (Kernel kernel = new Kernel()) {
                WskDatagramSocket socket =
                        kernel.socket(WskDatagramSocket.class, WskFlags.WSK_FLAG_DATAGRAM_SOCKET, null);
                kernel.succeed(irp -> socket.wskBind(LOCAL, 0, irp));
                WskBuf buffer = kernel.buffer(8);
                Kernel.Sent first = kernel.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp));
                SocketHandle client = kernel.scene.udp();
                atOnce(
                        () -> kernel.scene.winsock.sendto(client, ByteBuffer.allocate(3), 0, LOCAL),
                        () -> kernel.driver.io().ioCancelIrp(first.irp));
                Kernel.Sent has = first.status().isSuccess()
                        ? first
                        : kernel.send(irp -> socket.wskReceiveFrom(buffer, 0, null, null, null, null, irp));
                assertThat(has.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(has.information()).isEqualTo(3);
                kernel.close(socket);
                kernel.scene.winsock.closesocket(client);
            }
        });
    }

    @Test
    void deregister_waitsForTheCloseOfTheSocket() {
        draw(() -> {
            Kernel kernel = new Kernel();
            WskConnectionSocket socket = kernel.bound();
            kernel.driver.wsk().wskReleaseProviderNpi(kernel.registration);
            Kernel.Sent close = kernel.prepare();
            atOnce(
                    () -> {
                        kernel.driver.wsk().wskDeregister(kernel.registration);
                        assertThat(close.ends).hasSize(1);
                    },
                    () -> socket.wskCloseSocket(close.irp));
            kernel.giveBack();
        });
    }

    @Test
    void deregister_endsTheWaitOfACapture() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                scene.sim.setNetworkUp(false);
                Wsk wsk = scene.sim.loadDriver("acme.sys").wsk();
                Out<WskRegistration> registered = Out.empty();
                wsk.wskRegister(WskClientNpi.ofVersion10(), registered);
                NtStatus[] answer = new NtStatus[1];
                atOnce(
                        () -> answer[0] =
                                wsk.wskCaptureProviderNpi(registered.get(), WskFlags.WSK_INFINITE_WAIT, Out.empty()),
                        () -> wsk.wskDeregister(registered.get()));
                Answers.WSK_CAPTURE_DEREGISTERED.allow(answer[0]);
            }
        });
    }

    @Test
    void unload_takesTheSocketAwayUnderARequest() {
        draw(() -> {
            Kernel kernel = new Kernel(Orders.small().faultMode(FaultMode.RECORD));
            Scene scene = kernel.scene;
            WskListenSocket listener = kernel.listener(null);
            Kernel.Sent accept = kernel.accept(listener);
            SocketHandle client = scene.tcp();
            atOnce(kernel.driver::unload, () -> scene.winsock.connect(client, LOCAL));
            scene.settle();
            // The routine of a driver that is gone is not called.
            assertThat(accept.ends).hasSizeLessThanOrEqualTo(1);
            scene.winsock.closesocket(client);
            scene.settle();
            assertThat(scene.sim.connections()).isEmpty();
            scene.sim.close();
        });
    }
}
