package io.github.wfpsim.doors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.winsock.RedirectLab;
import io.github.wfpsim.wsk.WskBench;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** WskControlSocket, by a driver whose sockets act for a process. */
final class KernelDoor implements Door {

    private static final int UNTOUCHED = 0x5A5A5A5A;

    private final WskBench bench;
    private final int owner;
    private final List<WskSocket> open = new ArrayList<>();

    KernelDoor(RedirectLab lab, SimProcess process) {
        this.bench = new WskBench(lab.family, lab.sim);
        this.owner = process.id();
    }

    private final class KernelSocket implements Socket {

        private final WskSocket socket;

        KernelSocket(WskSocket socket) {
            this.socket = socket;
            open.add(socket);
        }

        @Override
        public Reply query(What what, int size, @Nullable ByteBuffer buffer) {
            OutUlong returned = new OutUlong();
            returned.set(UNTOUCHED);
            WskBench.Sent sent = bench.send(irp -> socket.wskControlSocket(
                    WskControlRequestType.WskIoctl,
                    what.code(),
                    0,
                    0,
                    null,
                    size,
                    WskBench.memory(buffer),
                    returned,
                    irp));
            Reply reply = toReply(sent);
            boolean told = returned.value() != UNTOUCHED;
            assertThat(told ? returned.unsigned() : 0)
                    .as("OutputSizeReturned, which holds what Information does or is left alone")
                    .isEqualTo(reply.count());
            return reply;
        }

        @Override
        public Reply set(byte @Nullable [] record, int size) {
            ByteBuffer in = record == null ? null : ByteBuffer.wrap(record);
            return toReply(bench.send(irp -> socket.wskControlSocket(
                    WskControlRequestType.WskIoctl,
                    ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                    0,
                    size,
                    WskBench.memory(in),
                    0,
                    null,
                    null,
                    irp)));
        }

        @Override
        public void bind(InetSocketAddress local) {
            bench.succeed(irp -> ((WskConnectionSocket) socket).wskBind(local, 0, irp));
        }

        @Override
        public void connect(InetSocketAddress remote) {
            WskConnectionSocket connecting = (WskConnectionSocket) socket;
            bench.succeed(irp -> connecting.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> connecting.wskConnect(remote, 0, irp));
        }
    }

    private static Reply toReply(WskBench.Sent sent) {
        IoStatus outcome = sent.outcome();
        if (sent.returned != NtStatus.STATUS_PENDING) {
            assertThat(sent.returned).as("what was returned").isEqualTo(outcome.status());
        }
        return new Reply(outcome.status(), outcome.information());
    }

    @Override
    public Socket fresh() {
        return new KernelSocket(bench.connection(owner));
    }

    @Override
    public Socket datagram() {
        return new KernelSocket(bench.socket(WskFlags.WSK_FLAG_DATAGRAM_SOCKET, 2, WskBench.UDP, owner));
    }

    @Override
    public Socket listening(int port) {
        return new KernelSocket(bench.listener(port, owner));
    }

    @Override
    public Socket accept(Socket listener) {
        return new KernelSocket(bench.accept((WskListenSocket) ((KernelSocket) listener).socket));
    }

    @Override
    public Reply reply(Verdict verdict, long count) {
        boolean counted =
                verdict.kernel() == NtStatus.STATUS_SUCCESS || verdict.kernel() == NtStatus.STATUS_BUFFER_TOO_SMALL;
        return new Reply(verdict.kernel(), counted ? count : 0);
    }

    @Override
    public AddressFamily family() {
        return bench.family;
    }

    @Override
    public void close() {
        open.forEach(bench::close);
        bench.unload();
    }
}
