package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.HandleSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Management of providers, sub-layers, callouts and filters, what a service calls on Windows through fwpuclnt. An object
 * stands for one engine handle, that is, one session.
 *
 * <p>Every change is visible to classifications that start later; a running one keeps the set that it started with. A
 * change at AUTH_CONNECT or AUTH_RECV_ACCEPT has the live flows of that layer authorized again, on the thread that makes
 * the change, before the call returns; what is blocked then is cut. A call outside a transaction is one of its own; while
 * another session has one open, calls that write fail at once with FWP_E_TIMEOUT. In a transaction that only reads they
 * fail with FWP_E_INCOMPATIBLE_TXN, after the session was closed every call but {@code close()} answers
 * FWP_E_SESSION_ABORTED, whatever else is wrong. Safe for use by many threads.
 *
 * <p>Source: Windows Filtering Platform API (Win32). Requirements: WFP-07, WFP-09, WFP-21 to WFP-24, WFP-30, WFP-31,
 * WFP-34, WFP-73, WFP-74.
 */
public final class Fwpm implements AutoCloseable {

    /** Flag of {@link #fwpmTransactionBegin0}: the transaction does not write. */
    public static final int FWPM_TXN_READ_ONLY = 0x00000001;

    /** First half of the GUIDs of filters that were added without one. */
    private static final long ASSIGNED_KEY = 0x5746_5046_494C_5445L;

    private final PolicyStore store;
    private final HandleSource ids;
    private final CalloutRegistry callouts;
    private final PolicySession session;

    /**
     * Creates the management door of a machine, with a session that is not dynamic. Called by the root.
     *
     * @param store what is managed
     * @param ids where run-time ids of filters come from
     * @param callouts the callouts that drivers have registered
     */
    public Fwpm(PolicyStore store, HandleSource ids, CalloutRegistry callouts) {
        this(store, ids, callouts, new PolicySession(false));
    }

    private Fwpm(PolicyStore store, HandleSource ids, CalloutRegistry callouts, PolicySession session) {
        this.store = Objects.requireNonNull(store, "store must not be null");
        this.ids = Objects.requireNonNull(ids, "ids must not be null");
        this.callouts = Objects.requireNonNull(callouts, "callouts must not be null");
        this.session = session;
        session.onDeleted(this::notifyDeleted);
    }

    // ---- sessions and transactions

    /**
     * Opens another session, FwpmEngineOpen0. <b>Simulated.</b>
     *
     * @param description null for a session that is not dynamic
     * @param engineHandle receives the session
     * @return NO_ERROR
     */
    public Win32Error fwpmEngineOpen0(@Nullable FwpmSession description, Out<Fwpm> engineHandle) {
        Objects.requireNonNull(engineHandle, "engineHandle must not be null: give Out.empty()");
        boolean dynamic = description != null && description.dynamic();
        engineHandle.set(new Fwpm(store, ids, callouts, new PolicySession(dynamic)));
        return Win32Error.NO_ERROR;
    }

    /**
     * Closes the session, FwpmEngineClose0. <b>Simulated.</b> An open transaction is aborted; what a dynamic session
     * added is deleted.
     *
     * @return NO_ERROR; FWP_E_SESSION_ABORTED if it was closed before
     */
    public Win32Error fwpmEngineClose0() {
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        session.markClosed(); // first, so that no other thread begins a transaction that nobody would end
        rollBack();
        store.takeAway(session);
        return Win32Error.NO_ERROR;
    }

    /** Closes the session, unless that has been done. */
    @Override
    public void close() {
        fwpmEngineClose0();
    }

    /**
     * Begins a transaction, FwpmTransactionBegin0. <b>Simulated.</b> Its changes take effect together when it commits.
     *
     * @param flags 0 or {@link #FWPM_TXN_READ_ONLY}
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS if the session has one; FWP_E_TIMEOUT while another session has one;
     *     FWP_E_SESSION_ABORTED
     */
    public Win32Error fwpmTransactionBegin0(int flags) {
        return store.begin(session, (flags & FWPM_TXN_READ_ONLY) != 0);
    }

    /**
     * Commits the transaction, FwpmTransactionCommit0. <b>Simulated.</b>
     *
     * @return NO_ERROR; FWP_E_NO_TXN_IN_PROGRESS; FWP_E_SESSION_ABORTED
     */
    public Win32Error fwpmTransactionCommit0() {
        return store.commit(session);
    }

    /**
     * Undoes the transaction, FwpmTransactionAbort0. <b>Simulated.</b>
     *
     * @return NO_ERROR; FWP_E_NO_TXN_IN_PROGRESS; FWP_E_SESSION_ABORTED
     */
    public Win32Error fwpmTransactionAbort0() {
        return session.isClosed() ? Win32Error.FWP_E_SESSION_ABORTED : rollBack();
    }

