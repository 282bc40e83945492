package io.github.wfpsim.fabric;

import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteDatagramSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A server whose answers a function computes, on the thread that sends the request: it needs no thread of its own. What the
 * function throws resets the connection, and is told.
 */
public final class AnsweringServer {

    private static final int CHUNK_BYTES = 8192;

    private final UnaryOperator<byte[]> answer;
    private final Consumer<RuntimeException> teller;

    /**
     * Creates a server.
     *
     * @param answer makes the answer of a request
     * @param teller hears what the function throws, as the cause of what it is given
     */
    public AnsweringServer(UnaryOperator<byte[]> answer, Consumer<RuntimeException> teller) {
        this.answer = answer;
        this.teller = teller;
    }

    /**
     * Answers what comes on a connection until its client ends it.
     *
     * @param connection the server's end
     */
    public void serve(DuplexStream connection) {
        new Connection(connection).goOn();
    }

    /**
     * Answers a packet.
     *
     * @param socket where it came
     * @param request the packet
     */
    public void serve(RemoteDatagramSocket socket, Datagram request) {
        byte[] bytes = new byte[request.payload().remaining()];
        request.payload().get(bytes);
        try {
            socket.send(ByteBuffer.wrap(answer.apply(bytes)), request.source());
        } catch (IOException nobody) {
            // Who asked is gone: the answer is lost.
        } catch (RuntimeException | AssertionError thrown) {
            tell(thrown);
        }
    }

    private void tell(Throwable thrown) {
        teller.accept(new IllegalStateException("the function that answers for a server threw: " + thrown, thrown));
    }

    /** Waits for room or for bytes, never for both, so that one call follows another. */
    private final class Connection {

        private final DuplexStream stream;
        private ByteBuffer unsent = ByteBuffer.allocate(0);
        private boolean ended;

        Connection(DuplexStream stream) {
            this.stream = stream;
        }

        void goOn() {
            try {
                if (!isSent()) {
                    stream.whenWritable(this::goOn);
                } else if (ended) {
                    stream.close();
                } else {
                    takeRequest();
                }
            } catch (IOException brokenOff) {
                stream.reset();
            } catch (RuntimeException | AssertionError thrown) {
                stream.reset();
                tell(thrown);
            }
        }

        private boolean isSent() throws IOException {
            if (unsent.hasRemaining()) {
                stream.tryWrite(unsent);
            }
            return !unsent.hasRemaining();
        }

        /** All that is there is one request. */
        private void takeRequest() throws IOException {
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            int read = stream.tryRead(chunk);
            for (; read > 0; read = stream.tryRead(chunk.clear())) {
                request.write(chunk.array(), 0, read);
            }
            ended = read < 0;
            if (request.size() > 0) {
                unsent = ByteBuffer.wrap(answer.apply(request.toByteArray()));
                goOn();
            } else if (ended) {
                stream.close();
            } else {
                stream.whenReadable(this::goOn);
            }
        }
    }
}
