package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.DuplexStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** Sending and receiving on connections, for the calls that may wait. */
final class StreamCalls {

    private final VirtualClock clock;
    private final Caller caller;
    private final ErrorTranslation errors;

    StreamCalls(VirtualClock clock, Caller caller, ErrorTranslation errors) {
        this.clock = clock;
        this.caller = caller;
        this.errors = errors;
    }

    /** Sends what the buffer holds; the number of bytes, or SOCKET_ERROR. */
    int send(SocketEntry entry, int flags, ByteBuffer buf) {
        return transfer(entry, flags, buf, StreamCalls::write);
    }

    /** Receives at least one byte; the number of bytes, 0 at the end, or SOCKET_ERROR. */
    int receive(SocketEntry entry, int flags, ByteBuffer buf) {
        return transfer(entry, flags, buf, StreamCalls::read);
    }

    /** Sends what the buffers hold, one behind the other, as {@link #send(SocketEntry, int, ByteBuffer)} does. */
    int send(SocketEntry entry, List<ByteBuffer> buffers) {
        ByteBuffer whole = MessageTransfer.joined(buffers);
        int start = whole.position();
        int moved = send(entry, 0, whole);
        MessageTransfer.advance(buffers, whole.position() - start);
        return moved;
    }

    /** Receives at least one byte and as much more as is there and has room, one buffer behind the other. */
    int receive(SocketEntry entry, List<ByteBuffer> buffers) {
        int moved = 0;
        for (ByteBuffer buffer : buffers) {
            if (buffer.hasRemaining()) {
                int count = moved == 0 ? receive(entry, 0, buffer) : transfer(entry, 0, buffer, StreamCalls::readOn);
                if (count <= 0) {
                    return moved == 0 ? count : moved;
                }
                moved += count;
            }
            if (buffer.hasRemaining()) {
                break;
            }
        }
        return moved;
    }

    /** What is there after the first bytes; that it has ended or failed, the next receive tells. */
    private int readOn(SocketEntry entry, DuplexStream stream, ByteBuffer buf) {
        try {
            return Math.max(0, stream.tryRead(buf));
        } catch (IOException later) {
            return 0;
        }
    }

    /** One direction of moving bytes; answers their number or has failed already. Given everything, it captures nothing. */
    @FunctionalInterface
    private interface Transfer {
        int run(StreamCalls calls, SocketEntry entry, DuplexStream stream, ByteBuffer buf)
                throws IOException, InterruptedException;
    }

    private int transfer(SocketEntry entry, int flags, ByteBuffer buf, Transfer transfer) {
        DuplexStream stream = entry.kernel().stream();
        if (flags != 0) {
            return caller.fail(Win32Error.WSAEOPNOTSUPP);
        }
        if (stream == null) {
            return caller.fail(Win32Error.WSAENOTCONN);
        }
        try {
            return transfer.run(this, entry, stream, buf);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return caller.fail(Win32Error.WSAEINTR);
        } catch (IOException failure) {
            return caller.fail(errors.of(failure, entry));
        }
    }

    private int write(SocketEntry entry, DuplexStream stream, ByteBuffer buf) throws IOException, InterruptedException {
        if (!entry.isNonBlocking()) {
            return stream.write(buf, deadline(entry.sendTimeout()));
        }
        boolean wanted = buf.hasRemaining();
        int count = stream.tryWrite(buf);
        return count == 0 && wanted ? caller.fail(Win32Error.WSAEWOULDBLOCK) : count;
    }

    private int read(SocketEntry entry, DuplexStream stream, ByteBuffer buf) throws IOException, InterruptedException {
        if (!entry.isNonBlocking()) {
            return Math.max(0, stream.read(buf, deadline(entry.receiveTimeout())));
        }
        boolean wanted = buf.hasRemaining();
        int count = stream.tryRead(buf);
        return count == 0 && wanted ? caller.fail(Win32Error.WSAEWOULDBLOCK) : Math.max(0, count);
    }

    private Deadline deadline(int milliseconds) {
        return milliseconds == 0
                ? Deadline.NEVER
                : clock.deadlineAfter(Duration.ofMillis(Integer.toUnsignedLong(milliseconds)));
    }
}
