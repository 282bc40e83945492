package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What meets at a datagram socket, at its flows and their idle time. */
class DatagramSchedules {

    private static final InetSocketAddress NEAR = new InetSocketAddress("127.0.0.1", 53);
    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.2", 53);
    private static final InetSocketAddress FAR = new InetSocketAddress("203.0.113.10", 53);
    private static final InetSocketAddress OTHER = new InetSocketAddress("203.0.113.11", 53);
    private static final Duration IDLE = Duration.ofSeconds(60);

    private static int send(Scene scene, SocketHandle socket, InetSocketAddress to) {
        return scene.winsock.sendto(socket, ByteBuffer.allocate(1), 0, to);
    }

    /** How many datagrams a socket has received, which it is asked for without waiting. */
    private static int received(Scene scene, SocketHandle socket) {
        scene.nonBlocking(socket);
        int count = 0;
        while (scene.receive(socket, 9) >= 0) {
            count++;
        }
        return count;
    }

    private static AtomicInteger counting(Scene scene, InetSocketAddress at) {
        AtomicInteger arrived = new AtomicInteger();
        scene.sim.network().datagramSocket(at).whenReceived(datagram -> arrived.incrementAndGet());
        return arrived;
    }

    @Test
    void sweepOfIdleFlows_sparesTheFirstDatagram() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                AtomicInteger arrived = counting(scene, FAR);
                counting(scene, OTHER);
                SocketHandle socket = scene.udp();
                assertThat(send(scene, socket, OTHER)).isEqualTo(1);
                atOnce(
                        () -> assertThat(send(scene, socket, FAR)).isEqualTo(1),
                        () -> scene.sim.clock().advance(IDLE));
                assertThat(arrived).hasValue(1);
            }
        });
    }

    @Test
    void sweepOfIdleFlows_sparesTheFirstDatagramThatArrives() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                RemoteDatagramSocket far = scene.sim.network().datagramSocket(FAR);
                RemoteDatagramSocket other = scene.sim.network().datagramSocket(OTHER);
                SocketHandle socket = scene.udp();
                assertThat(scene.winsock.bind(socket, HERE)).isZero();
                other.send(ByteBuffer.allocate(1), HERE);
                atOnce(
                        () -> far.send(ByteBuffer.allocate(1), HERE),
                        () -> scene.sim.clock().advance(IDLE));
                assertThat(received(scene, socket)).isEqualTo(2);
            }
        });
    }

    @Test
    void sweepOfIdleFlows_endsThemInTime() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                counting(scene, FAR);
                counting(scene, OTHER);
                SocketHandle socket = scene.udp();
                assertThat(send(scene, socket, OTHER)).isEqualTo(1);
                atOnce(
                        () -> assertThat(send(scene, socket, FAR)).isEqualTo(1),
                        () -> scene.sim.clock().advance(IDLE.dividedBy(2)),
                        () -> scene.sim.clock().advance(IDLE.dividedBy(2)));
                scene.sim.clock().advance(IDLE);
                assertThat(scene.sim.connections()).hasSize(1);
            }
        });
    }

    @Test
    void expiryOfTheFlow_losesNoDatagram() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                AtomicInteger arrived = counting(scene, FAR);
                SocketHandle socket = scene.udp();
                assertThat(send(scene, socket, FAR)).isEqualTo(1);
                atOnce(
                        () -> assertThat(send(scene, socket, FAR)).isEqualTo(1),
                        () -> scene.sim.clock().advance(IDLE));
                assertThat(arrived).hasValue(2);
            }
        });
    }

    @Test
    void twoFirstDatagrams_shareTheFlowAndThePort() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                AtomicInteger arrived = counting(scene, FAR);
                SocketHandle socket = scene.udp();
                Orders.Deed send = () -> assertThat(send(scene, socket, FAR)).isEqualTo(1);
                atOnce(send, send);
                assertThat(arrived).hasValue(2);
                // The socket and its one flow.
                assertThat(scene.sim.connections()).hasSize(2);
            }
        });
    }

    @Test
    void firstDatagramsOfBothEnds_arrive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle one = scene.bound(scene.udp(), 53);
                SocketHandle other = scene.bound(scene.udp(), 54);
                InetSocketAddress to = new InetSocketAddress("127.0.0.1", 54);
                atOnce(
                        () -> assertThat(send(scene, one, to)).isEqualTo(1),
                        () -> assertThat(send(scene, other, NEAR)).isEqualTo(1));
                assertThat(received(scene, one)).isEqualTo(1);
                assertThat(received(scene, other)).isEqualTo(1);
            }
        });
    }

    @Test
    void close_endsSend() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                counting(scene, FAR);
                SocketHandle socket = scene.udp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> send(scene, socket, FAR)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.DATAGRAM_SENT_CLOSED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void close_endsSendToThePeer() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                counting(scene, FAR);
                SocketHandle socket = scene.udp();
                assertThat(scene.winsock.connect(socket, FAR)).isZero();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.send(socket, 1)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                assertThat(answer[0]).isIn("success", "WSAEINTR", "WSAENOTSOCK");
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void close_endsReceive() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle socket = scene.bound(scene.udp(), 53);
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.receive(socket, 1)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.DATAGRAM_RECEIVED_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void closeOfTheReceiver_meetsTheFirstDatagram() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle receiver = scene.bound(scene.udp(), 53);
                SocketHandle sender = scene.udp();
                atOnce(
                        () -> assertThat(send(scene, sender, NEAR)).isEqualTo(1),
                        () -> assertThat(scene.winsock.closesocket(receiver)).isZero());
                assertThat(scene.winsock.closesocket(sender)).isZero();
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void endOfTheProcess_endsSend() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                counting(scene, FAR);
                SocketHandle socket = scene.udp();
                String[] answer = new String[1];
                atOnce(() -> answer[0] = scene.answer(() -> send(scene, socket, FAR)), scene.app::close);
                Answers.DATAGRAM_SENT_PROCESS_ENDED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void connect_letsInThePeerAlone() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                RemoteDatagramSocket other = scene.sim.network().datagramSocket(OTHER);
                SocketHandle socket = scene.udp();
                assertThat(scene.winsock.bind(socket, HERE)).isZero();
                boolean[] gotIn = new boolean[2];
                atOnce(() -> assertThat(scene.winsock.connect(socket, FAR)).isZero(), () -> gotIn[0] = getsIn(other));
                gotIn[1] = getsIn(other);
                assertThat(gotIn[1]).isFalse();
                assertThat(received(scene, socket)).isEqualTo(gotIn[0] ? 1 : 0);
            }
        });
    }

    private static boolean getsIn(RemoteDatagramSocket from) throws IOException {
        try {
            from.send(ByteBuffer.allocate(1), HERE);
            return true;
        } catch (PortUnreachableException refused) {
            return false;
        }
    }

    @Test
    void close_endsConnect() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle socket = scene.udp();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answer(() -> scene.winsock.connect(socket, FAR)),
                        () -> assertThat(scene.winsock.closesocket(socket)).isZero());
                Answers.DATAGRAM_CONNECT_CLOSED.allow(answer[0]);
                assertThat(scene.sim.connections()).isEmpty();
            }
        });
    }

    @Test
    void cancel_losesNoDatagram() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle receiver = scene.bound(scene.udp(), 53);
                SocketHandle sender = scene.udp();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(scene.answer(() -> scene.winsock
                                .overlapped()
                                .wsaRecvFrom(
                                        receiver, List.of(ByteBuffer.allocate(9)), null, 0, null, overlapped, null)))
                        .isEqualTo("WSA_IO_PENDING");
                atOnce(
                        () -> scene.winsock.overlapped().cancelIoEx(receiver, overlapped),
                        () -> assertThat(send(scene, sender, NEAR)).isEqualTo(1));
                scene.settle();
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                int taken = overlapped.internal().name().equals("NO_ERROR") ? 1 : 0;
                assertThat(taken + received(scene, receiver)).isEqualTo(1);
            }
        });
    }
}
