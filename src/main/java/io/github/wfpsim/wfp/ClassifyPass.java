package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.fwpm.Filter;
import io.github.wfpsim.fwpm.FilterCursor;
import io.github.wfpsim.fwpm.InstalledFilter;
import io.github.wfpsim.fwpm.LayerFilters;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One question to the filters of a layer, from its start to its answer. A callout may put the answer off: the pass then
 * waits where it is, and goes on with the filters below once the callout has completed it.
 *
 * <p>Made by the stack through {@link FilterEngine#ask}. Its steps run one after another, on whatever thread brings the
 * next; a private lock guards whether it is over.
 *
 * <p>Source: Filter Arbitration; FwpsPendClassify0; FwpsCompleteClassify0. Requirements: WFP-58 to WFP-67.
 */
public final class ClassifyPass {

    /** How often a pass may be asked anew, or ask a callout again (WFP-65). */
    static final int MOST_REPEATS = 8;

    private enum Outcome {
        DECIDED,
        UNDECIDED,
        WAITING,
        STARTED_ANEW
    }

    private final FilterEngine engine;
    private final ClassifySession session;
    private final Executor home;
    private final Consumer<Classification> later;

    private LayerFilters asked;
    private Arbitration arbitration = new Arbitration();
    private int subLayer;
    private @Nullable FilterCursor matching;
    private boolean sweeping = true;
    private int repeats;
    private final ArrayDeque<InstalledFilter> again = new ArrayDeque<>(0);

    private final Object lock = new Object();
    private @Nullable CalloutCall waitingFor;
    private boolean over;

    ClassifyPass(
            FilterEngine engine,
            ClassifyInput input,
            LayerFilters asked,
            Executor home,
            Consumer<Classification> later) {
        this.engine = engine;
        this.session = new ClassifySession(engine.verifier(), input);
        this.asked = asked;
        this.home = home;
        this.later = later;
    }

    /**
     * Asks the filters. Called once.
     *
     * @return the answer; null if a callout put it off, which the pass will then hand over later
     */
    public @Nullable Classification start() {
        return run();
    }

    /**
     * Gives the question up: nobody waits for the answer any more. Calls of the callouts that hold it do no harm
     * afterwards, and are required still (WFP-66).
     */
    public void abandon() {
        synchronized (lock) {
            if (over) {
                return;
            }
            over = true;
        }
        session.abandon().forEach(engine.contexts()::free);
    }

    /**
     * Tells who puts the answer off.
     *
     * @return filter, callout and driver, in words; null if nobody does
     */
    public @Nullable String holder() {
        synchronized (lock) {
            CalloutCall call = waitingFor;
            return call == null || over ? null : call.toString();
        }
    }

    private @Nullable Classification run() {
        if (asked.isEmpty()) {
            return conclude();
        }
        while (true) {
            Outcome outcome = askSubLayer();
            if (outcome == Outcome.WAITING) {
                return null;
            }
            if (outcome != Outcome.STARTED_ANEW && !moveOn()) {
                return conclude();
            }
        }
    }

    /** Goes to the next sub-layer, then to callouts that want to be asked again; false if there is nothing left. */
    private boolean moveOn() {
        if (sweeping) {
            subLayer++;
            matching = null;
            if (subLayer < asked.subLayers().size()) {
                return true;
            }
            sweeping = false;
        }
        return askAgain();
    }

    private Outcome askSubLayer() {
        CalloutCall completed = takeWaiting();
        if (completed != null) {
            Outcome outcome = settle(completed);
            if (outcome != Outcome.UNDECIDED) {
                return outcome;
            }
        }
        FilterCursor filters = cursor();
        for (InstalledFilter filter = filters.next(); filter != null; filter = filters.next()) {
            Outcome outcome = ask(filter);
            if (outcome != Outcome.UNDECIDED) {
                return outcome;
            }
        }
        return Outcome.UNDECIDED;
    }

    /** Where the pass stands in its sub-layer. */
    private FilterCursor cursor() {
        FilterCursor filters = matching;
        if (filters == null) {
            filters = asked.subLayers().get(subLayer).matching(session.values());
            matching = filters;
        }
        return filters;
    }

    private Outcome ask(InstalledFilter filter) {
        Filter definition = filter.definition();
        boolean hardByFlag = definition.flags().contains(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT);
        return switch (definition.action()) {
            case FWP_ACTION_PERMIT ->
                vote(filter, new Arbitration.Decision(ActionType.FWP_ACTION_PERMIT, hardByFlag, false));
            case FWP_ACTION_BLOCK -> vote(filter, new Arbitration.Decision(ActionType.FWP_ACTION_BLOCK, true, false));
            case FWP_ACTION_CALLOUT_TERMINATING, FWP_ACTION_CALLOUT_INSPECTION, FWP_ACTION_CALLOUT_UNKNOWN ->
                call(filter);
            case FWP_ACTION_CONTINUE, FWP_ACTION_NONE, FWP_ACTION_NONE_NO_MATCH -> vote(filter, null);
        };
    }

    private Outcome call(InstalledFilter filter) {
        CalloutCall call = new CalloutCall(
                engine, this, filter, arbitration.mayWrite(subLayer), arbitration.standingAction(subLayer));
        call.run();
        synchronized (lock) {
            waitingFor = call;
        }
        if (call.suspend()) {
            return Outcome.WAITING;
        }
        takeWaiting();
        return settle(call);
    }

    private @Nullable CalloutCall takeWaiting() {
        synchronized (lock) {
            CalloutCall call = waitingFor;
            waitingFor = null;
            return call;
        }
    }

    private Outcome settle(CalloutCall call) {
        if (call.asksAnew() && mayRepeat(call.driver())) {
            startAnew();
            return Outcome.STARTED_ANEW;
        }
        return vote(call.filter(), call.decision());
    }

    private Outcome vote(InstalledFilter filter, Arbitration.@Nullable Decision decision) {
        engine.traceFilter(session.input(), filter, decision, arbitration.standingFilter(subLayer));
        if (decision == null) {
            return Outcome.UNDECIDED;
        }
        arbitration.decide(subLayer, decision, filter);
        return Outcome.DECIDED;
    }

    /** A completion without classify-out: the layer is asked from the top, with the filters of now (WFP-61). */
    private void startAnew() {
        session.reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
        engine.traceStart(session.input(), session.values());
        asked = engine.policy().at(session.values().layer());
        arbitration = new Arbitration();
        sweeping = true;
        subLayer = 0;
        matching = null;
        again.clear();
    }

    /** Turns to the next callout whose redirect others have altered and that asked to hear of it (WFP-64). */
    private boolean askAgain() {
        if (again.isEmpty()) {
            List<Long> altered = session.takeAltered();
            if (altered.isEmpty() || !mayRepeat("the callout of filter " + altered.get(0))) {
                return false;
            }
            altered.forEach(this::enqueue);
        }
        InstalledFilter filter = again.poll();
        if (filter == null) {
            return false;
        }
        session.reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
        subLayer = asked.subLayerOf(filter);
        matching = asked.subLayers().get(subLayer).matching(session.values()).startingAt(filter);
        arbitration.retract(subLayer);
        return true;
    }

    private void enqueue(long filterId) {
        InstalledFilter filter = asked.find(filterId);
        if (filter != null) {
            again.add(filter);
        }
    }

    private boolean mayRepeat(String who) {
        if (++repeats <= MOST_REPEATS) {
            return true;
        }
        session.fault(Fault.RECLASSIFY_LIMIT, who, "asked for classification " + repeats + " more times");
        return false;
    }

    /** Goes on after the callout that held the pass has completed it. */
    void resume() {
        home.execute(() -> {
            if (isOver()) {
                return;
            }
            session.reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
            Classification answer = run();
            if (answer != null) {
                later.accept(answer);
            }
        });
    }

    private boolean isOver() {
        synchronized (lock) {
            return over;
        }
    }

    private Classification conclude() {
        synchronized (lock) {
            over = true;
        }
        session.end();
        return engine.conclude(session, arbitration);
    }

    ClassifySession session() {
        return session;
    }
}
