package io.github.wfpsim.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The least work that could give the same result as a redirected exchange: an object and a hash entry for each socket and
 * each five-tuple, an accept queue, a copied record, and each byte copied into a buffer and out of it. No rules.
 */
final class ExchangeFloor {

    private static final int RECORD_BYTES = 136;
    private static final int CONTEXT_BYTES = 16;
    private static final int FIRST_PORT = 49_152;
    private static final int RANGE = 16_384;
    private static final int FIRST_PROXY_PORT = 8080;
    private static final int FIRST_ORIGIN_PORT = 80;

    private record Pair(InetSocketAddress local, InetSocketAddress remote) {}

    private final ConcurrentHashMap<Long, End> ends = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Pair, End> pairs = new ConcurrentHashMap<>();
    private final AtomicLong lastHandle = new AtomicLong();
    private final AtomicLong lastLane = new AtomicLong();

    /** A socket. */
    private static final class End {
        private final long handle;
        private final InetSocketAddress local;
        private final InetSocketAddress remote;
        private byte[] incoming = {};
        private int waiting;
        private @Nullable End peer;
        private byte[] records = {};
        private byte[] context = {};

        End(long handle, InetSocketAddress local, InetSocketAddress remote) {
            this.handle = handle;
            this.local = local;
            this.remote = remote;
        }

        void send(byte[] bytes) {
            End to = Objects.requireNonNull(peer);
            if (to.incoming.length == 0) {
                to.incoming = new byte[bytes.length];
            }
            System.arraycopy(bytes, 0, to.incoming, 0, bytes.length);
            to.waiting = bytes.length;
        }

        int receive(byte[] into) {
            int count = waiting;
            System.arraycopy(incoming, 0, into, 0, count);
            waiting = 0;
            return count;
        }
    }

    /** What one thread uses: a proxy and an origin. */
    final class Lane {

        private final ArrayDeque<End> atProxy = new ArrayDeque<>();
        private final ArrayDeque<End> atOrigin = new ArrayDeque<>();
        private final InetSocketAddress proxy;
        private final InetSocketAddress origin;
        private final byte[] payload = new byte[RedirectedMachine.PAYLOAD_BYTES];
        private final byte[] room = new byte[RedirectedMachine.PAYLOAD_BYTES];
        private final byte[] record = new byte[RECORD_BYTES];
        private final byte[] redirectContext = new byte[CONTEXT_BYTES];
        private int lastPort;

        Lane() {
            int number = (int) lastLane.getAndIncrement();
            proxy = new InetSocketAddress(InetAddress.getLoopbackAddress(), FIRST_PROXY_PORT + number);
            origin = new InetSocketAddress("203.0.113.10", FIRST_ORIGIN_PORT + number);
        }

        /** A connection that lives on, redirected and accepted. */
        void leaveOpen(InetSocketAddress asked) {
            connect(asked, proxy, atProxy);
            redirect(atProxy.remove());
        }

        /** No payload. */
        int connection() {
            End app = connect(origin, proxy, atProxy);
            End inbound = redirect(atProxy.remove());
            End onward = passOn(inbound);
            End last = atOrigin.remove();
            return closeAll(app, inbound, onward, last);
        }

        /** With 1 KiB each way. */
        int exchange() {
            End app = connect(origin, proxy, atProxy);
            End inbound = redirect(atProxy.remove());
            End onward = passOn(inbound);
            End last = atOrigin.remove();
            app.send(payload);
            inbound.receive(room);
            onward.send(room);
            last.receive(room);
            last.send(room);
            onward.receive(room);
            inbound.send(room);
            int received = app.receive(room);
            return received + closeAll(app, inbound, onward, last);
        }

        private End connect(InetSocketAddress asked, InetSocketAddress reached, ArrayDeque<End> queue) {
            InetSocketAddress local = new InetSocketAddress(proxy.getAddress(), FIRST_PORT + lastPort++ % RANGE);
            End client = opened(local, asked);
            pairs.put(new Pair(local, asked), client);
            End accepted = opened(reached, local);
            client.peer = accepted;
            accepted.peer = client;
            queue.add(accepted);
            return client;
        }

        private End redirect(End inbound) {
            inbound.records = record.clone();
            inbound.context = redirectContext.clone();
            return inbound;
        }

        private End passOn(End inbound) {
            byte[] queried = found(inbound).records.clone();
            byte[] context = found(inbound).context.clone();
            End onward = connect(origin, origin, atOrigin);
            End self = found(onward);
            self.records = queried.clone();
            self.context = context;
            return onward;
        }

        private int closeAll(End app, End inbound, End onward, End last) {
            close(app);
            close(inbound);
            close(onward);
            close(last);
            return inbound.context.length + onward.records.length;
        }
    }

    private End opened(InetSocketAddress local, InetSocketAddress remote) {
        End end = new End(lastHandle.incrementAndGet(), local, remote);
        ends.put(end.handle, end);
        return end;
    }

    private End found(End end) {
        return Objects.requireNonNull(ends.get(end.handle));
    }

    private void close(End end) {
        ends.remove(end.handle);
        pairs.remove(new Pair(end.local, end.remote));
    }
}
