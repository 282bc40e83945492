package io.github.wfpsim.verifier;

/**
 * One diagnostic that came up. Immutable.
 *
 * @param diagnostic what it is
 * @param object by whom, or on what
 * @param detail what was seen, in words
 */
public record Finding(Diagnostic diagnostic, String object, String detail) {

    @Override
    public String toString() {
        return diagnostic + " " + diagnostic.rules() + ": " + object + ": " + detail;
    }
}
