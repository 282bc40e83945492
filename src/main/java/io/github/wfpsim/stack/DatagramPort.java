package io.github.wfpsim.stack;

import io.github.wfpsim.machine.Waits;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a datagram socket has beside an endpoint: what it has not received yet, and its flows by far end. Safe for use by
 * many threads; finding a flow takes no lock.
 */
final class DatagramPort {

    private final DatagramQueue queue;
    private final ConcurrentHashMap<InetSocketAddress, DatagramFlow> byFar = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<InetSocketAddress, DatagramFlow> byEffective = new ConcurrentHashMap<>();
    private final Object lock = new Object();
    private final List<Runnable> waitingForBind = new ArrayList<>(0);
    private final AtomicInteger waitingToGo = new AtomicInteger();
    private volatile boolean tellsUnreachable = true;
    private volatile boolean sendEnded;
    private volatile boolean receiveEnded;

    DatagramPort(Waits waits, Supplier<String> what) {
        this.queue = new DatagramQueue(waits, what);
    }

    DatagramQueue queue() {
        return queue;
    }

    /** Whether the owner hears of packets that nobody took, SIO_UDP_CONNRESET. */
    boolean tellsUnreachable() {
        return tellsUnreachable;
    }

    void setTellsUnreachable(boolean tells) {
        this.tellsUnreachable = tells;
    }

    /** Ends directions for good, as shutdown does; what arrives is queued all the same. */
    void end(boolean sending, boolean receiving) {
        if (sending) {
            sendEnded = true;
        }
        if (receiving) {
            receiveEnded = true;
        }
    }

    boolean isSendEnded() {
        return sendEnded;
    }

    boolean isReceiveEnded() {
        return receiveEnded;
    }

    /**
     * Takes room for bytes that may have to wait before they go, SO_SNDBUF. If nothing waits there is always room.
     *
     * @param limit the room, in bytes without sign
     * @return false if there is no room
     */
    boolean reserveToSend(int size, int limit) {
        while (true) {
            int waits = waitingToGo.get();
            if (waits > 0 && waits + (long) size > Integer.toUnsignedLong(limit)) {
                return false;
            }
            if (waitingToGo.compareAndSet(waits, waits + Math.max(1, size))) {
                return true;
            }
        }
    }

    /** Gives the room of {@link #reserveToSend} back. */
    void releaseToSend(int size) {
        waitingToGo.addAndGet(-Math.max(1, size));
    }

    /** Bytes that wait before they go; 0 if none do. */
    int waitingToGo() {
        return waitingToGo.get();
    }

    /** The flow to or from a far end as the owner sees it, or null. */
    @Nullable
    DatagramFlow flowTo(InetSocketAddress far) {
        return byFar.get(far);
    }

    /** The flow whose packets really come from an address, or null. */
    @Nullable
    DatagramFlow flowFrom(InetSocketAddress effective) {
        return byEffective.get(effective);
    }

    /** Adds a flow; if there is one to the same far end, that one is given and nothing changes. */
    @Nullable
    DatagramFlow add(DatagramFlow flow) {
        return byFar.putIfAbsent(flow.far(), flow);
    }

    /** Lets what comes from the flow's effective far end belong to this flow, whichever it belonged to before. */
    void answersComeTo(DatagramFlow flow) {
        InetSocketAddress effective = flow.endpoint().effectiveRemote();
        if (effective != null && byEffective.get(effective) != flow) {
            byEffective.put(effective, flow);
            if (flow.endpoint().isClosed()) {
                // Closed by another thread meanwhile, which may have looked for the entry too early.
                byEffective.remove(effective, flow);
            }
        }
    }

    /** Takes a flow away. */
    void forget(DatagramFlow flow) {
        byFar.remove(flow.far(), flow);
        InetSocketAddress effective = flow.endpoint().effectiveRemote();
        if (effective != null) {
            byEffective.remove(effective, flow);
        }
    }

    List<DatagramFlow> flows() {
        return List.copyOf(byFar.values());
    }

    /** Closes the queue; what nobody has received. */
    List<DatagramQueue.Entry> close() {
        return queue.close();
    }

    // ---- waiting for another thread's bind

    /** Has somebody called when the bind that another thread performs has ended. */
    void whenBindEnds(Runnable next) {
        synchronized (lock) {
            waitingForBind.add(next);
        }
    }

    /** A bind has ended, well or not. Nobody is called inside the lock. */
    void bindEnded() {
        List<Runnable> next;
        synchronized (lock) {
            next = List.copyOf(waitingForBind);
            waitingForBind.clear();
        }
        next.forEach(Runnable::run);
    }
}
