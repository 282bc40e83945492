package io.github.wfpsim.engine;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.wfp.ClassifyFn0;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.FwpsFlowDeleteFn0;
import io.github.wfpsim.wfp.FwpsNotifyFn1;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The place of a callout key, filled while a driver has the callout registered. */
final class CalloutSlot {

    /**
     * One registration, of either version; exactly one function is not null.
     *
     * @param running its functions that have not returned
     * @param contexts how many contexts it has on flows, until flowDeleteFn has returned for them
     */
    record Registration(
            int id,
            DriverObjects owner,
            @Nullable ClassifyFn1 classifyFn1,
            @Nullable ClassifyFn0 classifyFn0,
            @Nullable FwpsNotifyFn1 notifyFn,
            @Nullable FwpsFlowDeleteFn0 flowDeleteFn,
            RunningCalls running,
            AtomicInteger contexts) {

        /** A context is gone, and its flowDeleteFn has returned. */
        void contextGone() {
            contexts.decrementAndGet();
            running.wake();
        }

        /** Waits, when no more contexts come, until those that others are just ending are gone. */
        void awaitNoContext(String whose) {
            running.awaitUntil(() -> contexts.get() == 0, whose);
        }
    }

    private final UUID key;
    private final AtomicReference<@Nullable Registration> registration = new AtomicReference<>();

    /** A registration that goes, until its last function has returned. */
    private final AtomicReference<@Nullable Registration> leaving = new AtomicReference<>();

    CalloutSlot(UUID key) {
        this.key = key;
    }

    UUID key() {
        return key;
    }

    @Nullable
    Registration registration() {
        return registration.get();
    }

    /** Fills the slot; false if it is taken. */
    boolean fill(Registration taken) {
        return registration.compareAndSet(null, taken);
    }

    /** Clears the slot; false if it holds another registration by now. No function is called any more that did not run. */
    boolean clear(Registration expected) {
        boolean cleared = registration.compareAndSet(expected, null);
        if (cleared) {
            expected.running().close();
        }
        return cleared;
    }

    /**
     * Clears the slot and waits until no function of the callout runs.
     *
     * @return STATUS_SUCCESS; STATUS_FWP_IN_USE if another thread is about to; STATUS_FWP_CALLOUT_NOT_FOUND if it has done so
     */
    NtStatus clearAndAwait(Registration expected) {
        if (!leaving.compareAndSet(null, expected)) {
            return NtStatus.STATUS_FWP_IN_USE;
        }
        try {
            if (!clear(expected)) {
                return NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
            }
            expected.running().awaitNone("callout {" + key + "}");
            return NtStatus.STATUS_SUCCESS;
        } finally {
            leaving.set(null);
        }
    }

    /** A registration that goes, until the last of its functions has returned. */
    @Nullable
    Registration leaving() {
        return leaving.get();
    }
}
