package io.github.wfpsim.soak;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.soak.Payload.Checksum;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** The application: connects to the origin, does what the plan says, and compares what it got. */
final class Application {

    private static final String NAME = "application";

    private final WfpSim sim;
    private final SimProcess process;
    private final InetAddress origin;
    private final Tally tally;

    Application(WfpSim sim, SimProcess process, InetAddress origin, Tally tally) {
        this.sim = sim;
        this.process = process;
        this.origin = origin;
        this.tally = tally;
    }

    void exchange(Plan plan) {
        Checksum sent = new Checksum();
        Checksum got = new Checksum();
        try (SimProcess mortal = plan.ending() == Plan.Ending.APPLICATION_DIES ? start() : null;
                SimSocket socket = (mortal == null ? process : mortal).winsock().tcpSocket(AddressFamily.AF_INET)) {
            connect((mortal == null ? process : mortal).winsock(), socket, plan);
            switch (plan.ending()) {
                case APPLICATION_LEAVES -> {}
                case APPLICATION_DIES -> {
                    sent = begin(socket, plan, plan.leaveAfter());
                    mortal.close();
                    tally.died();
                }
                case APPLICATION_CANCELS -> {
                    cancelReceive(socket, plan, got);
                    sent = begin(socket, plan, plan.requestBytes());
                    socket.shutdownOutput();
                    Payload.receive(socket.inputStream(), Integer.MAX_VALUE, got);
                }
                case APPLICATION_CLOSES -> sent = begin(socket, plan, plan.leaveAfter());
                case APPLICATION_ABORTS -> {
                    sent = begin(socket, plan, plan.leaveAfter());
                    socket.abort();
                }
                case ORIGIN_ENDS_FIRST -> {
                    header(socket, plan);
                    Payload.receive(socket.inputStream(), Integer.MAX_VALUE, got);
                    sent = Payload.request(plan).send(socket.outputStream(), plan.requestBytes());
                    socket.shutdownOutput();
                }
                case COMPLETE, ORIGIN_CLOSES, ORIGIN_ABORTS, PROXY_ABORTS -> {
                    sent = begin(socket, plan, plan.requestBytes());
                    socket.shutdownOutput();
                    Payload.receive(socket.inputStream(), Integer.MAX_VALUE, got);
                }
            }
        } catch (IOException failure) {
            tally.failed(NAME, plan, failure);
        }
        tally.judge(NAME, plan, Payload.response(plan), plan.responseBytes(), got);
        tally.moved(sent, got);
        if (plan.isComplete()) {
            tally.complete();
        } else {
            tally.cut();
        }
    }

    private SimProcess start() {
        return sim.process("C:\\Apps\\mortal.exe", Token.STANDARD_USER);
    }

    /** A connect that is pended for ever is given up by closing the socket. */
    private void connect(Winsock winsock, SimSocket socket, Plan plan) throws IOException {
        InetSocketAddress destination =
                new InetSocketAddress(origin, plan.route().port());
        if (plan.route() != Plan.Route.PENDED_FOR_EVER) {
            socket.connect(destination);
            return;
        }
        OutUlong nonBlocking = new OutUlong();
        nonBlocking.set(1);
        winsock.ioctlsocket(socket.handle(), ControlCode.FIONBIO.code(), nonBlocking);
        winsock.connect(socket.handle(), destination);
        throw new WinsockException("given up", Win32Error.WSAECONNABORTED);
    }

    /** Nothing has been asked yet, so nothing has been answered: the receive waits until it is cancelled. */
    private void cancelReceive(SimSocket socket, Plan plan, Checksum got) throws IOException {
        OverlappedWinsock overlapped = process.winsock().overlapped();
        WsaOverlapped structure = overlapped.newOverlapped();
        ByteBuffer room = ByteBuffer.allocate(Plan.HEADER_BYTES);
        if (overlapped.wsaRecv(socket.handle(), List.of(room), null, 0, structure, null) != 0
                && process.winsock().wsaGetLastError() != Win32Error.WSA_IO_PENDING.code()) {
            throw failure("receive");
        }
        overlapped.cancelIoEx(socket.handle(), structure);
        OutUlong count = new OutUlong();
        if (overlapped.wsaGetOverlappedResult(socket.handle(), structure, count, true, new OutUlong())) {
            if (plan.isComplete()) {
                tally.complain("application of " + plan + " received " + count.value() + " bytes before it asked");
            }
            got.add(room.array(), 0, count.value());
        } else if (process.winsock().wsaGetLastError() != Win32Error.WSA_OPERATION_ABORTED.code()) {
            throw failure("cancelled receive");
        } else {
            tally.cancelled();
        }
    }

    private WinsockException failure(String what) {
        Win32Error error =
                Win32Error.fromCode(process.winsock().wsaGetLastError()).orElseThrow();
        return new WinsockException(what + " failed with " + error, error);
    }

    private static Checksum begin(SimSocket socket, Plan plan, int bytes) throws IOException {
        header(socket, plan);
        return Payload.request(plan).send(socket.outputStream(), bytes);
    }

    private static void header(SimSocket socket, Plan plan) throws IOException {
        OutputStream out = socket.outputStream();
        out.write(ByteBuffer.allocate(Plan.HEADER_BYTES).putLong(plan.number()).array());
    }
}
