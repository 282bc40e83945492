package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.FwpmEnumHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An enumeration that was begun: what there was then, and how much of it has been read (WFP-131, WFP-132). */
final class Enumeration<P> implements FwpmEnumHandle<P> {

    private static final int DESTROYED = -1;

    private final PolicySession session;
    private final ObjectKind<?, P, ?> kind;
    private final List<P> entries;

    /** How many entries were read; {@link #DESTROYED} afterwards. */
    private final AtomicInteger read = new AtomicInteger();

    Enumeration(PolicySession session, ObjectKind<?, P, ?> kind, List<P> entries) {
        this.session = session;
        this.kind = kind;
        this.entries = List.copyOf(entries);
    }

    /** Whether it is one of a session, and of such objects: a cast can make anything of a handle. */
    boolean isOf(PolicySession user, ObjectKind<?, ?, ?> objects) {
        return session == user && kind.equals(objects);
    }

    /** The next entries, at most so many; null once it was destroyed. */
    @Nullable
    List<P> next(int most) {
        while (true) {
            int from = read.get();
            if (from == DESTROYED) {
                return null;
            }
            int to = (int) Math.min(entries.size(), from + Integer.toUnsignedLong(most));
            if (read.compareAndSet(from, to)) {
                return entries.subList(from, to);
            }
        }
    }

    /** Ends it; false if that has been done. */
    boolean destroy() {
        return read.getAndSet(DESTROYED) != DESTROYED;
    }

    @Override
    public String toString() {
        return "FwpmEnumHandle[" + entries.size() + " " + kind.name() + "]";
    }
}
