package io.github.wfpsim.recorder;

import io.github.wfpsim.verifier.FaultException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the faults of one call back until its work is done, so that the state afterwards is the same whether faults are
 * thrown or recorded. Used in try-with-resources; the outermost scope throws. Work that goes on on another thread takes
 * its scope along with {@link #suspend()} and {@link #resume()}; one thread uses it at a time.
 */
public final class FaultScope implements AutoCloseable {

    /** What one thread keeps: its innermost scope, which nobody else changes. */
    static final class Place {
        private final Thread thread = Thread.currentThread();
        private @Nullable FaultScope scope;

        @Nullable
        FaultScope scope() {
            return scope;
        }
    }

    private final FaultRecorder verifier;
    private final @Nullable FaultScope outer;
    private @Nullable FaultScope beneath;
    private @Nullable Place entered;
    // Null until there is a fault; guarded by this, as faults may come from other threads.
    private volatile @Nullable List<FaultException> faults;

    FaultScope(FaultRecorder verifier, Place place) {
        this.verifier = verifier;
        this.outer = place.scope;
        enter(place);
    }

    private void enter(Place place) {
        beneath = place.scope;
        place.scope = this;
        entered = place;
    }

    void add(FaultException fault) {
        synchronized (this) {
            List<FaultException> kept = faults;
            if (kept == null) {
                kept = new ArrayList<>(1);
                faults = kept;
            }
            kept.add(fault);
        }
    }

    private List<FaultException> take() {
        if (faults == null) {
            return List.of();
        }
        synchronized (this) {
            List<FaultException> taken = faults;
            faults = null;
            return taken == null ? List.of() : taken;
        }
    }

    /** Takes the scope off the calling thread; its faults wait. Does nothing if the scope is not there. */
    public void suspend() {
        Place place = entered;
        // Another thread may have resumed it meanwhile, whose place is not ours to change.
        if (place != null && place.thread == Thread.currentThread()) {
            entered = null;
            place.scope = beneath;
        }
    }

    /** Enters the scope on the calling thread. */
    public void resume() {
        enter(verifier.place());
    }

    /**
     * Ends the scope and leaves its faults for {@link FaultRecorder#throwDeferred()}: nobody is there to throw them at, or it
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
        if (own.isEmpty()) {
            return;
        }
        if (around == null) {
            FaultRecorder.throwFirst(own);
        } else {
            own.forEach(around::add);
        }
    }
}
