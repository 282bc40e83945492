package io.github.wfpsim.verifier;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What was still held when something was closed. Immutable.
 *
 * <p>Requirement: WFP-80.
 *
 * @param held one entry per object; empty after a clean run
 */
public record TeardownReport(List<Held> held) {

    /**
     * One object that is still held.
     *
     * @param kind what it is
     * @param object which one
     * @param holder who holds it
     * @param detail further facts, such as the fault that it raises
     */
    public record Held(String kind, String object, String holder, String detail) {

        @Override
        public String toString() {
            return kind + " " + object + " held by " + holder + " (" + detail + ")";
        }
    }

    /**
     * Copies the list.
     *
     * @param held one entry per object
     */
    public TeardownReport {
        held = List.copyOf(Objects.requireNonNull(held, "held must not be null: give an empty list for a clean run"));
    }

    /** {@return whether nothing is held, as after a clean run} */
    public boolean isEmpty() {
        return held.isEmpty();
    }

    @Override
    public String toString() {
        return held.isEmpty()
                ? "nothing held"
                : held.stream().map(Held::toString).collect(Collectors.joining(System.lineSeparator()));
    }
}
