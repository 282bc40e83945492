package io.github.wfpsim.verifier;

/**
 * One fault that happened. Immutable.
 *
 * @param fault which rule was broken
 * @param object by whom, or on what
 * @param detail what was done, in words
 */
public record Violation(Fault fault, String object, String detail) {

    @Override
    public String toString() {
        return fault + " " + fault.rules() + ": " + object + ": " + detail;
    }
}
