package io.github.wfpsim.recorder;

import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceListener;
import io.github.wfpsim.trace.TraceLog;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing side of the trace: where events are emitted. Safe for use by many threads.
 *
 * <p>Callers that build an event ask {@link #isListening()} first, which is one read of a field.
 */
public final class TraceRecorder implements Trace {

    private static final Logger LOG = LoggerFactory.getLogger(TraceRecorder.class);

    private final VirtualClock clock;
    private final EventRing log;
    private final boolean keeping;
    private final List<TraceListener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean listening;

    /**
     * Creates the trace of one machine.
     *
     * @param clock gives the time of events
     * @param capacity how many events the log keeps; 0 for none
     */
    public TraceRecorder(VirtualClock clock, int capacity) {
        this.clock = Objects.requireNonNull(clock, "clock must not be null");
        if (capacity < 0) {
            throw new IllegalArgumentException("capacity must not be negative but was " + capacity);
        }
        this.log = new EventRing(capacity);
        this.keeping = capacity > 0;
        this.listening = keeping;
    }

    /** {@return whether anybody would notice an event; false if neither the log keeps nor a listener hears events} */
    public boolean isListening() {
        return listening;
    }

    /**
     * Emits an event, if anybody listens.
     *
     * @param event what happened
     */
    public void emit(TraceEvent event) {
        Objects.requireNonNull(event, "event must not be null: say what happened");
        if (!listening) {
            return;
        }
        TraceLog.Entry entry = log.append(clock.now(), event);
        LOG.trace("{}", event);
        for (TraceListener listener : listeners) {
            tell(listener, entry);
        }
    }

    private static void tell(TraceListener listener, TraceLog.Entry entry) {
        try {
            listener.onEvent(entry);
        } catch (RuntimeException | AssertionError thrown) {
            LOG.warn("trace listener {} threw on event {}: mend the listener", listener, entry.sequence(), thrown);
        }
    }

    @Override
    public Registration addListener(TraceListener listener) {
        Objects.requireNonNull(listener, "listener must not be null: give a function of an entry");
        synchronized (listeners) {
            listeners.add(listener);
            listening = true;
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                remove(listener);
            }
        };
    }

    private void remove(TraceListener listener) {
        synchronized (listeners) {
            listeners.remove(listener);
            listening = keeping || !listeners.isEmpty();
        }
    }

    @Override
    public TraceLog log() {
        return log;
    }
}
