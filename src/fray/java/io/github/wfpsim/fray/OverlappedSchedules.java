package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.winsock.CompletionPort;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.WsaEvent;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What meets at an overlapped call, its event, its routine and its completion port: each call ends once. */
class OverlappedSchedules {

    private static String receive(
            Scene scene,
            SocketHandle socket,
            WsaOverlapped overlapped,
            io.github.wfpsim.winsock.@Nullable WsaOverlappedCompletionRoutine routine) {
        return scene.answer(() -> scene.winsock
                .overlapped()
                .wsaRecv(socket, List.of(ByteBuffer.allocate(9)), null, 0, overlapped, routine));
    }

    /** Who received, and what is left in the connection, which its other end has closed. */
    private static void assertBytes(Scene scene, SocketHandle socket, WsaOverlapped overlapped, int sent) {
        assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
        boolean done = overlapped.internal().name().equals("NO_ERROR");
        assertThat(done || overlapped.internal().name().equals("WSA_OPERATION_ABORTED"))
                .isTrue();
        int taken = done ? overlapped.internalHigh() : 0;
        assertThat(taken + scene.receive(socket, 99)).isEqualTo(sent);
    }

    @Test
    void cancel_losesNoBytes() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(receive(scene, pair[0], overlapped, null)).isEqualTo("WSA_IO_PENDING");
                atOnce(() -> scene.winsock.overlapped().cancelIoEx(pair[0], overlapped), () -> {
                    assertThat(scene.send(pair[1], 4)).isEqualTo(4);
                    assertThat(scene.winsock.closesocket(pair[1])).isZero();
                });
                scene.settle();
                assertBytes(scene, pair[0], overlapped, 4);
            }
        });
    }

    @Test
    void exitOfTheThread_losesNoBytes() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(receive(scene, pair[0], overlapped, null)).isEqualTo("WSA_IO_PENDING");
                atOnce(scene.winsock.kernel32()::exitThread, () -> {
                    assertThat(scene.send(pair[1], 4)).isEqualTo(4);
                    assertThat(scene.winsock.closesocket(pair[1])).isZero();
                });
                scene.settle();
                assertBytes(scene, pair[0], overlapped, 4);
            }
        });
    }

    @Test
    void closeOfTheSocket_meetsData() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(receive(scene, pair[0], overlapped, null)).isEqualTo("WSA_IO_PENDING");
                String[] answer = new String[1];
                atOnce(
                        () -> assertThat(scene.winsock.closesocket(pair[0])).isZero(),
                        () -> answer[0] = scene.answer(() -> scene.send(pair[1], 4)));
                scene.settle();
                assertThat(answer[0]).isIn("success", "WSAECONNRESET");
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                Answers.OVERLAPPED_CLOSED.allow(overlapped.internal().name());
            }
        });
    }

    @Test
    void twoReceives_shareTheBytesInTheirOrder() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaOverlapped first = scene.overlapped();
                WsaOverlapped second = scene.overlapped();
                assertThat(receive(scene, pair[0], first, null)).isEqualTo("WSA_IO_PENDING");
                atOnce(() -> receive(scene, pair[0], second, null), () -> {
                    assertThat(scene.send(pair[1], 4)).isEqualTo(4);
                    assertThat(scene.winsock.closesocket(pair[1])).isZero();
                });
                scene.settle();
                assertThat(first.internalHigh() + second.internalHigh()).isEqualTo(4);
                assertThat(first.internalHigh()).isPositive();
                assertThat(second.hasOverlappedIoCompleted()).isTrue();
            }
        });
    }

    @Test
    void completionPort_getsEachEndOnce() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                Kernel32 kernel32 = scene.winsock.kernel32();
                CompletionPort port = kernel32.createIoCompletionPort(pair[0], null, 7, 0);
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(receive(scene, pair[0], overlapped, null)).isEqualTo("WSA_IO_PENDING");
                List<CompletionPort.Entry> got = new java.util.ArrayList<>();
                atOnce(
                        () -> got.addAll(kernel32.getQueuedCompletionStatusEx(port, 5, Kernel32.INFINITE)),
                        () -> assertThat(scene.send(pair[1], 4)).isEqualTo(4),
                        () -> scene.winsock.overlapped().cancelIoEx(pair[0], overlapped));
                scene.settle();
                got.addAll(kernel32.getQueuedCompletionStatusEx(port, 5, 0));
                assertThat(got).hasSize(1);
            }
        });
    }

    @Test
    void closeOfThePort_endsTheWait() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                Kernel32 kernel32 = scene.winsock.kernel32();
                CompletionPort port = kernel32.createIoCompletionPort(0);
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerOf(() -> kernel32.getQueuedCompletionStatus(
                                port, new OutUlong(), Out.empty(), Out.empty(), Kernel32.INFINITE)),
                        port::close);
                Answers.PORT_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void post_wakesOneOfTwoWaits() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                Kernel32 kernel32 = scene.winsock.kernel32();
                CompletionPort port = kernel32.createIoCompletionPort(0);
                AtomicInteger got = new AtomicInteger();
                Orders.Deed wait = () -> {
                    if (kernel32.getQueuedCompletionStatus(
                            port, new OutUlong(), Out.empty(), Out.empty(), Kernel32.INFINITE)) {
                        got.incrementAndGet();
                        port.close();
                    }
                };
                atOnce(
                        wait,
                        wait,
                        () -> assertThat(kernel32.postQueuedCompletionStatus(port, 1, 2, null))
                                .isTrue());
                assertThat(got).hasValue(1);
            }
        });
    }

    @Test
    void event_isSignalledByTheEnd() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                WsaEvent event = scene.winsock.kernel32().wsaCreateEvent();
                WsaOverlapped overlapped = scene.winsock.overlapped().newOverlapped(event);
                assertThat(receive(scene, pair[0], overlapped, null)).isEqualTo("WSA_IO_PENDING");
                atOnce(
                        () -> assertThat(scene.winsock
                                        .kernel32()
                                        .wsaWaitForMultipleEvents(List.of(event), true, Kernel32.INFINITE, false))
                                .isZero(),
                        () -> assertThat(scene.send(pair[1], 4)).isEqualTo(4));
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
                assertThat(overlapped.internalHigh()).isEqualTo(4);
            }
        });
    }

    @Test
    void closeOfTheEvent_endsTheWait() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                WsaEvent event = scene.winsock.kernel32().wsaCreateEvent();
                int[] result = new int[1];
                String[] answer = new String[1];
                atOnce(
                        () -> {
                            result[0] = scene.winsock
                                    .kernel32()
                                    .wsaWaitForMultipleEvents(List.of(event), true, Kernel32.INFINITE, false);
                            answer[0] = scene.lastError();
                        },
                        event::close);
                assertThat(result[0]).isEqualTo(Kernel32.WSA_WAIT_FAILED);
                Answers.EVENT_CLOSED.allow(answer[0]);
            }
        });
    }

    @Test
    void routine_runsOnceInTheThreadThatWaits() {
        draw(() -> {
            try (Scene scene = new Scene()) {
                SocketHandle[] pair = scene.pair();
                AtomicInteger calls = new AtomicInteger();
                WsaOverlapped overlapped = scene.overlapped();
                assertThat(receive(scene, pair[0], overlapped, (error, bytes, own, flags) -> calls.incrementAndGet()))
                        .isEqualTo("WSA_IO_PENDING");
                int[] woken = new int[1];
                atOnce(
                        () -> woken[0] = scene.winsock.kernel32().sleepEx(Kernel32.INFINITE, true),
                        () -> scene.winsock.overlapped().cancelIoEx(pair[0], null),
                        () -> assertThat(scene.send(pair[1], 4)).isEqualTo(4));
                assertThat(woken[0]).isEqualTo(Kernel32.WAIT_IO_COMPLETION);
                assertThat(scene.winsock.kernel32().sleepEx(0, true)).isZero();
                assertThat(calls).hasValue(1);
            }
        });
    }

    @Test
    void result_isKnownWhenTheWaitEnds() {
        draw(() -> {
            try (Scene scene = new Scene(Orders.small().completionMode(CompletionMode.INLINE))) {
                SocketHandle[] pair = scene.pair();
                WsaOverlapped overlapped = scene.overlapped();
                receive(scene, pair[0], overlapped, null);
                OutUlong bytes = new OutUlong();
                String[] answer = new String[1];
                atOnce(
                        () -> answer[0] = scene.answerOf(() -> scene.winsock
                                .overlapped()
                                .wsaGetOverlappedResult(pair[0], overlapped, bytes, true, new OutUlong())),
                        () -> assertThat(scene.winsock.closesocket(pair[0])).isZero(),
                        () -> scene.send(pair[1], 4));
                Answers.RESULT_CLOSED.allow(answer[0]);
                scene.settle();
                assertThat(overlapped.hasOverlappedIoCompleted()).isTrue();
            }
        });
    }
}
