package io.github.wfpsim.verifier;

import java.util.List;
import java.util.Objects;

/**
 * One fault or diagnostic that came up. Immutable.
 *
 * @param <K> {@link Fault} or {@link Diagnostic}
 * @param kind what it is: which rule was broken, or what is worth knowing
 * @param object by whom, or on what
 * @param detail what was done or seen, in words
 */
public record Finding<K extends Finding.Kind>(K kind, String object, String detail) {

    /**
     * Checks that nothing is missing.
     *
     * @param kind what it is
     * @param object by whom, or on what
     * @param detail what was done or seen, in words
     */
    public Finding {
        Objects.requireNonNull(kind, "kind must not be null: say what it is");
        Objects.requireNonNull(object, "object must not be null: say by whom");
        Objects.requireNonNull(detail, "detail must not be null: say what was done or seen");
    }

    @Override
    public String toString() {
        return kind + " " + kind.rules() + ": " + object + ": " + detail;
    }

    /** What can be found. */
    public sealed interface Kind permits Fault, Diagnostic {

        /** {@return the name, such as {@code POOL_LEAK}} */
        String name();

        /** {@return the requirements that define this, ids of the catalogue; at least one} */
        List<String> rules();

        /** {@return what to do about it, in words without a full stop} */
        String remedy();
    }
}
