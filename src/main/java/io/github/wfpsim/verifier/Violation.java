package io.github.wfpsim.verifier;

import java.util.Objects;

/**
 * One fault that happened. Immutable.
 *
 * @param fault which rule was broken
 * @param object by whom, or on what
 * @param detail what was done, in words
 */
public record Violation(Fault fault, String object, String detail) {

    /**
     * Checks that nothing is missing.
     *
     * @param fault which rule was broken
     * @param object by whom, or on what
     * @param detail what was done, in words
     */
    public Violation {
        Objects.requireNonNull(fault, "fault must not be null: say which rule was broken");
        Objects.requireNonNull(object, "object must not be null: say by whom");
        Objects.requireNonNull(detail, "detail must not be null: say what was done");
    }

    @Override
    public String toString() {
        return fault + " " + fault.rules() + ": " + object + ": " + detail;
    }
}
