package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A real loopback connection in the clothes of a stream. The channel never blocks; a call that has to wait does so on a
 * selector, which a deadline in virtual time, a close or an interrupt wakes.
 */
final class SocketStream implements DuplexStream {

    private final SocketChannel channel;
    private final Consumer<SocketStream> onClose;
    private final Object readLock = new Object();
    private final Object writeLock = new Object();
    private volatile @Nullable Selector readable;
    private volatile @Nullable Selector writable;
    private volatile boolean inputShut;
    private volatile boolean reset;
    private volatile boolean closed;

    /** Takes over a connected channel. */
    SocketStream(SocketChannel channel, Consumer<SocketStream> onClose) throws IOException {
        this.channel = channel;
        this.onClose = onClose;
        channel.configureBlocking(false);
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        requireWritable(into);
        Objects.requireNonNull(deadline, "deadline must not be null: use Deadline.NEVER");
        if (!into.hasRemaining()) {
            return 0;
        }
        synchronized (readLock) {
            while (true) {
                int read = tryRead(into);
                if (read != 0) {
                    return read;
                }
                if (deadline.isExpired()) {
                    throw new StreamTimeoutException("no byte came in time", 0);
                }
                await(readable(), deadline);
            }
        }
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        Objects.requireNonNull(from, "from must not be null: give a buffer to send");
        Objects.requireNonNull(deadline, "deadline must not be null: use Deadline.NEVER");
        int written = 0;
        synchronized (writeLock) {
            while (true) {
                written += tryWrite(from);
                if (!from.hasRemaining()) {
                    return written;
                }
                if (deadline.isExpired()) {
                    throw new StreamTimeoutException("the peer did not read in time", written);
                }
                await(writable(), deadline);
            }
        }
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        requireWritable(into);
        if (inputShut) {
            throw new ClosedChannelException();
        }
        try {
            return channel.read(into);
        } catch (IOException broken) {
            throw translated(broken);
        }
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from, "from must not be null: give a buffer to send");
        try {
            return channel.write(from);
        } catch (IOException broken) {
            throw translated(broken);
        }
    }

    @Override
    public int available() {
        try {
            return channel.socket().getInputStream().available();
        } catch (IOException gone) {
            return 0;
        }
    }

    /** Selectors are opened by the first call that has to wait, under the lock of its direction. */
    private Selector readable() throws IOException {
        Selector open = readable;
        if (open == null) {
            open = selectorFor(SelectionKey.OP_READ);
            readable = open;
        }
        return open;
    }

    private Selector writable() throws IOException {
        Selector open = writable;
        if (open == null) {
            open = selectorFor(SelectionKey.OP_WRITE);
            writable = open;
        }
        return open;
    }

    private Selector selectorFor(int operation) throws IOException {
        Selector selector = Selector.open();
        try {
            channel.register(selector, operation);
            return selector;
        } catch (IOException gone) {
            selector.close();
            throw gone;
        }
    }

    private static void await(Selector selector, Deadline deadline) throws IOException, InterruptedException {
        try (Deadline.Registration wakeUp = deadline.onExpiry(selector::wakeup)) {
            if (!deadline.isExpired()) {
                selector.select();
                selector.selectedKeys().clear();
            }
        } catch (ClosedSelectorException closedMeanwhile) {
            // The caller's next try finds the channel closed.
            return;
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private IOException translated(IOException broken) {
        if (closed || broken instanceof ClosedChannelException) {
            return new ClosedChannelException();
        }
        reset = true;
        return new StreamResetException("the real connection failed: " + broken.getMessage());
    }

    private static void requireWritable(ByteBuffer into) {
        Objects.requireNonNull(into, "into must not be null: give a buffer to fill");
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("into must not be read-only: give a buffer that can be filled");
        }
    }

    @Override
    public void shutdownOutput() {
        quietly(channel::shutdownOutput);
    }

    @Override
    public void shutdownInput() {
        inputShut = true;
        quietly(channel::shutdownInput);
    }

    @Override
    public void reset() {
        reset = true;
        quietly(() -> channel.setOption(StandardSocketOptions.SO_LINGER, 0));
        close();
    }

    @Override
    public boolean isReset() {
        return reset;
    }

    @Override
    public void close() {
        closed = true;
        quietly(channel::close);
        quietlyClose(readable);
        quietlyClose(writable);
        onClose.accept(this);
    }

    /** Closing a selector wakes whoever waits on it. */
    private static void quietlyClose(@Nullable Selector selector) {
        if (selector != null) {
            quietly(selector::close);
        }
    }

    private interface SocketAction {
        void run() throws IOException;
    }

    private static void quietly(SocketAction action) {
        try {
            action.run();
        } catch (IOException alreadyGone) {
            // The connection is being given up, so a failure to do so politely changes nothing.
        }
    }
}
