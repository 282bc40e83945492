package io.github.wfpsim.verifier;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Thrown for a fault while {@code faultMode} is THROW. Further faults of the same call are suppressed exceptions. */
public final class FaultException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Finding<Fault> violation;

    /**
     * Creates the exception of one fault.
     *
     * @param violation the fault
     * @param cause what a callout threw, or null
     */
    public FaultException(Finding<Fault> violation, @Nullable Throwable cause) {
        super(message(violation), cause);
        this.violation = violation;
    }

    private static String message(Finding<Fault> violation) {
        Objects.requireNonNull(violation, "violation must not be null: give the fault");
        return violation + ": " + violation.kind().remedy();
    }

    /** {@return the fault that was found} */
    public Finding<Fault> violation() {
        return violation;
    }
}
