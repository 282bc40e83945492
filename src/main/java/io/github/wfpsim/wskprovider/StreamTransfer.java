package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.StreamStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sends and receives of connections: what waits, what moves, and how it ends. */
final class StreamTransfer {

    private static final int CHUNK_BYTES = 65_536;

    private StreamTransfer() {}

    private static IoStatus failed(IOException failure, DuplexStream stream) {
        NtStatus status = StreamStatus.ofTransfer(failure, stream);
        boolean endedHere = status == NtStatus.STATUS_PIPE_DISCONNECTED || status == NtStatus.STATUS_LOCAL_DISCONNECT;
        return new IoStatus(endedHere ? NtStatus.STATUS_INVALID_DEVICE_STATE : status, 0);
    }

    private static ByteBuffer chunk(long wanted) {
        return ByteBuffer.allocate((int) Math.min(wanted, CHUNK_BYTES));
    }

    /** A send: over when the transport has taken every byte (WSKS-22). */
    static final class Send extends IrpTurn {

        private final DuplexStream stream;
        private final WskBuf buffer;
        private final Runnable whenSent;
        private long sent;

        /** With what follows the last byte, such as the end of the stream. */
        Send(KernelSocket socket, IrpRequest request, DuplexStream stream, WskBuf buffer, Runnable whenSent) {
            super(socket, request);
            this.stream = stream;
            this.buffer = buffer;
            this.whenSent = whenSent;
        }

        @Override
        public @Nullable IoStatus tryNow() {
            try {
                while (sent < buffer.length()) {
                    ByteBuffer chunk = chunk(buffer.length() - sent);
                    buffer.read(sent, chunk);
                    int taken = stream.tryWrite(chunk.flip());
                    if (taken == 0) {
                        return null;
                    }
                    sent += taken;
                }
                whenSent.run();
                return new IoStatus(NtStatus.STATUS_SUCCESS, sent);
            } catch (IOException failure) {
                return failed(failure, stream);
            }
        }
    }

    /** A receive: over with the first bytes, with WAITALL when the buffer is full, or when the peer has ended (WSKS-23). */
    static final class Receive extends IrpTurn {

        private final DuplexStream stream;
        private final WskBuf buffer;
        private final boolean waitsForAll;
        private long received;

        Receive(KernelSocket socket, IrpRequest request, DuplexStream stream, WskBuf buffer, boolean waitsForAll) {
            super(socket, request);
            this.stream = stream;
            this.buffer = buffer;
            this.waitsForAll = waitsForAll;
        }

        @Override
        public @Nullable IoStatus tryNow() {
            try {
                while (received < buffer.length()) {
                    ByteBuffer chunk = chunk(buffer.length() - received);
                    int count = socket().events().tryRead(stream, chunk);
                    if (count < 0) {
                        break;
                    }
                    if (count == 0) {
                        return received > 0 && !waitsForAll ? done() : null;
                    }
                    buffer.write(received, chunk.flip());
                    received += count;
                }
                return done();
            } catch (IOException failure) {
                return failed(failure, stream);
            }
        }

        private IoStatus done() {
            return new IoStatus(NtStatus.STATUS_SUCCESS, received);
        }
    }

    /** A receive that throws away what comes until the peer has ended (WSKS-23). */
    static final class Drain extends IrpTurn {

        private final DuplexStream stream;

        Drain(KernelSocket socket, IrpRequest request, DuplexStream stream) {
            super(socket, request);
            this.stream = stream;
        }

        @Override
        public @Nullable IoStatus tryNow() {
            ByteBuffer chunk = chunk(CHUNK_BYTES);
            try {
                int count = socket().events().tryRead(stream, chunk);
                while (count > 0) {
                    count = socket().events().tryRead(stream, chunk.clear());
                }
                return count < 0 ? new IoStatus(NtStatus.STATUS_SUCCESS, 0) : null;
            } catch (IOException failure) {
                return failed(failure, stream);
            }
        }
    }
}
