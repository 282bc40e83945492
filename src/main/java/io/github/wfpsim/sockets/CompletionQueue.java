package io.github.wfpsim.sockets;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.winsock.CompletionPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The packets of a completion port. */
final class CompletionQueue implements CompletionPort {

    private final WaitingQueue<Entry> packets;

    CompletionQueue(Waits waits) {
        this.packets = new WaitingQueue<>(waits, () -> "a packet at a completion port");
    }

    /** The port as this room knows it; a port comes from CreateIoCompletionPort. */
    static CompletionQueue of(CompletionPort port) {
        Objects.requireNonNull(port, "completionPort must not be null: give one that CreateIoCompletionPort made");
        if (port instanceof CompletionQueue queue) {
            return queue;
        }
        throw new IllegalArgumentException(
                port + " is no port of a machine: give one that CreateIoCompletionPort made");
    }

    /** Adds a packet; false if the port is closed. */
    boolean post(Entry entry) {
        return packets.offer(entry);
    }

    /** Takes packets, waiting for the first; none if the deadline passed or the port is closed. */
    List<Entry> take(int most, Deadline deadline) throws InterruptedException {
        List<Entry> taken = new ArrayList<>();
        for (Entry entry = packets.take(deadline); entry != null; entry = packets.poll()) {
            taken.add(entry);
            if (taken.size() >= most) {
                break;
            }
        }
        return taken;
    }

    @Override
    public boolean isClosed() {
        return packets.isClosed();
    }

    @Override
    public void close() {
        packets.close();
    }
}
