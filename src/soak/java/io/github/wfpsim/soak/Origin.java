package io.github.wfpsim.soak;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.soak.Payload.Checksum;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;

/** The server that the application asks for: learns the number first, then does what the plan says. */
final class Origin implements AutoCloseable {

    private static final String NAME = "origin";

    private final SimSocket listener;
    private final LongFunction<Plan> plans;
    private final Tally tally;

    Origin(SimProcess process, InetSocketAddress address, LongFunction<Plan> plans, Tally tally) throws IOException {
        this.listener =
                process.winsock().tcpSocket(AddressFamily.AF_INET).bind(address).listen();
        this.plans = plans;
        this.tally = tally;
    }

    /** Serves one connection after another until the listener is closed. */
    void work() {
        while (true) {
            try (SimSocket socket = listener.accept()) {
                serve(socket);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(SimSocket socket) {
        Plan plan = plan(socket);
        if (plan == null) {
            return;
        }
        Checksum sent = new Checksum();
        Checksum got = new Checksum();
        try {
            InputStream in = socket.inputStream();
            switch (plan.ending()) {
                case ORIGIN_ENDS_FIRST -> {
                    sent = answer(socket, plan, plan.responseBytes());
                    Payload.receive(in, Integer.MAX_VALUE, got);
                }
                case ORIGIN_CLOSES -> sent = answer(socket, plan, plan.leaveAfter());
                case ORIGIN_ABORTS -> {
                    Payload.receive(in, plan.leaveAfter(), got);
                    socket.abort();
                }
                default -> {
                    Payload.receive(in, Integer.MAX_VALUE, got);
                    sent = answer(socket, plan, plan.responseBytes());
                }
            }
        } catch (IOException failure) {
            tally.failed(NAME, plan, failure);
        }
        tally.judge(NAME, plan, Payload.request(plan), plan.requestBytes(), got);
        tally.moved(sent, got);
    }

    private static Checksum answer(SimSocket socket, Plan plan, int bytes) throws IOException {
        Checksum sent = Payload.response(plan).send(socket.outputStream(), bytes);
        socket.shutdownOutput();
        return sent;
    }

    /** Null if the connection ended before the number had come. */
    private Plan plan(SimSocket socket) {
        byte[] header = new byte[Plan.HEADER_BYTES];
        try {
            int read = socket.inputStream().readNBytes(header, 0, header.length);
            return read < header.length
                    ? null
                    : plans.apply(ByteBuffer.wrap(header).getLong());
        } catch (IOException reset) {
            return null;
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
