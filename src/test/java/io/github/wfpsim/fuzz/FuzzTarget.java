package io.github.wfpsim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.cmsg.WsaCmsgHdr;
import io.github.wfpsim.net.Sockaddr;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.WsaOverlapped;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a fuzzer feeds with bytes: each reads choices out of them, makes calls, and checks what holds whatever the choices
 * are. Nothing may throw, and every failure has a code of its own.
 */
enum FuzzTarget {
    /** Control data as WSASendMsg and WskSendTo get it. */
    CONTROL_MESSAGES {
        @Override
        void feed(FuzzInput input) {
            byte[] bytes = input.rest();
            Optional<List<ControlMessage>> parsed = ControlMessage.parse(ByteBuffer.wrap(bytes));
            parsed.ifPresent(messages -> {
                ByteBuffer again = ControlWriter.bufferOf(messages.toArray(new ControlMessage[0]));
                assertThat(ControlMessage.parse(again)).contains(messages);
            });
            ByteBuffer control = ByteBuffer.wrap(bytes);
            int headers = 0;
            for (WsaCmsgHdr header = WsaCmsgHdr.wsaCmsgFirstHdr(control);
                    header != null;
                    header = header.wsaCmsgNxtHdr()) {
                assertThat(header.wsaCmsgData().remaining()).isLessThanOrEqualTo(bytes.length);
                assertThat(++headers).isLessThanOrEqualTo(bytes.length / WsaCmsgHdr.SIZEOF_WSACMSGHDR);
            }
        }
    },

