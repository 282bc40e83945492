package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.net.StreamTimeoutException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A real loopback connection in the clothes of a stream. The channel never blocks: whoever waits does so on a selector
 * of its own, which the deadline, an interrupt and every change of this end wake.
 */
final class SocketStream implements DuplexStream {

    private static final int CHUNK_BYTES = 65_536;
    private static final int NOTHING_BUT_WAKE_UPS = 0;

    private final SocketChannel channel;
    private final Consumer<SocketStream> onClose;
    private final AtomicBoolean writing = new AtomicBoolean();
    private final Set<Selector> waits = ConcurrentHashMap.newKeySet();
    private volatile boolean inputEnded;
    private volatile boolean outputEnded;
    private volatile boolean inputDrained;
    private volatile boolean reset;
    private volatile boolean peerReset;

    SocketStream(SocketChannel connected, Consumer<SocketStream> onClose) throws IOException {
        connected.configureBlocking(false);
        this.channel = connected;
        this.onClose = onClose;
    }

    @Override
    public int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireWritable(into);
        StreamArguments.require(deadline);
        if (!into.hasRemaining()) {
            // Nothing to wait for; a direction that is over fails all the same.
            requireUsable(inputEnded);
            return 0;
        }
        int now = tryRead(into);
        if (now != 0) {
            return now;
        }
        try (Wait wait = new Wait(deadline)) {
            for (int read = tryRead(into); ; read = tryRead(into)) {
                if (read != 0) {
                    return read;
                }
                if (deadline.isExpired()) {
                    throw new StreamTimeoutException("no byte came in time", 0);
                }
                wait.await(SelectionKey.OP_READ);
            }
        }
    }

    @Override
    public int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException {
        StreamArguments.requireSource(from);
        StreamArguments.require(deadline);
        int wanted = from.remaining();
        boolean myTurn = writing.compareAndSet(false, true);
        try {
            if (myTurn) {
                put(from);
            }
            if (!from.hasRemaining()) {
                return wanted;
            }
            try (Wait wait = new Wait(deadline)) {
                while (true) {
                    myTurn = myTurn || writing.compareAndSet(false, true);
                    if (myTurn) {
                        put(from);
                    }
                    if (!from.hasRemaining()) {
                        return wanted;
                    }
                    if (deadline.isExpired()) {
                        throw new StreamTimeoutException("the peer did not read in time", wanted - from.remaining());
                    }
                    wait.await(myTurn ? SelectionKey.OP_WRITE : NOTHING_BUT_WAKE_UPS);
                }
            }
        } finally {
            if (myTurn) {
                giveTurnBack();
            }
        }
    }

    @Override
    public int tryRead(ByteBuffer into) throws IOException {
        StreamArguments.requireWritable(into);
        requireUsable(inputEnded);
        ByteBuffer chunk = firstChunk(into);
        try {
            int read = channel.read(chunk);
            inputDrained |= read < 0;
            into.position(chunk.position());
            return read;
        } catch (IOException broken) {
            throw translated(broken);
        }
    }

    @Override
    public int tryWrite(ByteBuffer from) throws IOException {
        StreamArguments.requireSource(from);
        requireUsable(outputEnded);
        if (!writing.compareAndSet(false, true)) {
            return 0;
        }
        try {
            return put(from);
        } finally {
            giveTurnBack();
        }
    }

    /** Writes what the system takes. In chunks, since the channel copies what it is given off the heap first. */
    private int put(ByteBuffer from) throws IOException {
        int before = from.position();
        boolean taken = true;
        while (taken) {
            requireUsable(outputEnded);
            ByteBuffer chunk = firstChunk(from);
            try {
                channel.write(chunk);
            } catch (IOException broken) {
                throw translated(broken);
            }
            taken = chunk.position() > from.position();
            from.position(chunk.position());
        }
        return from.position() - before;
    }

    private static ByteBuffer firstChunk(ByteBuffer buffer) {
        int length = Math.min(buffer.remaining(), CHUNK_BYTES);
        return buffer.duplicate().limit(buffer.position() + length);
    }

    private void giveTurnBack() {
        writing.set(false);
        wakeAll();
    }

    @Override
    public int available() {
        try {
            return channel.socket().getInputStream().available();
        } catch (IOException gone) {
            return 0;
        }
    }

    private void requireUsable(boolean ended) throws IOException {
        if (peerReset) {
            throw new StreamResetException("the real connection was reset");
        }
        if (ended || !channel.isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private IOException translated(IOException broken) {
        if (!peerReset && (broken instanceof ClosedChannelException || !channel.isOpen())) {
            return new ClosedChannelException();
        }
        peerReset = true;
        return new StreamResetException("the real connection failed: " + broken.getMessage());
    }

    @Override
    public void whenReadable(Runnable next) {
        watch(SelectionKey.OP_READ, next);
    }

    @Override
    public void whenWritable(Runnable next) {
        watch(SelectionKey.OP_WRITE, next);
    }

    @Override
    public boolean whenInputEnded(Runnable next) {
        StreamArguments.require(next);
        boolean visible = available() == 0;
        if (visible) {
            whenReadable(next);
        }
        return visible;
    }

    @Override
    public boolean isReadable() {
        return isReady(SelectionKey.OP_READ);
    }

    @Override
    public boolean isWritable() {
        return isReady(SelectionKey.OP_WRITE) && !writing.get();
    }

    @Override
    public boolean isInputEnded() {
        return inputDrained || (isUsable(SelectionKey.OP_READ) && available() == 0 && isReadable());
    }

    private boolean isReady(int operation) {
        if (!isUsable(operation)) {
            return true;
        }
        try (Selector now = Selector.open()) {
            channel.register(now, operation);
            return now.selectNow() > 0;
        } catch (IOException gone) {
            return true;
        }
    }

    /** A thread for each watcher: bridged connections are few, and only the system knows when they are ready. */
    private void watch(int operation, Runnable next) {
        StreamArguments.require(next);
        Thread watcher = new Thread(
                () -> {
                    try (Wait wait = new Wait(Deadline.NEVER)) {
                        if (isUsable(operation)) {
                            wait.await(operation);
                        }
                    } catch (IOException | InterruptedException gone) {
                        // Whoever is called finds out by reading or writing.
                    }
                    next.run();
                },
                "wfpsim-bridge-watch");
        watcher.setDaemon(true);
        watcher.start();
    }

    private boolean isUsable(int operation) {
        boolean ended = operation == SelectionKey.OP_READ ? inputEnded : outputEnded;
        return !peerReset && !ended && channel.isOpen();
    }

    @Override
    public void shutdownOutput() {
        outputEnded = true;
        quietly(channel::shutdownOutput);
        wakeAll();
    }

    @Override
    public void shutdownInput() {
        inputEnded = true;
        quietly(channel::shutdownInput);
        wakeAll();
    }

    @Override
    public void reset() {
        reset = true;
        quietly(() -> channel.setOption(StandardSocketOptions.SO_LINGER, 0));
        close();
    }

    @Override
    public void cut() {
        peerReset = true;
        reset();
    }

    @Override
    public boolean isEnded() {
        return outputEnded && inputDrained;
    }

    @Override
    public boolean isReset() {
        return reset || peerReset;
    }

    @Override
    public void close() {
        quietly(channel::close);
        wakeAll();
        onClose.accept(this);
    }

    private void wakeAll() {
        waits.forEach(Selector::wakeup);
    }

    /** A waiting thread. Made before the state is looked at, so that no change is missed. */
    private final class Wait implements AutoCloseable {

        private final Selector selector = Selector.open();
        private final Deadline.Registration expiry;

        Wait(Deadline deadline) throws IOException {
            waits.add(selector);
            this.expiry = deadline.onExpiry(selector::wakeup);
        }

        void await(int operations) throws IOException, InterruptedException {
            channel.register(selector, operations);
            selector.select(ready -> {});
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }

        @Override
        public void close() throws IOException {
            expiry.close();
            waits.remove(selector);
            selector.close();
        }
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
