package io.github.wfpsim.sockets;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.machine.InlineDraws;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What the overlapped calls of one process share: its threads' APC queues, its pending calls, and waiting. Safe for use by
 * many threads; each wait has a line of its own.
 */
final class OverlappedProcess {

    /** How a wait ended. */
    public enum Wake {
        /** What it waited for has come. */
        READY,
        /** Calls were run meanwhile, WSA_WAIT_IO_COMPLETION. */
        IO_COMPLETION,
        /** The deadline passed, WSA_WAIT_TIMEOUT. */
        TIMEOUT,
        /** The thread was interrupted; its flag is set again. */
        INTERRUPTED
    }

    private final ProcessEntry process;
    private final FaultRecorder verifier;
    private final ConcurrentHashMap<Thread, ApcQueue> threads = new ConcurrentHashMap<>();
    private final Set<OverlappedRequest> pending = ConcurrentHashMap.newKeySet();
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final InlineDraws draws;
    private final Waits waits;

    /**
     * Creates the shared part of one process.
     *
     * @param process the process
     * @param options completion mode and seed
     * @param verifier hears of faults
     * @param waits where its threads' waits are listed
     */
    public OverlappedProcess(ProcessEntry process, SimOptions options, FaultRecorder verifier, Waits waits) {
        this.process = process;
        this.draws = new InlineDraws(options, process.id());
        this.verifier = verifier;
        this.waits = waits;
    }

    /** The process whose calls these are. */
    ProcessEntry entry() {
        return process;
    }

    void fault(Fault fault, String detail) {
        verifier.fault(null, fault, process.toString(), detail);
    }

    boolean drawInline() {
        return draws.next();
    }

    /** The calls of this thread. */
    ApcQueue apcs() {
        return apcs(Thread.currentThread());
    }

    ApcQueue apcs(Thread thread) {
        threads.keySet().removeIf(other -> !other.isAlive());
        return threads.computeIfAbsent(thread, ApcQueue::new);
    }

    /** {@return whether a completion routine runs on this thread} */
    public boolean isInRoutine() {
        ApcQueue own = threads.isEmpty() ? null : threads.get(Thread.currentThread());
        return own != null && own.isRunning();
    }

    /**
     * Queues a call to a thread, QueueUserAPC.
     *
     * @param thread the thread, which has used this process
     * @param call runs in its next alertable wait
     * @return false if the thread is unknown or has ended
     */
    public boolean queueApc(Thread thread, Runnable call) {
        return thread.isAlive()
                && threads.computeIfAbsent(thread, ApcQueue::new).add(call);
    }

    /** Ends what this thread issued, as ExitThread does (WSA-55). */
    public void exitThread() {
        ApcQueue own = apcs();
        own.end();
        pending.stream().filter(request -> request.isIssuedBy(own)).toList().forEach(OverlappedRequest::cancel);
        threads.remove(Thread.currentThread());
    }

    /** Ends what the process issued, which has ended; sockets that others hold too stay open (WSA-55, WSA-73). */
    void endAll() {
        List.copyOf(pending).forEach(OverlappedRequest::cancel);
    }

    // ---- pending calls

    void pended(OverlappedRequest request) {
        pending.add(request);
    }

    void over(OverlappedRequest request) {
        pending.remove(request);
    }

    /** Some call has ended: waits of WSAGetOverlappedResult look again. */
    void ended() {
        waiters.forEach(Waiter::wake);
    }

    /**
     * Cancels what this thread issued on a socket, CancelIo.
     *
     * @param requests the socket's pending calls
     */
    public void cancelOwn(List<OverlappedRequest> requests) {
        ApcQueue own = apcs();
        requests.stream().filter(request -> request.isIssuedBy(own)).forEach(OverlappedRequest::cancel);
    }

    // ---- waiting

    /**
     * Waits until a structure's call has ended.
     *
     * @param overlapped the structure
     * @param deadline when to give up
     * @return READY, TIMEOUT or INTERRUPTED
     */
    public Wake awaitEnd(OverlappedStructure overlapped, Deadline deadline) {
        OverlappedRequest request = overlapped.request();
        // It may be a call of another process, which tells its own waits only.
        OverlappedProcess teller = request == null ? this : request.process();
        return teller.await(
                overlapped::hasOverlappedIoCompleted,
                List.of(),
                false,
                deadline,
                () -> "the end of an overlapped call");
    }

    /**
     * Waits for events.
     *
     * @param events the events
     * @param all whether all have to be signalled
     * @param alertable whether the thread's calls may run
     * @param deadline when to give up
     * @return how it ended
     */
    public Wake awaitEvents(List<ManualResetEvent> events, boolean all, boolean alertable, Deadline deadline) {
        BooleanSupplier ready = all
                ? () -> events.stream().allMatch(OverlappedProcess::isReady)
                : () -> events.stream().anyMatch(OverlappedProcess::isReady);
        return await(
                ready, events, alertable, deadline, () -> (all ? "all of " : "one of ") + events.size() + " events");
    }

    /** Waits for sockets to change, as select does. */
    Wake awaitChange(ManualResetEvent change, Deadline deadline) {
        return await(() -> isReady(change), List.of(change), false, deadline, () -> "a socket to become ready");
    }

    private static boolean isReady(ManualResetEvent event) {
        return event.isSignalled() || event.isClosed();
    }

    /**
     * Sleeps, SleepEx.
     *
     * @param alertable whether the thread's calls may run
     * @param deadline when to wake
     * @return IO_COMPLETION, TIMEOUT or INTERRUPTED
     */
    public Wake sleep(boolean alertable, Deadline deadline) {
        return await(() -> false, List.of(), alertable, deadline, () -> "time to pass");
    }

    private Wake await(
            BooleanSupplier ready,
            List<ManualResetEvent> events,
            boolean alertable,
            Deadline deadline,
            Supplier<String> what) {
        ApcQueue own = apcs();
        // Calls are never nested: inside one, those that are queued have to wait.
        boolean runsCalls = alertable && !own.isRunning();
        Waiter waiter = new Waiter(waits);
        Runnable wake = waiter::wake;
        waiters.add(waiter);
        try {
            while (true) {
                if (runsCalls && own.runAll()) {
                    return Wake.IO_COMPLETION;
                }
                if (ready.getAsBoolean()) {
                    return Wake.READY;
                }
                if (deadline.isExpired()) {
                    return Wake.TIMEOUT;
                }
                events.forEach(event -> event.whenSignalled(wake));
                if (runsCalls) {
                    own.whenQueued(wake);
                }
                waiter.await(deadline, what);
            }
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return Wake.INTERRUPTED;
        } finally {
            waiters.remove(waiter);
            events.forEach(event -> event.forget(wake));
            own.forget(wake);
        }
    }

    /** One thread that waits; a wake that comes early is kept. */
    private static final class Waiter {

        private final WaitingLine line;
        private boolean woken;

        Waiter(Waits waits) {
            this.line = new WaitingLine(waits);
        }

        void wake() {
            synchronized (line) {
                woken = true;
                line.wakeAll();
            }
        }

        /** Waits for a wake, or until the deadline. */
        void await(Deadline deadline, Supplier<String> what) throws InterruptedException {
            line.await(() -> woken, deadline, what);
            synchronized (line) {
                woken = false;
            }
        }
    }
}