    private Win32Error rollBack() {
        PolicyTransaction undone = store.abort(session);
        if (undone == null) {
            return Win32Error.FWP_E_NO_TXN_IN_PROGRESS;
        }
        // What was to be deleted is back, and nobody has heard of it.
        notifyDeleted(undone.added());
        return Win32Error.NO_ERROR;
    }

    // ---- providers, sub-layers, callouts

    /**
     * Adds a provider, FwpmProviderAdd0. <b>Simulated.</b>
     *
     * @param provider the provider
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    public Win32Error fwpmProviderAdd0(Provider provider) {
        Objects.requireNonNull(provider, "provider must not be null: give the provider to add");
        return store.add(session, provider);
    }

    /**
     * Deletes a provider, FwpmProviderDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_PROVIDER_NOT_FOUND; FWP_E_IN_USE while filters name it; FWP_E_WRONG_SESSION if it belongs
     *     to another dynamic session
     */
    public Win32Error fwpmProviderDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the provider's GUID");
        return store.deleteProvider(session, key);
    }

    /**
     * Adds a sub-layer, FwpmSubLayerAdd0. <b>Simulated.</b>
     *
     * @param subLayer the sub-layer
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    public Win32Error fwpmSubLayerAdd0(SubLayer subLayer) {
        Objects.requireNonNull(subLayer, "subLayer must not be null: give the sub-layer to add");
        return store.add(session, subLayer);
    }

    /**
     * Deletes a sub-layer, FwpmSubLayerDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_IN_USE while it has filters; FWP_E_BUILTIN_OBJECT for
     *     FWPM_SUBLAYER_UNIVERSAL; FWP_E_WRONG_SESSION if it belongs to another dynamic session
     */
    public Win32Error fwpmSubLayerDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the sub-layer's GUID");
        return store.deleteSubLayer(session, key);
    }

    /**
     * Adds a callout, FwpmCalloutAdd0. <b>Simulated.</b> A filter may name a callout that was not added; one that was
     * added belongs to its layer.
     *
     * @param callout the callout
     * @param id receives the run-time id of a registered callout, else 0; may be null
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    public Win32Error fwpmCalloutAdd0(FwpmCallout callout, @Nullable Out<Integer> id) {
        Objects.requireNonNull(callout, "callout must not be null: give the callout to add");
        Win32Error result = store.add(session, callout);
        if (id != null && result == Win32Error.NO_ERROR) {
            id.set(callouts.idOf(callout.calloutKey()));
        }
        return result;
    }

    /**
     * Deletes a callout, FwpmCalloutDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_CALLOUT_NOT_FOUND; FWP_E_IN_USE while filters name it; FWP_E_WRONG_SESSION if it belongs
     *     to another dynamic session
     */
    public Win32Error fwpmCalloutDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the callout's GUID");
        return store.deleteCallout(session, key);
    }

    // ---- filters

    /**
     * Adds a filter, FwpmFilterAdd0. <b>Simulated.</b> The notifyFn of a registered callout hears of it first.
     *
     * @param filter the filter
     * @param id receives the run-time id; may be null
     * @return NO_ERROR; FWP_E_PROVIDER_NOT_FOUND; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_INCOMPATIBLE_LAYER if its callout was
     *     added for another layer; FWP_E_LIFETIME_MISMATCH if provider, sub-layer or callout go with a dynamic session
     *     other than this one; FWP_E_CONDITION_NOT_FOUND if the layer has no such field; FWP_E_MATCH_TYPE_MISMATCH
     *     and FWP_E_TYPE_MISMATCH if comparison or value do not suit it; FWP_E_INVALID_ACTION_TYPE for an action that is
     *     neither permit nor block nor a callout; FWP_E_INVALID_WEIGHT for a range above 15;
     *     FWP_E_ALREADY_EXISTS if its key is taken; FWP_E_CALLOUT_NOTIFICATION_FAILED. On failure {@code id} is left
     *     alone.
     */
    public Win32Error fwpmFilterAdd0(Filter filter, @Nullable Out<Long> id) {
        Objects.requireNonNull(filter, "filter must not be null: give the filter to add");
        Win32Error fitness = fitness(filter);
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        SubLayer subLayer = store.subLayer(filter.subLayer());
        if (subLayer == null) {
            return Win32Error.FWP_E_SUBLAYER_NOT_FOUND;
        }
        long runtimeId = ids.next();
        UUID key = filter.filterKey();
        InstalledFilter installed =
                new InstalledFilter(runtimeId, key == null ? new UUID(ASSIGNED_KEY, runtimeId) : key, filter, subLayer);
        if (!notify(installed, NotifyType.FWPS_CALLOUT_NOTIFY_ADD_FILTER).isSuccess()) {
            return Win32Error.FWP_E_CALLOUT_NOTIFICATION_FAILED;
        }
        Long before = id == null ? null : id.get();
        if (id != null) {
            id.set(runtimeId); // before callouts are asked about live flows under the new filter
        }
        Win32Error added = store.add(session, installed);
        if (added != Win32Error.NO_ERROR) {
            notifyDeleted(installed);
            if (id != null) {
                id.set(before);
            }
        }
        return added;
    }

    private Win32Error fitness(Filter filter) {
        Win32Error fitness = store.fitness(session, filter);
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        for (FilterCondition condition : filter.conditions()) {
            fitness = condition.fitness(filter.layer());
            if (fitness != Win32Error.NO_ERROR) {
                return fitness;
            }
        }
        if (!filter.decidesOrAsks()) {
            return Win32Error.FWP_E_INVALID_ACTION_TYPE;
        }
        return filter.weight().isValid() ? Win32Error.NO_ERROR : Win32Error.FWP_E_INVALID_WEIGHT;
    }

    private NtStatus notify(InstalledFilter filter, NotifyType type) {
        UUID calloutKey = filter.definition().calloutKey();
        if (calloutKey == null) {
            return NtStatus.STATUS_SUCCESS;
        }
        UUID key = type == NotifyType.FWPS_CALLOUT_NOTIFY_ADD_FILTER ? filter.key() : null;
        return callouts.notify(calloutKey, type, key, filter.asSeenByCallouts());
    }

    private void notifyDeleted(InstalledFilter filter) {
        notify(filter, NotifyType.FWPS_CALLOUT_NOTIFY_DELETE_FILTER);
    }

    /** Every callout hears of its filters, also after the fault of another. */
    private void notifyDeleted(List<InstalledFilter> filters) {
        RuntimeException first = null;
        for (InstalledFilter filter : filters) {
            try {
                notifyDeleted(filter);
            } catch (RuntimeException fault) {
                if (first == null) {
                    first = fault;
                } else {
                    first.addSuppressed(fault);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Deletes a filter, FwpmFilterDeleteById0. <b>Simulated.</b> The notifyFn of a registered callout hears of it, in a
     * transaction when that commits.
     *
     * @param id its run-time id
     * @return NO_ERROR; FWP_E_FILTER_NOT_FOUND; FWP_E_WRONG_SESSION if it belongs to another dynamic session
     */
    public Win32Error fwpmFilterDeleteById0(long id) {
        return store.deleteFilter(session, id);
    }

    /**
     * Deletes a filter, FwpmFilterDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return as {@link #fwpmFilterDeleteById0}
     */
    public Win32Error fwpmFilterDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the filter's GUID");
        return store.deleteFilter(session, key);
    }

    // ---- the same for those who want exceptions

    /**
     * Opens another session.
     *
     * @param description what kind
     * @return the session, to be closed
     */
    public Fwpm open(FwpmSession description) {
        Objects.requireNonNull(description, "description must not be null: use FwpmSession.dynamic(name)");
        Out<Fwpm> opened = Out.empty();
        fwpmEngineOpen0(description, opened);
        return Objects.requireNonNull(opened.get());
    }

    /**
     * Adds a sub-layer, or says why that is not possible.
     *
     * @param subLayer the sub-layer
     * @return the sub-layer
     * @throws IllegalArgumentException if {@link #fwpmSubLayerAdd0} refuses it
     */
    public SubLayer addSubLayer(SubLayer subLayer) {
        Win32Error error = fwpmSubLayerAdd0(subLayer);
        if (error != Win32Error.NO_ERROR) {
            throw new IllegalArgumentException(
                    "FwpmSubLayerAdd0 refused sub-layer \"" + subLayer.name() + "\": " + error);
        }
        return subLayer;
    }

    /**
     * Adds a filter, or says why that is not possible.
     *
     * @param filter the filter
     * @return its run-time id
     * @throws IllegalArgumentException if {@link #fwpmFilterAdd0} refuses it
     */
    public long addFilter(Filter filter) {
        Out<Long> id = Out.empty();
        Win32Error error = fwpmFilterAdd0(filter, id);
        Long added = id.get();
        if (error != Win32Error.NO_ERROR || added == null) {
            throw new IllegalArgumentException("FwpmFilterAdd0 refused filter \"" + filter.name() + "\": " + error);
        }
        return added;
    }
}
