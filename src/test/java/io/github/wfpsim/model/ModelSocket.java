package io.github.wfpsim.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket of the model, and the endpoint that it has. */
final class ModelSocket {

    /** The stages of a socket. */
    enum State {
        OPEN,
        BOUND,
        LISTENING,
        CONNECTED
    }

    /** An address; ports from 49152 on are numbers of the model's own. */
    record Address(String ip, int port) {

        static final Address NONE = new Address("0.0.0.0", 0);

        boolean isAny() {
            return ip.equals("0.0.0.0");
        }

        boolean isLoopback() {
            return ip.startsWith("127.");
        }

        boolean isOwn() {
            return isLoopback() || ip.equals("192.0.2.2");
        }
    }

    /** One redirect of a chain (REC-16). */
    record Entry(int id, String from, String handle, Actor target, int depth, int lineage) {

        @Override
        public String toString() {
            return handle + " to " + target + " hop " + depth;
        }
    }

    /**
     * The redirects that led to a connection, as the loop guard counts them (REC-60).
     *
     * @param before those that its own chain does not list; null if there are none
     * @param first where the oldest of its chain was headed
     * @param chain its own
     */
    record Turns(@Nullable Turns before, String first, List<Entry> chain) {

        int depth() {
            return chain.get(chain.size() - 1).depth();
        }

        /** How often the newest redirect's target has had this. All callouts of the model are one driver's. */
        long count() {
            Actor target = chain.get(chain.size() - 1).target();
            long count = 0;
            for (Turns part = this; part != null; part = part.before) {
                if (part.first.equals(first)) {
                    count += part.chain.stream()
                            .filter(entry -> entry.target() == target)
                            .count();
                }
            }
            return count;
        }
    }

    /** A redirected connection: what its acceptor may ask for, and how many ends it still has (REC-29). */
    static final class Flow {

        final List<Entry> chain;
        final String context;
        final int lineage;
        final Turns turns;
        int ends = 1;

        Flow(List<Entry> chain, String context, int lineage, Turns turns) {
            this.turns = turns;
            this.chain = chain;
            this.context = context;
            this.lineage = lineage;
        }

        Entry newest() {
            return chain.get(chain.size() - 1);
        }
    }

    final int number;
    final Actor owner;
    final boolean udp;
    final boolean overlapped;
    State state = State.OPEN;
    Address local = Address.NONE;
    /** What bind reserved, and when: the how manieth bind. */
    Address bound;

    int boundAt;
    Account boundBy;

    Address remote;
    Address effective;
    ModelSocket parent;
    List<Entry> inherited = List.of();
    Flow flow;
    boolean acceptor;
    ModelStream stream;
    boolean nonBlocking;
    boolean abortive;
    boolean closed;
    int backlog;
    final List<ModelSocket> waiting = new ArrayList<>();

    ModelSocket(int number, Actor owner, boolean udp, boolean overlapped) {
        this.number = number;
        this.owner = owner;
        this.udp = udp;
        this.overlapped = overlapped;
    }

    int lineage() {
        if (flow != null) {
            return flow.lineage;
        }
        return inherited.isEmpty() ? number : inherited.get(0).lineage();
    }

    Names.Row row() {
        return new Names.Row(
                number,
                parent == null ? null : parent.number,
                lineage(),
                owner,
                udp ? "UDP" : "TCP",
                state.name(),
                local.ip(),
                local.port(),
                remote == null ? null : remote.ip(),
                remote == null ? 0 : remote.port(),
                effective == null ? null : effective.ip(),
                effective == null ? 0 : effective.port(),
                inherited.stream().map(Entry::toString).toList(),
                flow == null
                        ? List.of()
                        : flow.chain.stream().map(Entry::toString).toList());
    }
}
