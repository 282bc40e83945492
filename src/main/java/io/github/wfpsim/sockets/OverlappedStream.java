package io.github.wfpsim.sockets;

import io.github.wfpsim.net.DuplexStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** WSARecv and WSASend on connections. */
final class OverlappedStream {

    private OverlappedStream() {}

    /** A receive: over with the first bytes; without room, as soon as there are any. */
    static final class Receive extends OverlappedTurn {

        private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

        private final SocketEntry entry;
        private final ErrorTranslation errors;
        private final DuplexStream stream;
        private final List<ByteBuffer> buffers;

        Receive(
                SocketEntry entry,
                OverlappedRequest request,
                ErrorTranslation errors,
                DuplexStream stream,
                List<ByteBuffer> buffers) {
            super(entry, request);
            this.entry = entry;
            this.errors = errors;
            this.stream = stream;
            this.buffers = buffers;
        }

        @Override
        public @Nullable Result tryNow() {
            int received = 0;
            try {
                for (ByteBuffer buffer : buffers) {
                    while (buffer.hasRemaining()) {
                        int count = stream.tryRead(buffer);
                        if (count <= 0) {
                            return count < 0 || received > 0 ? Result.of(received) : null;
                        }
                        received += count;
                    }
                }
                return received > 0 || isReadable() ? Result.of(received) : null;
            } catch (IOException failure) {
                return received > 0 ? Result.of(received) : errors.endOf(failure, entry);
            }
        }

        private boolean isReadable() throws IOException {
            return stream.tryRead(NO_ROOM.duplicate()) < 0 || stream.available() > 0;
        }
    }

    /** A send: over when every byte is taken. */
    static final class Send extends OverlappedTurn {

        private final SocketEntry entry;
        private final ErrorTranslation errors;
        private final DuplexStream stream;
        private final List<ByteBuffer> buffers;
        private @Nullable ByteBuffer gathered;
        private int sent;

        Send(
                SocketEntry entry,
                OverlappedRequest request,
                ErrorTranslation errors,
                DuplexStream stream,
                List<ByteBuffer> buffers) {
            super(entry, request);
            this.entry = entry;
            this.errors = errors;
            this.stream = stream;
            this.buffers = buffers;
        }

        @Override
        public @Nullable Result tryNow() {
            try {
                ByteBuffer bytes = gathered();
                while (bytes.hasRemaining()) {
                    int taken = stream.tryWrite(bytes);
                    if (taken == 0) {
                        return null;
                    }
                    sent += taken;
                    MessageTransfer.advance(buffers, taken);
                }
                return Result.of(sent);
            } catch (IOException failure) {
                return errors.endOf(failure, entry);
            }
        }

        /** All buffers as one, so that a receiver sees no gap between them. */
        private ByteBuffer gathered() {
            ByteBuffer whole = gathered;
            if (whole == null) {
                whole = MessageTransfer.joined(buffers);
                gathered = whole;
            }
            return whole;
        }
    }
}
