package io.github.wfpsim.recorder;

import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.verifier.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of the verifier: where faults and diagnostics of one machine go.
 *
 * <p>With {@code faultMode} THROW a fault is thrown by the call that committed it; inside a {@link FaultScope} it waits
 * for the scope's end, so that a fault inside classifyFn surfaces from the call that caused the classification. With
 * RECORD it is only recorded. Safe for use by many threads; the private lock guards the lists and nothing is called
 * inside it.
 */
public final class FaultRecorder implements Verifier {

    private final FaultMode mode;
    private final TraceRecorder trace;

    @SuppressWarnings("ThreadLocalUsage") // One for each machine: two machines never share a scope.
    private final ThreadLocal<FaultScope.Place> places = ThreadLocal.withInitial(FaultScope.Place::new);

    private final Object lock = new Object();
    private final List<Finding<Fault>> violations = new ArrayList<>();
    private final List<Finding<Diagnostic>> findings = new ArrayList<>();
    private final List<FaultException> deferred = new ArrayList<>();

    /**
     * Creates the verifier of one machine.
     *
     * @param mode whether faults are thrown
     * @param trace hears of each fault and diagnostic
     */
    public FaultRecorder(FaultMode mode, TraceRecorder trace) {
        this.mode = Objects.requireNonNull(mode, "mode must not be null: give THROW or RECORD");
        this.trace = Objects.requireNonNull(trace, "trace must not be null");
    }

    /**
     * Reports a fault.
     *
     * @param subject whose connection it concerns, or null
     * @param fault which rule was broken
     * @param object by whom, or on what
     * @param detail what was done, in words
     * @throws FaultException in mode THROW, unless the thread is inside a scope
     */
    public void fault(@Nullable Subject subject, Fault fault, String object, String detail) {
        fault(subject, fault, object, detail, null);
    }

    /**
     * Reports a fault that has a cause.
     *
     * @param subject whose connection it concerns, or null
     * @param fault which rule was broken
     * @param object by whom, or on what
     * @param detail what was done, in words
     * @param cause what was thrown, or null
     * @throws FaultException in mode THROW, unless the thread is inside a scope
     */
    public void fault(@Nullable Subject subject, Fault fault, String object, String detail, @Nullable Throwable cause) {
        FaultException exception = record(subject, fault, object, detail, cause);
        if (mode == FaultMode.RECORD) {
            return;
        }
        FaultScope current = place().scope();
        if (current == null) {
            throw exception;
        }
        current.add(exception);
    }

    /**
     * Reports a fault that is found on an engine thread or at the end; {@link #throwDeferred()} throws it.
     *
     * @param subject whose connection it concerns, or null
     * @param fault which rule was broken
     * @param object by whom, or on what
     * @param detail what was done, in words
     */
    public void faultLater(@Nullable Subject subject, Fault fault, String object, String detail) {
        FaultException exception = record(subject, fault, object, detail, null);
        if (mode == FaultMode.THROW) {
            synchronized (lock) {
                deferred.add(exception);
            }
        }
    }

    private FaultException record(
            @Nullable Subject subject, Fault fault, String object, String detail, @Nullable Throwable cause) {
        Objects.requireNonNull(fault, "fault must not be null: say which rule was broken");
        Finding<Fault> violation = new Finding<>(fault, object, detail);
        synchronized (lock) {
            if (violations.size() < MOST_KEPT) {
                violations.add(violation);
            }
        }
        trace.emit(new TraceEvent.FaultRaised(subject, fault.name(), object + ": " + detail, fault.rules()));
        return new FaultException(violation, cause);
    }

    /**
     * Reports a diagnostic.
     *
     * @param subject whose connection it concerns, or null
     * @param diagnostic what it is
     * @param object by whom, or on what
     * @param detail what was seen, in words
     */
    public void diagnose(@Nullable Subject subject, Diagnostic diagnostic, String object, String detail) {
        Objects.requireNonNull(diagnostic, "diagnostic must not be null: say what it is");
        Finding<Diagnostic> finding = new Finding<>(diagnostic, object, detail);
        synchronized (lock) {
            if (findings.size() < MOST_KEPT) {
                findings.add(finding);
            }
        }
        trace.emit(new TraceEvent.DiagnosticRaised(
                subject, diagnostic.name(), object + ": " + detail, diagnostic.rules()));
    }

    /**
     * Holds faults of the calling thread back until the scope is closed.
     *
     * @return the scope, for try-with-resources
     */
    public FaultScope enter() {
        return new FaultScope(this, place());
    }

    FaultScope.Place place() {
        return places.get();
    }

    void defer(List<FaultException> faults) {
        synchronized (lock) {
            deferred.addAll(faults);
        }
    }

    /**
     * Throws what {@link #faultLater} and {@link FaultScope#defer()} kept, once.
     *
     * @throws FaultException the first fault, with the others suppressed
     */
    public void throwDeferred() {
        List<FaultException> pending;
        synchronized (lock) {
            pending = new ArrayList<>(deferred);
            deferred.clear();
        }
        throwFirst(pending);
    }

    static void throwFirst(List<FaultException> faults) {
        if (faults.isEmpty()) {
            return;
        }
        FaultException first = faults.get(0);
        faults.subList(1, faults.size()).forEach(first::addSuppressed);
        throw first;
    }

    @Override
    public List<Finding<Fault>> violations() {
        synchronized (lock) {
            return List.copyOf(violations);
        }
    }

    @Override
    public List<Finding<Diagnostic>> diagnostics() {
        synchronized (lock) {
            return List.copyOf(findings);
        }
    }
}
