package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.Filter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One round through the filters of a layer with a question. A callout may put the answer off: the round then waits where it
 * is, and goes on with the filters below once the callout has completed it.
 *
 * <p>Made by the stack through {@link FilterEngine#ask}. Its steps run one after another, on whatever thread brings the
 * next; who abandons it takes turns with them.
 *
 * <p>Source: Filter Arbitration; FwpsPendClassify0; FwpsCompleteClassify0. Requirements: WFP-58 to WFP-67.
 */
public final class FilterRound {

    /** How often a round may be asked anew, or ask a callout again (WFP-65). */
    public static final int MOST_REPEATS = 8;

    private enum Outcome {
        DECIDED,
        UNDECIDED,
        WAITING,
        STARTED_ANEW
    }

    private static final AtomicIntegerFieldUpdater<FilterRound> OVER =
            AtomicIntegerFieldUpdater.newUpdater(FilterRound.class, "over");

    private final FilterEngine engine;
    private final Question question;
    private final Executor home;
    private final Consumer<Verdict> later;

    /** Made when there is a filter to ask. */
    private @Nullable LiveRequest opened;

    private LayerFilters asked;
    private Arbitration arbitration = new Arbitration();
    private int subLayer;
    private @Nullable FilterCursor matching;

    /** The first filter that matches, until it is asked. */
    private @Nullable InstalledFilter found;

    /** The filter that was asked last without deciding. */
    private @Nullable InstalledFilter passed;

    private boolean sweeping = true;
    private int repeats;
    private @Nullable ArrayDeque<InstalledFilter> again;

    private volatile @Nullable CalloutTurn waitingFor;

    /** 1 once there is an answer, or nobody waits for it any more. */
    private volatile int over;

    FilterRound(FilterEngine engine, Question question, LayerFilters asked, Executor home, Consumer<Verdict> later) {
        this.engine = engine;
        this.question = question;
        this.asked = asked;
        this.home = home;
        this.later = later;
    }

    /**
     * Asks the filters. Called once.
     *
     * @return the answer; null if a callout put it off, which the round will then hand over later
     */
    public @Nullable Verdict start() {
        if (!findFirst()) {
            over = 1;
            return engine.concludeUnasked(question);
        }
        opened = new LiveRequest(engine.verifier(), question);
        return run();
    }

    /** Goes to the first filter that matches, before anything is made that only filters need. */
    private boolean findFirst() {
        List<SubLayerFilters> subLayers = asked.subLayers();
        while (subLayer < subLayers.size()) {
            FilterCursor filters = subLayers.get(subLayer).matching(question.values());
            found = filters.next();
            if (found != null) {
                matching = filters;
                return true;
            }
            subLayer++;
        }
        return false;
    }

    /**
     * Gives the question up: nobody waits for the answer any more. Calls of the callouts that hold it do no harm
     * afterwards, and are required still (WFP-66).
     */
    public void abandon() {
        LiveRequest live = opened;
        if (OVER.compareAndSet(this, 0, 1) && live != null) {
            live.abandon().forEach(engine.contexts()::free);
        }
    }

    /** {@return who puts the answer off: filter, callout and driver, in words; null if nobody does} */
    public @Nullable String holder() {
        CalloutTurn turn = waitingFor;
        return turn == null || isOver() ? null : turn.toString();
    }

    private @Nullable Verdict run() {
        while (true) {
            // The filters of now may be none, when a completion asks for a fresh classification.
            Outcome outcome = asked.isEmpty() ? Outcome.UNDECIDED : askSubLayer();
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
        CalloutTurn completed = takeWaiting();
        if (completed != null) {
            Outcome outcome = settle(completed);
            if (outcome != Outcome.UNDECIDED) {
                return outcome;
            }
        }
        FilterCursor filters = cursor();
        InstalledFilter first = found == null ? filters.next() : found;
        found = null;
        for (InstalledFilter filter = first; filter != null; filter = filters.next()) {
            Outcome outcome = ask(filter);
            if (outcome != Outcome.UNDECIDED) {
                return outcome;
            }
        }
        return Outcome.UNDECIDED;
    }

    /** Where the round stands in its sub-layer. */
    private FilterCursor cursor() {
        FilterCursor filters = matching;
        if (filters == null) {
            filters = asked.subLayers().get(subLayer).matching(live().values());
            matching = filters;
        }
        return filters;
    }

    private Outcome ask(InstalledFilter filter) {
        Filter definition = filter.definition();
        boolean hardByFlag = definition.flags().contains(FilterFlag.FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT);
        return switch (definition.action()) {
            case FWP_ACTION_PERMIT -> vote(filter, Arbitration.Decision.of(ActionType.FWP_ACTION_PERMIT, hardByFlag));
            case FWP_ACTION_BLOCK -> vote(filter, Arbitration.Decision.HARD_BLOCK);
            case FWP_ACTION_CALLOUT_TERMINATING, FWP_ACTION_CALLOUT_INSPECTION, FWP_ACTION_CALLOUT_UNKNOWN ->
                call(filter);
            case FWP_ACTION_CONTINUE, FWP_ACTION_NONE, FWP_ACTION_NONE_NO_MATCH -> vote(filter, null);
        };
    }

    private Outcome call(InstalledFilter filter) {
        CalloutTurn turn = new CalloutTurn(
                engine, this, filter, arbitration.mayWrite(subLayer), arbitration.standingAction(subLayer));
        turn.run();
        if (!turn.endUnpended()) {
            // Before it may go on on another thread, which takes the call from here.
            waitingFor = turn;
            if (turn.suspend()) {
                return Outcome.WAITING;
            }
            takeWaiting();
            showCompletion();
        }
        return settle(turn);
    }

    /** Who is asked from here on learns of the completion, whether it came before classifyFn returned or after (WFP-65). */
    private void showCompletion() {
        live().reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
    }

    private @Nullable CalloutTurn takeWaiting() {
        CalloutTurn turn = waitingFor;
        if (turn != null) {
            waitingFor = null;
        }
        return turn;
    }

    private Outcome settle(CalloutTurn turn) {
        turn.undoIfThrown();
        if (turn.asksAnew() && mayRepeat(turn.driver())) {
            startAnew();
            return Outcome.STARTED_ANEW;
        }
        return vote(turn.filter(), turn.decision());
    }

    private Outcome vote(InstalledFilter filter, Arbitration.@Nullable Decision decision) {
        engine.traceFilter(question, filter, decision, arbitration.standingFilter(subLayer));
        if (decision == null) {
            passed = filter;
            return Outcome.UNDECIDED;
        }
        arbitration.decide(subLayer, decision, filter);
        lookForTie(filter);
        passed = null;
        return Outcome.DECIDED;
    }

    /** Whether the order of filters of equal weight has mattered: one decided, so that another was not asked (WFP-23). */
    private void lookForTie(InstalledFilter decider) {
        InstalledFilter before = passed;
        if (before != null
                && before.weight() == decider.weight()
                && before.subLayer().equals(decider.subLayer())
                && engine.callouts().missing(before) == null) {
            engine.tellTie(question, before, decider);
        }
        if (!decider.isTieTold()) {
            InstalledFilter after = cursor().nextOfWeight(decider.weight());
            if (after != null && !saysTheSame(decider.definition(), after.definition())) {
                engine.tellTie(question, decider, after);
            }
        }
    }

    /** Whether nobody would notice if one filter stood in for the other: neither asks a callout. */
    private static boolean saysTheSame(Filter one, Filter other) {
        return !one.action().isCallout()
                && one.action() == other.action()
                && one.flags().equals(other.flags());
    }

    /** A completion without classify-out: the layer is asked from the top, with the filters of now (WFP-61). */
    private void startAnew() {
        LiveRequest live = live();
        live.reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
        engine.traceStart(question, live.values());
        asked = engine.policy().at(live.values().layer());
        arbitration = new Arbitration();
        sweeping = true;
        subLayer = 0;
        matching = null;
        passed = null;
        again = null;
    }

    /** Turns to the next callout whose redirect others have altered and that asked to hear of it (WFP-64). */
    private boolean askAgain() {
        LiveRequest live = live();
        ArrayDeque<InstalledFilter> waiting = again;
        if (waiting == null || waiting.isEmpty()) {
            List<Long> altered = live.takeAltered();
            if (altered.isEmpty() || !mayRepeat("the callout of filter " + altered.get(0))) {
                return false;
            }
            waiting = present(altered);
            again = waiting;
        }
        InstalledFilter filter = waiting.poll();
        if (filter == null) {
            return false;
        }
        live.reauthorize(ReauthorizeReason.FWP_CONDITION_REAUTHORIZE_REASON_CLASSIFY_COMPLETION);
        subLayer = asked.subLayerOf(filter);
        matching = asked.subLayers().get(subLayer).matching(live.values()).startingAt(filter);
        arbitration.retract(subLayer);
        return true;
    }

    private ArrayDeque<InstalledFilter> present(List<Long> filterIds) {
        ArrayDeque<InstalledFilter> present = new ArrayDeque<>(filterIds.size());
        for (long filterId : filterIds) {
            InstalledFilter filter = asked.find(filterId);
            if (filter != null) {
                present.add(filter);
            }
        }
        return present;
    }

    private boolean mayRepeat(String who) {
        if (++repeats <= MOST_REPEATS) {
            return true;
        }
        live().fault(Fault.RECLASSIFY_LIMIT, who, "asked for classification " + repeats + " more times");
        return false;
    }

    /** Goes on after the callout that held the round has completed it. */
    void resume() {
        home.execute(() -> {
            if (isOver()) {
                return;
            }
            showCompletion();
            Verdict answer = run();
            if (answer != null) {
                later.accept(answer);
            }
        });
    }

    private boolean isOver() {
        return over != 0;
    }

    private Verdict conclude() {
        over = 1;
        LiveRequest live = live();
        return engine.conclude(live, arbitration);
    }

    LiveRequest live() {
        return Objects.requireNonNull(opened, "no filter was asked");
    }
}
