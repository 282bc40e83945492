package io.github.wfpsim.bench;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The least work that could give the same result as a redirected exchange: an object and a hash entry for each socket and
 * each five-tuple, an accept queue, a copied record, and each byte copied into a buffer and out of it. No rules.
 */
final class ExchangeFloor {

    private static final int RECORD_BYTES = 136;
    private static final int CONTEXT_BYTES = 16;
    private static final int FIRST_PORT = 49_152;
    private static final int RANGE = 16_384;

    private record Pair(InetSocketAddress local, InetSocketAddress remote) {}

    /** A socket. */
    private static final class End {
        private final long handle;
        private final InetSocketAddress local;
        private final InetSocketAddress remote;
        private byte[] incoming;
        private int waiting;
        private End peer;
        private byte[] records;
        private byte[] context;

        End(long handle, InetSocketAddress local, InetSocketAddress remote) {
            this.handle = handle;
            this.local = local;
            this.remote = remote;
        }

        void send(byte[] bytes) {
            if (peer.incoming == null) {
                peer.incoming = new byte[bytes.length];
            }
            System.arraycopy(bytes, 0, peer.incoming, 0, bytes.length);
            peer.waiting = bytes.length;
        }

        int receive(byte[] into) {
            int count = waiting;
            System.arraycopy(incoming, 0, into, 0, count);
            waiting = 0;
            return count;
        }
    }

    private final ConcurrentHashMap<Long, End> ends = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Pair, End> pairs = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<InetSocketAddress, ArrayDeque<End>> listeners = new ConcurrentHashMap<>();
    private final InetSocketAddress proxy = new InetSocketAddress("127.0.0.1", 8080);
    private final InetSocketAddress origin = new InetSocketAddress("203.0.113.10", 80);
    private final byte[] payload;
    private final byte[] room;
    private final byte[] record = new byte[RECORD_BYTES];
    private final byte[] redirectContext = new byte[CONTEXT_BYTES];
    private long lastHandle;
    private int lastPort;

    ExchangeFloor(int payloadBytes) {
        payload = new byte[payloadBytes];
        room = new byte[payloadBytes];
        listeners.put(proxy, new ArrayDeque<>());
        listeners.put(origin, new ArrayDeque<>());
    }

    private End connect(InetSocketAddress asked, InetSocketAddress reached) {
        InetSocketAddress local = new InetSocketAddress(proxy.getAddress(), FIRST_PORT + lastPort++ % RANGE);
        End client = opened(local, asked);
        pairs.put(new Pair(local, asked), client);
        End accepted = opened(reached, local);
        client.peer = accepted;
        accepted.peer = client;
        listeners.get(reached).add(accepted);
        return client;
    }

    private End opened(InetSocketAddress local, InetSocketAddress remote) {
        End end = new End(++lastHandle, local, remote);
        ends.put(end.handle, end);
        return end;
    }

    private End accept(InetSocketAddress address) {
        return listeners.get(address).poll();
    }

    private void close(End end) {
        ends.remove(end.handle);
        pairs.remove(new Pair(end.local, end.remote));
    }

    int exchange() {
        End app = connect(origin, proxy);
        End inbound = accept(proxy);
        inbound.records = record.clone();
        inbound.context = redirectContext.clone();
        byte[] queried = ends.get(inbound.handle).records.clone();
        byte[] context = ends.get(inbound.handle).context.clone();
        End onward = connect(origin, origin);
        ends.get(onward.handle).records = queried.clone();
        End atOrigin = accept(origin);
        app.send(payload);
        inbound.receive(room);
        onward.send(room);
        atOrigin.receive(room);
        atOrigin.send(room);
        onward.receive(room);
        inbound.send(room);
        int received = app.receive(room);
        close(app);
        close(inbound);
        close(onward);
        close(atOrigin);
        return received + context.length;
    }
}
