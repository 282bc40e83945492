package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.Dialer;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.InboundConnection;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.wfp.Classification;
import io.github.wfpsim.wfp.ClassifyInput;
import io.github.wfpsim.wfp.ClassifyPass;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on one endpoint that may have to wait: for a callout that holds a classification, or for another machine. Its
 * steps run one after another: on the thread that performs the operation, or, if none waits for it, on the dispatcher.
 * It ends exactly once. The private lock guards the steps to come; nothing is called inside it.
 */
abstract class Operation implements Request {

    /** A step to come, and what to do instead if the operation ends before. */
    private record Step(Runnable run, Runnable drop) {}

    private static final AtomicIntegerFieldUpdater<Operation> ENDING =
            AtomicIntegerFieldUpdater.newUpdater(Operation.class, "ending");

    private final HostStack stack;
    private final Endpoint endpoint;
    private final Object lock = new Object();
    // Most operations never have a step to come.
    private @Nullable ArrayDeque<Step> steps;
    private boolean awaited;
    private boolean detached;
    private boolean draining;
    // Set through ENDING only.
    @SuppressWarnings("UnusedVariable")
    private volatile int ending;

    private volatile @Nullable NtStatus outcome;
    private volatile @Nullable FaultScope scope;
    private @Nullable Wait waiting;
    private @Nullable Consumer<NtStatus> whenOver;

    Operation(HostStack stack, Endpoint endpoint) {
        this.stack = stack;
        this.endpoint = endpoint;
    }

    /** Takes the endpoint for this operation; the status if there is nothing to perform, null if it may begin. */
    @Nullable
    NtStatus enter() {
        return null;
    }

    /** The first steps. They end the operation with {@link #finish}, at once or in a step to come. */
    abstract void begin();

    /** Cleans up before the outcome becomes known. */
    void beforeOutcome(NtStatus status) {}

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
        NtStatus known = enter();
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
        NtStatus known = enter();
        if (known == null) {
            whenOver = told;
            launch();
        }
        return known;
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
                    guarded(awaitStep());
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

    private Runnable awaitStep() throws InterruptedException {
        synchronized (lock) {
            awaited = true;
            Step step = poll();
            while (step == null) {
                lock.wait();
                step = poll();
            }
            return step.run();
        }
    }

    /** Starts the operation; if it has to wait, it goes on on the dispatcher. Its faults are thrown if it ends at once. */
    final void launch() {
        try (FaultScope entered = stack.verifier().enter()) {
            scope = entered;
            guarded(this::begin);
            if (outcome != null) {
                // Over, as most are: nobody will ever post a step that counts.
                return;
            }
            entered.suspend();
            synchronized (lock) {
                detached = true;
            }
            drain();
        }
    }

    /** Runs the steps that have come, unless another thread does. */
    private void drain() {
        for (Step step = take(); step != null; step = take()) {
            FaultScope entered = scope;
            if (entered != null) {
                entered.resume();
            }
            try {
                guarded(step.run());
            } finally {
                if (entered != null) {
                    entered.suspend();
                }
                synchronized (lock) {
                    draining = false;
                }
            }
        }
    }

    private @Nullable Step take() {
        synchronized (lock) {
            Step step = draining || outcome != null ? null : poll();
            draining |= step != null;
            return step;
        }
    }

    private @Nullable Step poll() {
        ArrayDeque<Step> toCome = steps;
        return toCome == null ? null : toCome.poll();
    }

    /** Runs the steps that have come on a thread that did not launch the operation: nobody is there to throw at. */
    private void drainForOthers() {
        drain();
        FaultScope entered = scope;
        if (entered != null) {
            entered.defer();
        }
    }

    private void post(Step step) {
        post(step, false);
    }

    private void post(Step step, boolean urgent) {
        boolean late;
        boolean schedule;
        synchronized (lock) {
            late = outcome != null;
            schedule = detached && !late;
            if (!late) {
                add(step, urgent);
            }
        }
        if (late) {
            step.drop().run();
        }
        if (schedule) {
            stack.dispatcher().execute(this::drainForOthers);
        }
    }

