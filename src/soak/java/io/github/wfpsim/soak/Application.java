package io.github.wfpsim.soak;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.soak.Payload.Checksum;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The application: connects to the origin, does what the plan says, and compares what it got. */
final class Application {

    private static final String NAME = "application";

    private final SimProcess process;
    private final InetSocketAddress origin;
    private final Tally tally;

    Application(SimProcess process, InetSocketAddress origin, Tally tally) {
        this.process = process;
        this.origin = origin;
        this.tally = tally;
    }

    void exchange(Plan plan) {
        Checksum sent = new Checksum();
        Checksum got = new Checksum();
        try (SimSocket socket = process.winsock().tcpSocket(AddressFamily.AF_INET)) {
            socket.connect(origin);
            switch (plan.ending()) {
                case APPLICATION_LEAVES -> {}
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
        if (plan.ending().isComplete()) {
            tally.complete();
        } else {
            tally.cut();
        }
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
