package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.wfp.FwpsFlowDeleteFn0;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;

/**
 * What callouts tied to live flows, by flow, callout and layer. A context that goes while its callout is asked about the
 * flow goes when classifyFn has returned. Safe for use by many threads.
 */
final class FlowContexts {

    /** A callout may have one context at each layer. */
    private record Place(int calloutId, Layer layer) {}

    /** One context and who hears of its end. */
    private static final class Tied {
        private final long flowId;
        private final Layer layer;
        private final CalloutSlot.Registration callout;
        private final long context;
        /** Whether somebody ends it: exactly one does. */
        private final AtomicBoolean ending = new AtomicBoolean();

        private Tied(long flowId, Layer layer, CalloutSlot.Registration callout, long context) {
            this.flowId = flowId;
            this.layer = layer;
            this.callout = callout;
            this.context = context;
        }

        private boolean isInUse() {
            return callout.running().isAsked(flowId);
        }

        private void tellDriver() {
            FwpsFlowDeleteFn0 flowDeleteFn = callout.flowDeleteFn();
            if (flowDeleteFn == null) {
                return;
            }
            int place = callout.running().enter(new ChangeCall());
            if (place == RunningCalls.CLOSED) {
                // Unregistered, which calls it for what was tied meanwhile, or unloaded: then its code is gone.
                if (callout.owner().isLoaded()) {
                    call(flowDeleteFn);
                }
                return;
            }
            try {
                call(flowDeleteFn);
            } finally {
                callout.running().leave(place);
            }
        }

        private void call(FwpsFlowDeleteFn0 flowDeleteFn) {
            callout.owner().call("flowDeleteFn", () -> {
                flowDeleteFn.flowDeleted(layer, callout.id(), context);
                return true;
            });
        }
    }

    private final ConcurrentHashMap<Long, Map<Place, Tied>> flows = new ConcurrentHashMap<>();

    /** Contexts that are taken away, until their callouts have heard of it. */
    private final Set<Tied> leaving = ConcurrentHashMap.newKeySet();

    private volatile LongPredicate living = flow -> false;

    /** Registers who knows which flows live. Called once, by the stack. */
    void livingAre(LongPredicate isLive) {
        this.living = isLive;
    }

    /** Ties a context to a flow that lives and has none of the callout at that layer. */
    NtStatus tie(long flowId, Layer layer, CalloutSlot.Registration callout, long context) {
        if (!living.test(flowId)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        Map<Place, Tied> contexts = flows.computeIfAbsent(flowId, flow -> new ConcurrentHashMap<>());
        Place place = new Place(callout.id(), layer);
        Tied tied = new Tied(flowId, layer, callout, context);
        callout.contexts().incrementAndGet();
        if (contexts.putIfAbsent(place, tied) != null) {
            callout.contextGone();
            return NtStatus.STATUS_OBJECT_NAME_EXISTS;
        }
        // Ended or unregistered by another thread meanwhile, which may not have seen the context: nobody would hear of
        // its
        // end.
        boolean ended = !living.test(flowId);
        if ((ended || callout.running().isClosed()) && contexts.remove(place, tied)) {
            callout.contextGone();
            return ended ? NtStatus.STATUS_INVALID_PARAMETER : NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND;
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Takes a callout's context away.
     *
     * @return STATUS_SUCCESS once flowDeleteFn has returned; STATUS_PENDING if it is called later, since the callout is
     *     asked about the flow now; STATUS_UNSUCCESSFUL if it has no context there
     */
    NtStatus untie(long flowId, Layer layer, int calloutId) {
        Map<Place, Tied> tied = flows.get(flowId);
        Tied gone = tied == null ? null : tied.remove(new Place(calloutId, layer));
        if (gone == null) {
            return NtStatus.STATUS_UNSUCCESSFUL;
        }
        return giveUp(gone) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_PENDING;
    }

    /** Ends a context that was taken out, now or when its callout is asked no more; false if somebody else does. */
    private boolean giveUp(Tied gone) {
        leaving.add(gone);
        // Looked at after the context is in the list: a classifyFn that returns now finds it there.
        return !gone.isInUse() && end(gone);
    }

    private boolean end(Tied gone) {
        if (!gone.ending.compareAndSet(false, true)) {
            return false;
        }
        try {
            gone.tellDriver();
        } finally {
            leaving.remove(gone);
            gone.callout.contextGone();
        }
        return true;
    }

    /** A classifyFn has returned: contexts that were taken away under it can go. */
    void classifyReturned() {
        if (!leaving.isEmpty()) {
            for (Tied gone : leaving) {
                if (!gone.isInUse()) {
                    end(gone);
                }
            }
        }
    }

    /** A flow has ended; its callouts hear of it with no lock held. */
    void flowEnded(long flowId) {
        Map<Place, Tied> tied = flows.remove(flowId);
        if (tied != null) {
            tied.forEach((place, context) -> {
                if (tied.remove(place, context)) {
                    giveUp(context);
                }
            });
        }
    }

    /** Ends the contexts that were tied while their callout was unregistered. */
    void endAllOf(int calloutId) {
        flows.values()
                .forEach(contexts -> contexts.forEach((place, context) -> {
                    if (place.calloutId() == calloutId && contexts.remove(place, context)) {
                        giveUp(context);
                    }
                }));
    }

    /** Whether no flow has contexts. */
    boolean isEmpty() {
        return flows.isEmpty();
    }

    /** Drops the contexts of a callout whose driver has gone without hearing of their end. */
    void forget(int calloutId) {
        flows.values()
                .forEach(contexts -> contexts.forEach((place, context) -> {
                    if (place.calloutId() == calloutId && contexts.remove(place, context)) {
                        context.callout.contextGone();
                    }
                }));
        leaving.removeIf(gone -> {
            boolean dropped = gone.callout.id() == calloutId && gone.ending.compareAndSet(false, true);
            if (dropped) {
                gone.callout.contextGone();
            }
            return dropped;
        });
    }
}
