package io.github.wfpsim.verifier;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the faults of one call back until its work is done, so that the state afterwards is the same whether faults are
 * thrown or recorded. Used by one thread, in try-with-resources; the outermost scope throws.
 */
public final class FaultScope implements AutoCloseable {

    private final Verifier verifier;
    private final @Nullable FaultScope outer;
    private final List<FaultException> faults = new ArrayList<>(0);

    FaultScope(Verifier verifier, @Nullable FaultScope outer) {
        this.verifier = verifier;
        this.outer = outer;
    }

    @Nullable
    FaultScope outer() {
        return outer;
    }

    void add(FaultException fault) {
        FaultScope around = outer;
        if (around == null) {
            faults.add(fault);
        } else {
            around.add(fault);
        }
    }

    /**
     * Ends the scope and leaves its faults for {@link Verifier#throwDeferred()}: the caller is another machine, whose
     * state must not depend on this one's faults.
     */
    public void defer() {
        verifier.leave(this);
        verifier.defer(faults);
        faults.clear();
    }

    /**
     * Ends the scope.
     *
     * @throws FaultException the first fault, if this is the outermost scope and there was one
     */
    @Override
    public void close() {
        verifier.leave(this);
        Verifier.throwFirst(faults);
    }
}
