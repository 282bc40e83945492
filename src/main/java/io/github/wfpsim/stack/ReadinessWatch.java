package io.github.wfpsim.stack;

import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Calls those who wait for a socket to become ready. However many wait, and however often they give up and come again,
 * each side of the socket has one watcher at most. Who waits joins first, then looks, then arms what it found not ready;
 * it looks again after each call.
 */
public final class ReadinessWatch {

    private static final AtomicIntegerFieldUpdater<ReadinessWatch> ARMED =
            AtomicIntegerFieldUpdater.newUpdater(ReadinessWatch.class, "armed");

    private static final int READING = 1;
    private static final int WRITING = 2;
    private static final int ENDING = 4;

    private final Endpoint endpoint;
    // Read and written through ARMED only.
    @SuppressWarnings("UnusedVariable")
    private volatile int armed;

    ReadinessWatch(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Has somebody called when the socket may be ready for more, or its state has changed; it must not block. */
    public void join(Runnable wake) {
        endpoint.addWatcher(wake);
    }

    /** Calls it no more. */
    public void leave(Runnable wake) {
        endpoint.removeWatcher(wake);
    }

    /** Calls those who joined once a receive or an accept would not wait. */
    public void armRead() {
        AcceptQueue queue = endpoint.acceptQueue();
        DatagramPort port = endpoint.datagramPort();
        DuplexStream stream = stream();
        if (queue != null && arm(READING)) {
            queue.whenReady(() -> ready(READING));
        } else if (port != null && arm(READING)) {
            port.queue().whenReady(() -> ready(READING));
        } else if (stream != null && arm(READING)) {
            stream.whenReadable(() -> ready(READING));
        }
    }

    /** Calls those who joined once a send would not wait; what datagram sockets keep tells its end as a change of state. */
    public void armWrite() {
        DuplexStream stream = stream();
        if (stream != null && arm(WRITING)) {
            stream.whenWritable(() -> ready(WRITING));
        }
    }

    /** Calls those who joined once the peer has ended its direction, or the connection is reset. */
    public void armEnd() {
        DuplexStream stream = stream();
        if (stream != null && arm(ENDING) && !stream.whenInputEnded(() -> ready(ENDING))) {
            disarm(ENDING);
        }
    }

    /** The bytes; null before there is a connection, whose making is a change of state. */
    private @Nullable DuplexStream stream() {
        return endpoint.state() == ConnectionState.CONNECTING ? null : endpoint.stream();
    }

    /** Marks a side as watched; false if it is. */
    private boolean arm(int side) {
        return (ARMED.getAndUpdate(this, sides -> sides | side) & side) == 0;
    }

    private void disarm(int side) {
        ARMED.updateAndGet(this, sides -> sides & ~side);
    }

    private void ready(int side) {
        // In this order: who finds it armed still is called.
        disarm(side);
        endpoint.tellWatchers();
    }
}
