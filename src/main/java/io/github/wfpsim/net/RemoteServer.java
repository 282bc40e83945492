package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A plain server somewhere on the network: an address and a queue of connections, made by {@link Network#listen}. Safe for
 * use by many threads.
 */
public interface RemoteServer extends AutoCloseable {

    /** {@return where the server is: its address and port} */
    InetSocketAddress address();

    /**
     * Accepts the oldest waiting connection.
     *
     * @param deadline when to give up
     * @return the server's end; null if the deadline passed or the server was closed
     * @throws InterruptedException if the thread was interrupted
     */
    @Nullable
    DuplexStream accept(Deadline deadline) throws InterruptedException;

    /**
     * Hands every connection to somebody instead of to {@link #accept}, those that wait already first.
     *
     * @param next takes the server's end, on the thread that connects and without a lock; it must not block
     */
    void whenConnected(Consumer<DuplexStream> next);

    /** Closes the server and resets connections that nobody accepted. A second call does nothing. */
    @Override
    void close();
}
