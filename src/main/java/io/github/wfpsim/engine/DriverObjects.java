package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport.Held;
import io.github.wfpsim.wfp.ClassifyOut;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one driver holds of the engine: callouts, redirect handles, classify handles, pended operations. Reported when it
 * unloads (WFP-80). Safe for use by many threads.
 */
final class DriverObjects implements LoadedDriver.Belongings {

    private final LoadedDriver driver;
    private final FilterEngine engine;
    private final ConcurrentHashMap<Integer, CalloutSlot> callouts = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, RedirectHandle> redirectHandles = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, HeldClassification> classifyHandles = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, HeldOperation> operations = new ConcurrentHashMap<>();

    DriverObjects(LoadedDriver driver, FilterEngine engine) {
        this.driver = driver;
        this.engine = engine;
    }

    String driver() {
        return driver.name();
    }

    FaultRecorder verifier() {
        return engine.verifier();
    }

    boolean isLoaded() {
        return driver.isLoaded();
    }

    /** Refuses to create something for a driver that is gone. */
    void requireLoaded(String function) {
        if (!driver.isLoaded()) {
            throw new IllegalStateException(function + " was called by " + driver.name() + ", which is unloaded");
        }
    }

    /** Takes back what was just created for a driver that another thread unloads meanwhile, which may not have seen it. */
    void stayIfLoaded(String function, Runnable takeBack) {
        if (!driver.isLoaded()) {
            takeBack.run();
            requireLoaded(function);
        }
    }

    /** Calls a function of the driver, with no lock held; what it throws is a fault, and the answer is null. */
    // Whatever it throws, an assertion of a test included, must not break off what the engine is at.
    @SuppressWarnings("CatchingThrowable")
    <T extends @Nullable Object> @Nullable T call(String function, Supplier<T> body) {
        try {
            return body.get();
        } catch (OutOfMemoryError | InternalError | UnknownError fatal) {
            throw fatal;
        } catch (Throwable thrown) {
            engine.verifier().fault(null, Fault.CALLOUT_THREW, driver(), function + " threw " + thrown, thrown);
            return null;
        }
    }

    /** In the order in which the driver got them: numbers count up. */
    private static <K extends Comparable<K>, V> Collection<V> inOrder(Map<K, V> held) {
        return new TreeMap<>(held).values();
    }

    void add(CalloutSlot.Registration callout, CalloutSlot slot) {
        callouts.put(callout.id(), slot);
    }

    void remove(CalloutSlot.Registration callout) {
        callouts.remove(callout.id());
    }

    void add(RedirectHandle handle) {
        redirectHandles.put(handle.id(), handle);
    }

    void remove(RedirectHandle handle) {
        redirectHandles.remove(handle.id());
    }

    void add(HeldClassification handle) {
        classifyHandles.put(handle.number(), handle);
    }

    /** Forgets a handle to which no reference is left. */
    void remove(HeldClassification handle) {
        classifyHandles.remove(handle.number());
    }

    void add(HeldOperation operation) {
        operations.put(operation.number(), operation);
    }

    void remove(HeldOperation operation) {
        operations.remove(operation.number());
    }

    @Override
    public List<Held> held() {
        List<Held> held = new ArrayList<>();
        for (CalloutSlot slot : inOrder(callouts)) {
            held.add(new Held("callout", "{" + slot.key() + "}", driver(), Fault.CALLOUT_LEAK.name()));
        }
        for (RedirectHandle handle : inOrder(redirectHandles)) {
            held.add(new Held("redirect handle", "#" + handle.id(), driver(), Fault.REDIRECT_HANDLE_LEAK.name()));
        }
        for (HeldClassification handle : inOrder(classifyHandles)) {
            held.add(
                    handle.holds()
                            ? pended("pended classification", handle.turn())
                            : new Held(
                                    "classify handle", handle.origin(), driver(), Fault.CLASSIFY_HANDLE_LEAK.name()));
        }
        inOrder(operations).forEach(operation -> held.add(pended("pended operation", operation.turn())));
        return held;
    }

    private Held pended(String kind, CalloutTurn turn) {
        return new Held(kind, turn.toString(), driver(), Fault.CLASSIFY_NEVER_COMPLETED.name());
    }

    @Override
    public void takeAway() {
        FaultRecorder verifier = engine.verifier();
        new TreeMap<>(callouts).forEach((id, slot) -> {
            CalloutSlot.Registration left = slot.registration();
            if (left != null && left.id() == id && slot.clear(left)) {
                // The code of an unloaded driver is never called.
                engine.flowContexts().forget(id);
                verifier.faultLater(
                        null,
                        Fault.CALLOUT_LEAK,
                        driver(),
                        "callout {" + slot.key() + "} was not unregistered"
                                + (left.running().isAnyRunning() ? ", and one of its functions runs still" : ""));
            }
        });
        for (RedirectHandle handle : inOrder(redirectHandles)) {
            engine.redirectHandles().remove(handle);
            verifier.faultLater(
                    null,
                    Fault.REDIRECT_HANDLE_LEAK,
                    driver(),
                    "redirect handle #" + handle.id() + " was not destroyed");
        }
        for (HeldClassification handle : inOrder(classifyHandles)) {
            if (handle.acquired() != null) {
                verifier.faultLater(null, Fault.APPLY_MISSING, driver(), handle + " has unapplied layer data");
            }
            if (handle.holds()) {
                verifier.faultLater(
                        null,
                        Fault.CLASSIFY_NEVER_COMPLETED,
                        driver(),
                        handle.turn().toString());
            }
            if (!handle.isReleased()) {
                verifier.faultLater(
                        null,
                        Fault.CLASSIFY_HANDLE_LEAK,
                        driver(),
                        "classify handle " + handle.origin() + ", was not released");
            }
            letGo(handle);
        }
        for (HeldOperation operation : inOrder(operations)) {
            verifier.faultLater(
                    null,
                    Fault.CLASSIFY_NEVER_COMPLETED,
                    driver(),
                    operation.turn().toString());
            if (operation.complete()) {
                operation.turn().endPend(null);
            }
        }
        callouts.clear();
        redirectHandles.clear();
        classifyHandles.clear();
        operations.clear();
    }

    private static void letGo(HeldClassification handle) {
        handle.giveBack();
        boolean held = handle.complete();
        handle.release();
        if (held) {
            goOn(handle);
        }
    }

    /** So that nobody waits for ever: what the driver held goes on as if its callout had not spoken. */
    private static void goOn(HeldClassification handle) {
        handle.turn().endPend(new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, 0));
    }

    /** Lets go of what was just pended if another thread unloads the driver meanwhile, and did not see it. */
    static void goOnUnlessLoaded(HeldClassification handle) {
        if (!handle.owner().isLoaded() && handle.complete()) {
            goOn(handle);
        }
    }
}
