package io.github.wfpsim.verifier;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the faults of one call back until its work is done, so that the state afterwards is the same whether faults are
 * thrown or recorded. Used in try-with-resources; the outermost scope throws. Work that goes on on another thread takes
 * its scope along with {@link #suspend()} and {@link #resume()}; one thread uses it at a time.
 */
public final class FaultScope implements AutoCloseable {

    private final Verifier verifier;
    private final @Nullable FaultScope outer;
    private @Nullable FaultScope beneath;
    private boolean entered;
    private final List<FaultException> faults = new ArrayList<>(0);

    FaultScope(Verifier verifier, @Nullable FaultScope outer) {
        this.verifier = verifier;
        this.outer = outer;
    }

    void add(FaultException fault) {
        synchronized (faults) {
            faults.add(fault);
        }
    }

    private List<FaultException> take() {
        synchronized (faults) {
            List<FaultException> taken = List.copyOf(faults);
            faults.clear();
            return taken;
        }
    }

    /** Takes the scope off its thread; its faults wait. */
    public void suspend() {
        if (entered) {
            entered = false;
            verifier.replaceScope(beneath);
        }
    }

    /** Enters the scope on the calling thread. */
    public void resume() {
        beneath = verifier.replaceScope(this);
        entered = true;
    }

    /**
     * Ends the scope and leaves its faults for {@link Verifier#throwDeferred()}: nobody is there to throw them at, or it
     * is another machine, whose state must not depend on this one's faults.
     */
    public void defer() {
        suspend();
        verifier.defer(take());
    }

    /**
     * Ends the scope.
     *
     * @throws FaultException the first fault, if this is the outermost scope and there was one
     */
    @Override
    public void close() {
        suspend();
        FaultScope around = outer;
        List<FaultException> own = take();
        if (around == null) {
            Verifier.throwFirst(own);
        } else {
            own.forEach(around::add);
        }
    }
}
