package io.github.wfpsim.machine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of something that was started, and the one who hears of it, once, whichever of the two comes first. Safe for
 * use by many threads.
 */
public final class LateOutcome<T> {

    private final AtomicBoolean told = new AtomicBoolean();
    private volatile @Nullable T outcome;
    private volatile @Nullable Consumer<? super T> listener;

    /** Of something that is being started. */
    public LateOutcome() {}

    /** The outcome; null while there is none. */
    public @Nullable T now() {
        return outcome;
    }

    /** Tells the outcome, on this thread if somebody listens already. */
    public void set(T ended) {
        this.outcome = ended;
        tell();
    }

    /** Says who is to hear of the outcome, on this thread if there is one already. */
    public void whenSet(Consumer<? super T> hears) {
        this.listener = hears;
        tell();
    }

    private void tell() {
        T ended = outcome;
        Consumer<? super T> hears = listener;
        if (ended != null && hears != null && told.compareAndSet(false, true)) {
            hears.accept(ended);
        }
    }
}
