package io.github.wfpsim.machine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What lives in something that can close: whoever moves in while it closes is either among those that {@link #close} gives
 * out, or turned away. Safe for use by many threads; its monitor guards it, and nothing is called inside.
 *
 * @param <T> what lives there; identity or equality, as the type has it
 */
public final class Residents<T> {

    private final Set<T> inside = new LinkedHashSet<>();
    private boolean closed;

    /**
     * Moves in.
     *
     * @param resident who
     * @return false if it is closed
     */
    public boolean add(T resident) {
        synchronized (this) {
            return !closed && inside.add(resident);
        }
    }

    /**
     * Moves out.
     *
     * @param resident who
     */
    public void remove(T resident) {
        synchronized (this) {
            inside.remove(resident);
        }
    }

    /** {@return who lives there now, in the order of moving in} */
    public List<T> now() {
        synchronized (this) {
            return new ArrayList<>(inside);
        }
    }

    /**
     * Turns everybody away from now on. Those inside stay listed.
     *
     * @return who was inside, in the order of moving in
     */
    public List<T> close() {
        synchronized (this) {
            closed = true;
            return new ArrayList<>(inside);
        }
    }
}
