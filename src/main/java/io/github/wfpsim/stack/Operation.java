package io.github.wfpsim.stack;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.engine.FilterRound;
import io.github.wfpsim.engine.Verdict;
import io.github.wfpsim.fabric.Dialer;
import io.github.wfpsim.fabric.InboundConnection;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.recorder.FaultScope;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on one endpoint that may have to wait: for a callout that holds a classification, or for another machine. Its
 * {@link Steps} run one after another: on the thread that performs the operation, or, if none waits for it, on the
 * dispatcher. It ends exactly once, with the last step or the first that fails, and {@link #beforeOutcome} undoes what
 * it holds. The private line guards what is to come; nothing is called inside it.
 */
abstract class Operation implements SocketRequest {

    /** What is to come, and what to do instead if the operation ends before. */
    private record Continuation(Runnable run, Runnable drop) {

        Continuation(Runnable run) {
            this(run, () -> {});
        }
    }

    private static final AtomicIntegerFieldUpdater<Operation> ENDING =
            AtomicIntegerFieldUpdater.newUpdater(Operation.class, "ending");

    private final HostStack stack;
    private final Endpoint endpoint;
    private final Steps<?> steps;
    private final WaitingLine line;
    // Used by the thread that runs the operation only.
    private int nextStep;
    // Most operations never wait for anything.
    private @Nullable ArrayDeque<Continuation> toCome;
    private boolean detached;
    private boolean draining;
    // Set through ENDING only.
    @SuppressWarnings("UnusedVariable")
    private volatile int ending;

    private volatile @Nullable NtStatus outcome;
    private volatile @Nullable FaultScope scope;
    private volatile @Nullable Wait waiting;
    private @Nullable Consumer<NtStatus> whenOver;

    /**
     * Creates an operation.
     *
     * @param steps what is to be done
     */
    Operation(HostStack stack, Endpoint endpoint, Steps<?> steps) {
        this.stack = stack;
        this.line = new WaitingLine(stack.waits());
        this.endpoint = endpoint;
        this.steps = steps;
    }

    /** Takes the endpoint for this operation; the status if there is nothing to perform, null if it may begin. */
    @Nullable
    NtStatus enter() {
        return null;
    }

    /** Undoes what is half done, if the status says so, before the outcome becomes known. */
    void beforeOutcome(NtStatus status) {}

    /** What whoever performs the operation hears of its status. */
    NtStatus heard(NtStatus status) {
        return status;
    }

    /** Whether closing the endpoint ends the operation. */
    boolean endsWithEndpoint() {
        return true;
    }

    final HostStack stack() {
        return stack;
    }

    final Endpoint endpoint() {
        return endpoint;
    }

    // ---- running

    @Override
    public final NtStatus run() {
        NtStatus known = entered();
        return known == null ? perform() : known;
    }

    @Override
    public final void start(Consumer<NtStatus> told) {
        NtStatus known = startUnlessRefused(told);
        if (known != null) {
            told.accept(known);
        }
    }

    @Override
    public final @Nullable NtStatus startUnlessRefused(Consumer<NtStatus> told) {
        NtStatus known = entered();
        if (known == null) {
            whenOver = told;
            launch();
        }
        return known;
    }

    private @Nullable NtStatus entered() {
        NtStatus known = enter();
        return known == null ? null : unlessLost(known);
    }

    /** Whatever a failure has come from, a socket that its owner has closed meanwhile was lost first (CONC-20). */
    private NtStatus unlessLost(NtStatus status) {
        return status.isSuccess() || !endsWithEndpoint() ? status : endpoint.unlessLost(status);
    }

    private void begin() {
        goOn(NtStatus.STATUS_SUCCESS);
    }

    /** Goes on after a step that ended with a status: with the next one, or by ending the operation. */
    private void goOn(NtStatus status) {
        NtStatus last = status;
        while (last == NtStatus.STATUS_SUCCESS && nextStep < steps.count()) {
            last = steps.run(nextStep++, this);
        }
        if (last != NtStatus.STATUS_PENDING) {
            finish(last);
        }
    }

    private NtStatus perform() {
        try (FaultScope entered = stack.verifier().enter()) {
            guarded(this::begin);
            NtStatus status = outcome;
            return status == null ? awaitOutcome() : status;
        }
    }

    private NtStatus awaitOutcome() {
        boolean interrupted = false;
        try {
            NtStatus status = outcome;
            while (status == null) {
                try {
                    line.await(this::hasNext, Deadline.NEVER, this::awaited);
                    guarded(next());
                } catch (InterruptedException interrupt) {
                    interrupted = true;
                    give(NtStatus.STATUS_CANCELLED);
                }
                status = outcome;
            }
            return status;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Called inside the lock. */
    private boolean hasNext() {
        ArrayDeque<Continuation> there = toCome;
        return there != null && !there.isEmpty();
    }

    private Runnable next() {
        synchronized (line) {
            return Objects.requireNonNull(poll(), "only one thread waits, and nobody else takes anything then")
                    .run();
        }
    }

    /** What a thread waits for that performs the operation. */
    private String awaited() {
        Wait now = waiting;
        String holder = now == null ? null : now.holder();
        return (holder == null ? "an answer" : holder) + " about #" + endpoint.handle();
    }

    /** Starts the operation; if it has to wait, it goes on on the dispatcher. Its faults are thrown if it ends at once. */
    final void launch() {
        try (FaultScope entered = stack.verifier().enter()) {
            scope = entered;
            guarded(this::begin);
            if (outcome != null) {
                // Over, as most are: nobody will ever post anything that counts.
                return;
            }
            entered.suspend();
            synchronized (line) {
                detached = true;
            }
            drain();
        }
    }

    /** Runs what has come, unless another thread does. */
    private void drain() {
        for (Continuation next = take(); next != null; next = take()) {
            FaultScope entered = scope;
            if (entered != null) {
                entered.resume();
            }
            try {
                guarded(next.run());
            } finally {
                if (entered != null) {
                    entered.suspend();
                }
                synchronized (line) {
                    draining = false;
                }
            }
        }
    }

    private @Nullable Continuation take() {
        synchronized (line) {
            Continuation next = draining || outcome != null ? null : poll();
            draining |= next != null;
            return next;
        }
    }

    private @Nullable Continuation poll() {
        ArrayDeque<Continuation> waiting = toCome;
        return waiting == null ? null : waiting.poll();
    }

    /** Runs what has come on a thread that did not launch the operation: nobody is there to throw at. */
    private void drainForOthers() {
        drain();
        FaultScope entered = scope;
        if (entered != null) {
            entered.defer();
        }
    }

    private void post(Continuation next) {
        post(next, false);
    }

    private void post(Continuation next, boolean urgent) {
        boolean late;
        boolean schedule;
        synchronized (line) {
            late = outcome != null;
            schedule = detached && !late;
            if (!late) {
                add(next, urgent);
            }
        }
        if (late) {
            next.drop().run();
        }
        if (schedule) {
            stack.dispatcher().later(this::drainForOthers);
        }
    }

    private void add(Continuation next, boolean urgent) {
        ArrayDeque<Continuation> waiting = toCome;
        if (waiting == null) {
            waiting = new ArrayDeque<>(1);
            toCome = waiting;
        }
        if (urgent) {
            waiting.addFirst(next);
        } else {
            waiting.addLast(next);
        }
        line.wakeAll();
    }

    // Whatever a step throws, nothing half done may stay behind.
    private void guarded(Runnable step) {
        boolean returned = false;
        try {
            step.run();
            returned = true;
        } finally {
            if (!returned) {
                finish(NtStatus.STATUS_UNSUCCESSFUL);
            }
        }
    }

    /** Ends the operation; a second call does nothing. */
    private void finish(NtStatus reached) {
        if (!ENDING.compareAndSet(this, 0, 1)) {
            return;
        }
        NtStatus status = unlessLost(reached);
        letGo();
        beforeOutcome(status);
        NtStatus heard = heard(status);
        List<Continuation> dropped = List.of();
        synchronized (line) {
            outcome = heard;
            if (toCome != null) {
                dropped = new ArrayList<>(toCome);
                toCome = null;
            }
        }
        for (Continuation never : dropped) {
            never.drop().run();
        }
        Consumer<NtStatus> told = whenOver;
        if (told != null) {
            told.accept(heard);
        }
    }

    // ---- waiting

    /** Asks a layer. It permits with STATUS_SUCCESS, now or later, and blocks with STATUS_ACCESS_DENIED. */
    final NtStatus ask(LayerQuestion question) {
        return ask(question, answer -> answer.isPermitted() ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_ACCESS_DENIED);
    }

    /** Asks a layer; its answer, now or later, ends the step with what it is judged to mean. */
    final NtStatus ask(LayerQuestion question, Function<Verdict, NtStatus> judge) {
        if (question.isIdle(stack.engine())) {
            return judge.apply(Verdict.unchanged(ActionType.FWP_ACTION_PERMIT));
        }
        FilterRound round = stack.engine()
                .ask(
                        question.input(stack.engine()),
                        next -> post(new Continuation(next)),
                        answer -> goOnWith(() -> judge.apply(answer)));
        Verdict now = round.start();
        if (now != null) {
            return judge.apply(now);
        }
        new Wait(round::holder, question.endpoint(), round::abandon).begin();
        return NtStatus.STATUS_PENDING;
    }

    /** Offers a connection to the network; the answer of whoever has the address ends the step, now or later. */
    final NtStatus dial(
            FiveTuple tuple, Function<InboundConnection, NtStatus> letIn, Function<IOException, NtStatus> refused) {
        Call call = new Call(letIn, refused);
        stack.network().offer(tuple, call);
        return call.answerIfThere();
    }

    /** Waits for somebody's answer about an endpoint, until {@link #resume}; the step ends with STATUS_PENDING. */
    final void await(Endpoint asked, String holder, Runnable whenDropped) {
        new Wait(() -> holder, asked, whenDropped).begin();
    }

    /** Ends a step that is pending, on the thread that runs the operation, unless that ends before. */
    final void resume(Supplier<NtStatus> rest) {
        post(new Continuation(() -> goOnWith(rest)));
    }

    private void goOnWith(Supplier<NtStatus> rest) {
        letGo();
        goOn(rest.get());
    }

    private void letGo() {
        Wait now = waiting;
        if (now != null) {
            now.end();
        }
    }

    @Override
    public final void cancel() {
        boolean here;
        synchronized (line) {
            here = detached && outcome == null;
        }
        post(new Continuation(() -> give(NtStatus.STATUS_CANCELLED)), true);
        if (here) {
            // So that whoever cancelled finds the socket as it was, unless a step just runs.
            drainForOthers();
        }
    }

    /** Gives up what the operation waits for, and ends it. */
    private void give(NtStatus status) {
        Wait now = waiting;
        if (now != null) {
            now.whenDropped.run();
        }
        finish(status);
    }

    /** An answer that somebody puts off: a callout, or the server that is dialled. */
    private final class Wait implements Endpoint.Hold {

        private final Supplier<@Nullable String> holder;
        private final Endpoint asked;
        private final Runnable whenDropped;

        Wait(Supplier<@Nullable String> holder, Endpoint asked, Runnable whenDropped) {
            this.holder = holder;
            this.asked = asked;
            this.whenDropped = whenDropped;
        }

        void begin() {
            waiting = this;
            asked.addHold(this);
            if (asked != endpoint) {
                endpoint.addHold(this);
            }
            if ((endpoint.isClosed() && endsWithEndpoint()) || (asked != endpoint && asked.isClosed())) {
                // Closed by another thread meanwhile, which did not see that somebody waits.
                cancel();
            }
        }

        void end() {
            waiting = null;
            asked.removeHold(this);
            endpoint.removeHold(this);
        }

        /** The one that was closed has a name in the outcome: the endpoint itself, or the server that it dials. */
        @Override
        public void cancel() {
            DatagramFlow flow = endpoint.datagramFlow();
            boolean own = asked == endpoint || endpoint.isClosed() || (flow != null && flow.socket() == asked);
            NtStatus status = own ? NtStatus.STATUS_CANCELLED : NtStatus.STATUS_CONNECTION_REFUSED;
            post(new Continuation(() -> give(status)));
        }

        @Override
        public @Nullable String holder() {
            return holder.get();
        }
    }

    /** A call to another machine, which answers at once, so that the step goes on, or later. */
    private final class Call implements Dialer {

        /** An answer, and what becomes of it if the operation has ended. */
        private record Answered(Supplier<NtStatus> rest, Runnable drop) {}

        private final Function<InboundConnection, NtStatus> next;
        private final Function<IOException, NtStatus> refused;
        private @Nullable Answered early;
        private boolean late;

        Call(Function<InboundConnection, NtStatus> next, Function<IOException, NtStatus> refused) {
            this.next = next;
            this.refused = refused;
        }

        @Override
        public void letIn(InboundConnection connection) {
            take(new Answered(() -> next.apply(connection), connection::abandon));
        }

        @Override
        public void refuse(IOException why) {
            take(new Answered(() -> refused.apply(why), () -> {}));
        }

        private void take(Answered answered) {
            synchronized (line) {
                if (!late) {
                    early = answered;
                    return;
                }
            }
            post(new Continuation(() -> goOn(answered.rest().get()), answered.drop()));
        }

        NtStatus answerIfThere() {
            Answered there;
            synchronized (line) {
                late = true;
                there = early;
            }
            return there == null ? NtStatus.STATUS_PENDING : there.rest().get();
        }
    }
}
