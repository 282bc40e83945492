package io.github.wfpsim;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.winsock.WinsockException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** The process of a product's proxy and the threads that run its code. Safe for use by many threads. */
final class ProxyProcess implements AutoCloseable {

    /** What calls fail with because their process or its peers end; anything else is a failure of the proxy's own. */
    private static final Set<Win32Error> HEARD_AT_THE_END = Set.of(
            Win32Error.WSAEINTR,
            Win32Error.WSAENOTSOCK,
            Win32Error.WSANOTINITIALISED,
            Win32Error.WSAECONNRESET,
            Win32Error.WSAECONNABORTED);

    /** Causes may go round in a circle. */
    private static final int MAX_CAUSES = 100;

    /** Code of a closed product that wants a thread for a connection which came last. */
    private static final class ClosedException extends IllegalStateException {

        private static final long serialVersionUID = 1L;

        ClosedException(String product) {
            super("product " + product + " is closed: install another one");
        }
    }

    private final String product;
    private final SimProcess process;

    /** Guards the two fields below. */
    private final WaitingLine line;

    private final Set<Thread> threads = new HashSet<>();
    private boolean closing;
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    ProxyProcess(WfpSim machine, String product) {
        this.product = product;
        this.line = new WaitingLine(machine.waitingLists());
        this.process = machine.process(
                "C:\\Program Files\\" + product + "\\" + product + "-proxy.exe", Token.ELEVATED_ADMINISTRATOR);
    }

    SimProcess process() {
        return process;
    }

    void run(ProxyCode code) {
        Objects.requireNonNull(code, "code must not be null: give what the proxy does");
        Thread thread = new Thread(() -> runToItsEnd(code), process.imageName());
        thread.setDaemon(true);
        synchronized (line) {
            if (closing) {
                throw new ClosedException(product);
            }
            threads.add(thread);
        }
        thread.start();
    }

    /** Runs work of the proxies of the library, some of which may come when the product closes. */
    void execute(Runnable work) {
        try {
            run(work::run);
        } catch (IllegalStateException over) {
            work.run();
        }
    }

    private void runToItsEnd(ProxyCode code) {
        try {
            code.run();
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            synchronized (line) {
                threads.remove(Thread.currentThread());
                line.wakeAll();
            }
        }
    }

    /** What leaves a thread ends the process, as on Windows, so that clients are reset instead of left to wait. */
    private void failed(Throwable thrown) {
        if (isOver() && isWayToEnd(thrown)) {
            return;
        }
        failures.add(thrown);
        if (!isOver()) {
            process.note("the proxy threw " + thrown + ", which ends its process");
            process.close();
        }
    }

    private boolean isOver() {
        synchronized (line) {
            return closing || !process.isAlive();
        }
    }

    /** Whether somebody merely heard that its process is over, however often that was wrapped. */
    private static boolean isWayToEnd(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(MAX_CAUSES)
                .anyMatch(cause ->
                        (cause instanceof WinsockException failure && HEARD_AT_THE_END.contains(failure.error()))
                                || cause instanceof InterruptedException
                                || cause instanceof ClosedException);
    }

    /** Ends the process, waits for its threads and throws what they threw. */
    @Override
    public void close() {
        List<Thread> others;
        synchronized (line) {
            closing = true;
            others = new ArrayList<>(threads);
        }
        process.close();
        others.remove(Thread.currentThread());
        others.forEach(Thread::interrupt);
        line.awaitThroughInterrupts(() -> Collections.disjoint(threads, others), () -> "the threads of " + process);
        throwFailures();
    }

    private void throwFailures() {
        List<Throwable> told = new ArrayList<>(failures);
        if (!told.isEmpty()) {
            Throwable first = told.get(0);
            IllegalStateException failure =
                    new IllegalStateException("the proxy of " + product + " threw on its thread: " + first, first);
            told.subList(1, told.size()).forEach(failure::addSuppressed);
            throw failure;
        }
    }
}
