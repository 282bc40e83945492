package io.github.wfpsim.verifier;

import java.util.Objects;

/**
 * One diagnostic that came up. Immutable.
 *
 * @param diagnostic what it is
 * @param object by whom, or on what
 * @param detail what was seen, in words
 */
public record Finding(Diagnostic diagnostic, String object, String detail) {

    /**
     * Checks that nothing is missing.
     *
     * @param diagnostic what it is
     * @param object by whom, or on what
     * @param detail what was seen, in words
     */
    public Finding {
        Objects.requireNonNull(diagnostic, "diagnostic must not be null: say what it is");
        Objects.requireNonNull(object, "object must not be null: say by whom");
        Objects.requireNonNull(detail, "detail must not be null: say what was seen");
    }

    @Override
    public String toString() {
        return diagnostic + " " + diagnostic.rules() + ": " + object + ": " + detail;
    }
}
