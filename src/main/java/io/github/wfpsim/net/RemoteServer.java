package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plain server somewhere on the network: an address and a queue of connections. Safe for use by many threads; guarded
 * by a private monitor.
 */
public final class RemoteServer implements NetworkNode, AutoCloseable {

    private static final int STREAM_BYTES = 65_536;

    private final Network network;
    private final InetSocketAddress address;
    private final Object monitor = new Object();
    private final ArrayDeque<DuplexStream> waiting = new ArrayDeque<>();
    private int takers;
    private boolean closed;

    RemoteServer(Network network, InetSocketAddress address) {
        this.network = network;
        this.address = address;
    }

    /**
     * Tells where the server is.
     *
     * @return its address and port
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * Accepts the oldest waiting connection.
     *
     * @param deadline when to give up
     * @return the server's end; null if the deadline passed or the server was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public @Nullable DuplexStream accept(Deadline deadline) throws InterruptedException {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
        DuplexStream there = poll();
        return there == null ? acceptWaiting(deadline) : there;
    }

    private @Nullable DuplexStream poll() {
        synchronized (monitor) {
            return waiting.poll();
        }
    }

    private @Nullable DuplexStream acceptWaiting(Deadline deadline) throws InterruptedException {
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                takers++;
                try {
                    while (waiting.isEmpty() && !closed && !deadline.isExpired()) {
                        monitor.wait();
                    }
                } finally {
                    takers--;
                }
                return waiting.poll();
            }
        }
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        Objects.requireNonNull(asSeenByReceiver, "asSeenByReceiver must not be null: give the five-tuple");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        boolean open;
        synchronized (monitor) {
            open = !closed;
        }
        if (open) {
            dialer.letIn(new Arrival(DuplexStream.pair(STREAM_BYTES)));
        } else {
            dialer.refuse(new ConnectException("the server at " + address + " is closed"));
        }
    }

    private final class Arrival implements InboundConnection {

        private final DuplexStream.StreamPair pair;

        Arrival(DuplexStream.StreamPair pair) {
            this.pair = pair;
        }

        @Override
        public DuplexStream dialerEnd() {
            return pair.left();
        }

        @Override
        public void established() {
            synchronized (monitor) {
                if (!closed) {
                    waiting.add(pair.right());
                    wakeTakers();
                    return;
                }
            }
            pair.right().reset();
        }

        @Override
        public void abandon() {
            pair.right().reset();
        }
    }

    private void wake() {
        synchronized (monitor) {
            wakeTakers();
        }
    }

    /** Called inside the monitor. To notify nobody is not free. */
    private void wakeTakers() {
        if (takers > 0) {
            monitor.notifyAll();
        }
    }

    /** Closes the server and resets connections that nobody accepted. A second call does nothing. */
    @Override
    public void close() {
        ArrayDeque<DuplexStream> orphans;
        synchronized (monitor) {
            closed = true;
            orphans = new ArrayDeque<>(waiting);
            waiting.clear();
            wakeTakers();
        }
        orphans.forEach(DuplexStream::reset);
        network.forget(address, this);
    }
}