    private void add(Step step, boolean urgent) {
        ArrayDeque<Step> toCome = steps;
        if (toCome == null) {
            toCome = new ArrayDeque<>(1);
            steps = toCome;
        }
        if (urgent) {
            toCome.addFirst(step);
        } else {
            toCome.addLast(step);
        }
        if (awaited) {
            lock.notifyAll();
        }
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
    final void finish(NtStatus status) {
        if (!ENDING.compareAndSet(this, 0, 1)) {
            return;
        }
        letGo();
        beforeOutcome(status);
        List<Step> dropped = List.of();
        synchronized (lock) {
            outcome = status;
            if (steps != null) {
                dropped = new ArrayList<>(steps);
                steps = null;
            }
        }
        for (Step step : dropped) {
            step.drop().run();
        }
        Consumer<NtStatus> told = whenOver;
        if (told != null) {
            told.accept(status);
        }
    }

    // ---- waiting

    /** An answer that somebody puts off: a callout, or the server that is dialled. */
    private final class Wait implements Hold {

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
            post(new Step(() -> give(status), () -> {}));
        }

        @Override
        public @Nullable String holder() {
            return holder.get();
        }
    }

    /** Asks the engine about an endpoint, and goes on with its answer. */
    final void ask(Endpoint asked, ClassifyInput input, Consumer<Classification> next) {
        ask(asked, input, next, () -> {});
    }

    /** Asks the engine about an endpoint, and goes on with its answer, or drops the matter if the operation ends. */
    final void ask(Endpoint asked, ClassifyInput input, Consumer<Classification> next, Runnable whenDropped) {
        ClassifyPass pass = stack.engine().ask(input, step -> post(new Step(step, () -> {})), answer -> {
            letGo();
            next.accept(answer);
        });
        Classification now = pass.start();
        if (now == null) {
            new Wait(pass::holder, asked, () -> {
                        pass.abandon();
                        whenDropped.run();
                    })
                    .begin();
        } else {
            next.accept(now);
        }
    }

    /** Waits for somebody else's answer about an endpoint, until {@link #goOn}. */
    final void await(Endpoint asked, String holder, Runnable whenDropped) {
        new Wait(() -> holder, asked, whenDropped).begin();
    }

    /** Goes on after {@link #await}, unless the operation has ended. */
    final void goOn(Runnable step) {
        resume(() -> {
            letGo();
            step.run();
        });
    }

    private void letGo() {
        Wait now = waiting;
        if (now != null) {
            now.end();
        }
    }

    /** Goes on with a step on the thread that runs the operation, unless it ends before. */
    final void resume(Runnable step) {
        post(new Step(step, () -> {}));
    }

    @Override
    public final void cancel() {
        boolean here;
        synchronized (lock) {
            here = detached && outcome == null;
        }
        post(new Step(() -> give(NtStatus.STATUS_CANCELLED), () -> {}), true);
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

    /** Offers a connection to the network, and goes on with the answer of whoever has the address. */
    final void dial(FiveTuple tuple, Consumer<InboundConnection> letIn, Consumer<IOException> refused) {
        Answer answer = new Answer(letIn, refused);
        stack.network().offer(tuple, answer);
        answer.takeIfThere();
    }

    /** What a machine answers: at once, which goes on at once, or later, which is a step of its own. */
    private final class Answer implements Dialer {

        private final Consumer<InboundConnection> next;
        private final Consumer<IOException> refused;
        private @Nullable Step early;
        private boolean late;

        Answer(Consumer<InboundConnection> next, Consumer<IOException> refused) {
            this.next = next;
            this.refused = refused;
        }

        @Override
        public void letIn(InboundConnection connection) {
            take(new Step(() -> next.accept(connection), connection::abandon));
        }

        @Override
        public void refuse(IOException why) {
            take(new Step(() -> refused.accept(why), () -> {}));
        }

        private void take(Step step) {
            synchronized (lock) {
                if (!late) {
                    early = step;
                    return;
                }
            }
            post(step);
        }

        void takeIfThere() {
            Step step;
            synchronized (lock) {
                late = true;
                step = early;
            }
            if (step != null) {
                step.run().run();
            }
        }
    }
}