    /** A redirect context as a proxy gets it, and addresses. */
    CONTEXTS {
        @Override
        void feed(FuzzInput input) {
            boolean whole = input.flag();
            byte[] rest = input.rest();
            byte[] bytes = whole ? Arrays.copyOf(rest, OriginalDestination.ENCODED_BYTES) : rest;
            Sockaddr.addressIn(ByteBuffer.wrap(bytes))
                    .ifPresent(address -> assertThat(Sockaddr.addressIn(Sockaddr.bytesOf(address)))
                            .contains(address));
            OriginalDestination decoded;
            try {
                decoded = OriginalDestination.decode(bytes);
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).isNotBlank();
                return;
            }
            assertThat(OriginalDestination.decode(decoded.encode())).isEqualTo(decoded);
        }
    },

    /** WSAIoctl on sockets in every state. */
    WINSOCK_IOCTLS {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                while (!input.isEmpty()) {
                    ioctl(bench, bench.anySocket(input), input);
                }
            }
        }

        private void ioctl(FuzzBench bench, SocketHandle socket, FuzzInput input) {
            int code = anyCode(input);
            ByteBuffer in = input.memory(bench.record().length);
            int inSize = input.number();
            ByteBuffer out = input.memory(600);
            int outSize = input.number();
            byte[] before = out == null || out.isReadOnly() ? new byte[0] : contentOf(out);
            int position = out == null ? 0 : out.position();
            OutUlong returned = input.flag() ? new OutUlong() : null;
            int result = bench.winsock().wsaIoctl(socket, code, in, inSize, out, outSize, returned);
            bench.assertKnown(result);
            if (out != null && !out.isReadOnly()) {
                assertThat(out.position()).isEqualTo(position);
                int written = result == 0 && returned != null ? returned.value() : 0;
                assertUntouched(
                        before, contentOf(out), position, result == 0 && returned == null ? out.remaining() : written);
            }
        }
    },

    /** WskControlSocket on kernel sockets. */
    WSK_IOCTLS {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                while (!input.isEmpty()) {
                    WskControlRequestType type = input.oneOf(List.of(WskControlRequestType.values()));
                    int code = anyCode(input);
                    int level = input.flag() ? 0 : input.number();
                    ByteBuffer in = input.memory(bench.record().length);
                    ByteBuffer out = input.memory(600);
                    int inSize = input.number();
                    int outSize = input.number();
                    OutUlong returned = input.flag() ? new OutUlong() : null;
                    NtStatus status = bench.control(
                            bench.anyKernelSocket(input),
                            (socket, irp) -> socket.wskControlSocket(
                                    type,
                                    code,
                                    level,
                                    inSize,
                                    in == null ? null : WskControlBuffer.of(in),
                                    outSize,
                                    out == null ? null : WskControlBuffer.of(out),
                                    returned,
                                    irp));
                    assertThat(status).isNotEqualTo(NtStatus.STATUS_PENDING);
                }
            }
        }
    },

    /** WSASendMsg with control data, and what comes of it at the receiver. */
    SEND {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                while (!input.isEmpty()) {
                    WsaMsg message = new WsaMsg();
                    if (input.flag()) {
                        message.setName(bench.destination(input));
                    }
                    message.setLpBuffers(input.flag() ? input.memory(600) : ByteBuffer.wrap(input.take(8)));
                    boolean records = input.flag();
                    ByteBuffer control = records ? bench.controlWithRecords(input) : input.memory(600);
                    int length = records && control != null && input.flag() ? control.remaining() : input.number();
                    message.setControl(control, length);
                    OutUlong sent = input.flag() ? new OutUlong() : null;
                    bench.assertKnown(bench.winsock()
                            .wsaSendMsg(bench.udp(), message, input.below(4) == 0 ? input.number() : 0, sent));
                }
            }
        }
    },

    /** WSARecvMsg with every kind of memory, while redirected datagrams wait. */
    RECEIVE {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                while (!input.isEmpty()) {
                    bench.haveDatagramWait(input.take(input.below(16)));
                    WsaMsg message = new WsaMsg();
                    Out<InetSocketAddress> name = input.flag() ? Out.empty() : null;
                    message.setName(name);
                    message.setLpBuffers(input.memory(32), input.memory(32));
                    ByteBuffer control = input.memory(1024);
                    int length = input.number();
                    message.setControl(control, length);
                    OutUlong received = new OutUlong();
                    int result = bench.receiveMessage(message, received);
                    bench.assertKnown(result);
                    if (result == 0 && control != null) {
                        ByteBuffer used = control.duplicate();
                        used.limit(used.position() + message.controlLen());
                        assertThat(ControlMessage.parse(used)).isPresent();
                    }
                }
            }
        }
    },

    /** AcceptEx with first data and addresses in memory, and reading addresses out of anything. */
    ACCEPT_EX {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                OverlappedWinsock overlapped = bench.winsock().overlapped();
                while (!input.isEmpty()) {
                    ByteBuffer memory = input.memory(200);
                    int data = input.number();
                    int local = input.flag() ? 44 : input.number();
                    int remote = input.flag() ? 44 : input.number();
                    if (input.flag()) {
                        bench.haveConnectionWait(input.take(input.below(16)));
                    }
                    WsaOverlapped call = input.below(8) == 0 ? null : overlapped.newOverlapped();
                    SocketHandle fresh = input.below(4) == 0 ? bench.anySocket(input) : bench.fresh();
                    boolean done = overlapped.acceptEx(
                            bench.listener(), fresh, memory, data, local, remote, new OutUlong(), call);
                    bench.assertKnown(done ? 0 : Winsock.SOCKET_ERROR);
                    if (memory != null) {
                        readAddresses(overlapped, memory, data, local, remote);
                    }
                }
            }
        }

        private void readAddresses(OverlappedWinsock overlapped, ByteBuffer memory, int data, int local, int remote) {
            try {
                overlapped.getAcceptExSockaddrs(memory, data, local, remote, Out.empty(), Out.empty());
            } catch (IllegalArgumentException noneThere) {
                assertThat(noneThere.getMessage()).isNotBlank();
            }
        }
    },

    /** Records that were changed on their way from the query to SET. */
    RECORDS {
        @Override
        void feed(FuzzInput input) throws Exception {
            try (FuzzBench bench = new FuzzBench(input)) {
                byte[] record = bench.record();
                while (!input.isEmpty()) {
                    byte[] changed = changed(record, input);
                    int result = bench.winsock()
                            .wsaIoctl(
                                    bench.fresh(),
                                    ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                                    ByteBuffer.wrap(changed),
                                    changed.length,
                                    null,
                                    0,
                                    new OutUlong());
                    bench.assertKnown(result);
                    assertThat(result == 0).isEqualTo(Arrays.equals(changed, record));
                }
            }
        }

        private byte[] changed(byte[] record, FuzzInput input) {
            byte[] changed = input.below(4) == 0
                    ? Arrays.copyOf(record, Math.max(0, Math.min(record.length * 2, input.number())))
                    : record.clone();
            for (int changes = input.below(4); changes > 0 && changed.length > 0; changes--) {
                int place = ((input.octet() << 8) | input.octet()) % changed.length;
                changed[place] = (byte) input.octet();
            }
            return changed;
        }
    };

    /** Reads choices and makes calls. */
    abstract void feed(FuzzInput input) throws Exception;

    private static int anyCode(FuzzInput input) {
        return input.below(4) != 0 ? input.oneOf(List.of(ControlCode.values())).code() : input.number();
    }

    private static byte[] contentOf(ByteBuffer memory) {
        byte[] content = new byte[memory.capacity()];
        memory.duplicate().clear().get(content);
        return content;
    }

    private static void assertUntouched(byte[] before, byte[] after, int from, int count) {
        for (int i = 0; i < before.length; i++) {
            if (i < from || i >= from + count) {
                assertThat(after[i])
                        .as("byte %d, where %d were stored from %d on", i, count, from)
                        .isEqualTo(before[i]);
            }
        }
    }
}
