package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;

/**
 * A real loopback socket in the clothes of a stream. A deadline in virtual time is looked at every
 * {@value #SLICE_MILLIS} real milliseconds, since a real socket cannot be woken without closing it.
 */
final class SocketStream implements DuplexStream {

    private static final int SLICE_MILLIS = 50;
    private static final int CHUNK_BYTES = 65_536;

    private final Socket socket;
    private final Consumer<SocketStream> onClose;
    private final Object readLock = new Object();
    private final Object writeLock = new Object();
    private volatile boolean reset;
    private volatile boolean closed;

    SocketStream(Socket socket, Consumer<SocketStream> onClose) {
        this.socket = socket;
        this.onClose = onClose;
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        if (!into.hasRemaining()) {
            return 0;
        }
        byte[] chunk = new byte[Math.min(into.remaining(), CHUNK_BYTES)];
        synchronized (readLock) {
            int read = readChunk(chunk, deadline);
            if (read > 0) {
                into.put(chunk, 0, read);
            }
            return read;
        }
    }

    private int readChunk(byte[] chunk, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            try {
                socket.setSoTimeout(SLICE_MILLIS);
                return socket.getInputStream().read(chunk);
            } catch (SocketTimeoutException slice) {
                if (deadline.isExpired()) {
                    throw new StreamTimeoutException("no byte came in time", 0);
                }
            } catch (SocketException broken) {
                throw translated(broken);
            }
        }
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        synchronized (writeLock) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (SocketException broken) {
                throw translated(broken);
            }
        }
        return bytes.length;
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        synchronized (readLock) {
            try {
                int ready = Math.min(socket.getInputStream().available(), into.remaining());
                byte[] chunk = new byte[ready];
                int read = ready == 0 ? 0 : socket.getInputStream().read(chunk);
                into.put(chunk, 0, Math.max(0, read));
                return read;
            } catch (SocketException broken) {
                throw translated(broken);
            }
        }
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        return write(from, Deadline.NEVER);
    }

    @Override
    public int available() {
        try {
            return socket.getInputStream().available();
        } catch (IOException gone) {
            return 0;
        }
    }

    private IOException translated(SocketException broken) {
        if (closed) {
            return new ClosedChannelException();
        }
        reset = true;
        return new StreamResetException("the real connection failed: " + broken.getMessage());
    }

    @Override
    public void shutdownOutput() {
        quietly(socket::shutdownOutput);
    }

    @Override
    public void shutdownInput() {
        quietly(socket::shutdownInput);
    }

    @Override
    public void reset() {
        reset = true;
        closed = true;
        quietly(() -> socket.setSoLinger(true, 0));
        quietly(socket::close);
        onClose.accept(this);
    }

    @Override
    public boolean isReset() {
        return reset;
    }

    @Override
    public void close() {
        closed = true;
        quietly(socket::close);
        onClose.accept(this);
    }

    private interface SocketAction {
        void run() throws IOException;
    }

    private static void quietly(SocketAction action) {
        try {
            action.run();
        } catch (IOException alreadyGone) {
            // The socket is being given up, so a failure to do so politely changes nothing.
        }
    }
}
