package io.github.wfpsim.kernel;

import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport;
import io.github.wfpsim.verifier.TeardownReport.Held;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A loaded kernel driver: the owner of callouts, redirect handles, IRPs, sockets and pool memory.
 *
 * <p>{@link #unload()} takes away what the driver still holds and names each piece in a report and as a fault. Safe
 * for use by many threads.
 *
 * <p>Requirements: REC-31, WFP-39, WFP-80.
 */
public final class LoadedDriver {

    /** What belongs to a driver besides its pool, and ends with it: callouts and handles, IRPs, its client of WSK. */
    public interface Belongings {

        /** {@return what the driver still holds, oldest first, one line for each object} */
        List<Held> held();

        /** Raises the faults for what is still held and takes it away. */
        void takeAway();
    }

    private final String name;
    private final FaultRecorder verifier;
    private final NonPagedPool pool;
    private final List<Belongings> belongings = new CopyOnWriteArrayList<>();
    private final AtomicBoolean loaded = new AtomicBoolean(true);

    /**
     * Loads a driver.
     *
     * @param name file name of its image, such as {@code acme.sys}
     * @param verifier hears of its faults
     */
    public LoadedDriver(String name, FaultRecorder verifier) {
        this.name = Objects.requireNonNull(name, "name must not be null: give the driver's file name");
        this.verifier = Objects.requireNonNull(verifier, "verifier must not be null");
        this.pool = new NonPagedPool(name, verifier);
    }

    /** {@return the driver's name, the file name of its image} */
    public String name() {
        return name;
    }

    /** {@return the pool from which this driver allocates} */
    public Pool pool() {
        return pool;
    }

    /** {@return whether the driver has not been unloaded} */
    public boolean isLoaded() {
        return loaded.get();
    }

    /**
     * Adds things that end with the driver. Called by the rooms that hand such things out.
     *
     * @param owned what to ask at unload
     */
    public void owns(Belongings owned) {
        belongings.add(Objects.requireNonNull(owned, "owned must not be null: give what ends with the driver"));
    }

    /** {@return what the driver holds now; an empty report if it could be unloaded cleanly, or has been unloaded} */
    public TeardownReport held() {
        return isLoaded() ? report(heldElsewhere(), pool.leaked()) : new TeardownReport(List.of());
    }

    private List<Held> heldElsewhere() {
        List<Held> held = new ArrayList<>();
        for (Belongings owned : belongings) {
            held.addAll(owned.held());
        }
        return held;
    }

    private TeardownReport report(List<Held> elsewhere, List<NonPagedBlock> blocks) {
        List<Held> held = new ArrayList<>(elsewhere);
        for (NonPagedBlock block : blocks) {
            held.add(new Held("pool block", block.toString(), name, Fault.POOL_LEAK.name()));
        }
        return new TeardownReport(held);
    }

    /**
     * Unloads the driver. A second call does nothing and returns an empty report.
     *
     * @return what was still held
     * @throws io.github.wfpsim.verifier.FaultException if anything was held and faults are thrown
     */
    public TeardownReport unload() {
        TeardownReport report = takeAway();
        verifier.throwDeferred();
        return report;
    }

    /**
     * Unloads the driver, but leaves its faults for {@link FaultRecorder#throwDeferred()}. Called when the machine closes.
     *
     * @return what was still held
     */
    public TeardownReport takeAway() {
        if (!loaded.compareAndSet(true, false)) {
            return new TeardownReport(List.of());
        }
        List<Held> elsewhere = heldElsewhere();
        List<Belongings> newestFirst = new ArrayList<>(belongings);
        // What came later rests on what came before: sockets on IRPs, IRPs on the pool.
        Collections.reverse(newestFirst);
        newestFirst.forEach(Belongings::takeAway);
        return report(elsewhere, pool.close());
    }

    @Override
    public String toString() {
        return name;
    }
}
