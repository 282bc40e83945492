package io.github.wfpsim.engine;

import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.NtPaths;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One session of management code, from FwpmEngineOpen0 to FwpmEngineClose0: checks a change, tells callouts and hands it to
 * the {@link PolicyStore}. What it only reads stands in {@link ReadingSession}. Safe for use by many threads.
 */
final class ManagementSession extends ReadingSession implements Fwpm {

    /** First half of the GUIDs of filters that were added without one. */
    private static final long ASSIGNED_KEY = 0x5746_5046_494C_5445L;

    /** The first session of a machine, which is not dynamic. */
    ManagementSession(Machine machine) {
        this(machine, new PolicySession(false));
    }

    private ManagementSession(Machine machine, PolicySession session) {
        super(machine, session);
        session.onDeleted(this::notifyDeleted);
    }

    /**
     * What the sessions of a machine share.
     *
     * @param store the objects
     * @param ids where run-time ids come from
     * @param callouts the registered callouts
     * @param verifier hears of diagnostics
     * @param options the machine's options
     * @param paths its volumes
     * @param net its addresses and interfaces
     * @param waits lists who waits for what
     * @param kinds its kinds of objects
     */
    record Machine(
            PolicyStore store,
            HandleSource ids,
            CalloutTable callouts,
            FaultRecorder verifier,
            SimOptions options,
            NtPaths paths,
            NetView net,
            Waits waits,
            ObjectKinds kinds) {}

    // ---- sessions and transactions

    @Override
    public Win32Error fwpmEngineOpen0(@Nullable FwpmSession description, Out<Fwpm> engineHandle) {
        Objects.requireNonNull(engineHandle, "engineHandle must not be null: give Out.empty()");
        boolean dynamic = description != null && description.dynamic();
        engineHandle.set(new ManagementSession(machine, new PolicySession(dynamic)));
        return Win32Error.NO_ERROR;
    }

    @Override
    public Win32Error fwpmEngineClose0() {
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        session.markClosed(); // first, so that no other thread begins a transaction that nobody would end
        store.unsubscribeAll(session);
        rollBack();
        store.takeAway(session);
        return Win32Error.NO_ERROR;
    }

    @Override
    public Win32Error fwpmTransactionBegin0(int flags) {
        return store.begin(session, (flags & FWPM_TXN_READ_ONLY) != 0);
    }

    @Override
    public Win32Error fwpmTransactionCommit0() {
        return store.commit(session);
    }

    @Override
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

    @Override
    public Win32Error fwpmProviderAdd0(Provider provider) {
        Objects.requireNonNull(provider, "provider must not be null: give the provider to add");
        return store.add(session, provider);
    }

    @Override
    public Win32Error fwpmProviderDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the provider's GUID");
        return store.deleteProvider(session, key);
    }

    @Override
    public Win32Error fwpmSubLayerAdd0(SubLayer subLayer) {
        Objects.requireNonNull(subLayer, "subLayer must not be null: give the sub-layer to add");
        return store.add(session, subLayer);
    }

    @Override
    public Win32Error fwpmSubLayerDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the sub-layer's GUID");
        return store.deleteSubLayer(session, key);
    }

    @Override
    public Win32Error fwpmCalloutAdd0(FwpmCallout callout, @Nullable Out<Integer> id) {
        Objects.requireNonNull(callout, "callout must not be null: give the callout to add");
        Win32Error result = store.add(session, callout);
        if (id != null && result == Win32Error.NO_ERROR) {
            id.set(machine.callouts().idOf(callout.calloutKey()));
        }
        return result;
    }

    @Override
    public Win32Error fwpmCalloutDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the callout's GUID");
        return store.deleteCallout(session, key);
    }

    // ---- provider contexts

    @Override
    public Win32Error fwpmProviderContextAdd0(FwpmProviderContext context, @Nullable Out<Long> id) {
        Objects.requireNonNull(context, "context must not be null: give the provider context to add");
        long runtimeId = machine.ids().next();
        Win32Error added = store.add(
                session,
                new FwpmProviderContext(
                        keyOr(context.providerContextKey(), runtimeId),
                        context.name(),
                        context.providerKey(),
                        context.dataBuffer(),
                        runtimeId));
        if (id != null && added == Win32Error.NO_ERROR) {
            id.set(runtimeId);
        }
        return added;
    }

    @Override
    public Win32Error fwpmProviderContextDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the provider context's GUID");
        return store.deleteProviderContext(session, key);
    }

    // ---- filters

    @Override
    public Win32Error fwpmFilterAdd0(Filter filter, @Nullable Out<Long> id) {
        Objects.requireNonNull(filter, "filter must not be null: give the filter to add");
        return add(FilterDefinition.withAppIds(filter, machine.paths()), id);
    }

    private Win32Error add(Filter filter, @Nullable Out<Long> id) {
        Win32Error fitness = fitness(filter);
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        SubLayer subLayer = store.subLayer(filter.subLayer());
        if (subLayer == null) {
            return Win32Error.FWP_E_SUBLAYER_NOT_FOUND;
        }
        long runtimeId = machine.ids().next();
        InstalledFilter installed = new InstalledFilter(
                runtimeId, keyOr(filter.filterKey(), runtimeId), filter, subLayer, surroundingsOf(filter));
        if (!notifyAdded(installed).isSuccess()) {
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
        } else {
            adviseOnContext(installed);
            adviseOnConditions(installed);
        }
        return added;
    }

    /** Tells of conditions that say something else than was meant (WFP-93). */
    private void adviseOnConditions(InstalledFilter filter) {
        Layer layer = filter.definition().layer();
        for (FilterCondition condition : filter.definition().conditions()) {
            String why = ConditionAdvice.whyNobodyHas(
                    condition, layer, machine.net(), machine.options().compartmentId());
            Integer meant = why == null ? ConditionAdvice.swappedPort(condition) : null;
            if (why != null) {
                diagnose(
                        Diagnostic.CONDITION_NEVER_MATCHES,
                        filter,
                        condition.field() + " " + condition.matchType() + " compares with what no connection has: "
                                + why);
            } else if (meant != null) {
                diagnose(
                        Diagnostic.PORT_LOOKS_SWAPPED,
                        filter,
                        condition.field() + " is compared with " + condition.value() + ", which is " + meant
                                + " with its bytes swapped");
            }
        }
    }

    private void diagnose(Diagnostic diagnostic, Object about, String detail) {
        machine.verifier().diagnose(null, diagnostic, about.toString(), detail);
    }

    /** The GUID that an object was given, or one that tells which object it is. */
    private static UUID keyOr(@Nullable UUID given, long runtimeId) {
        return given == null ? new UUID(ASSIGNED_KEY, runtimeId) : given;
    }

    private ShownFilter.Surroundings surroundingsOf(Filter filter) {
        UUID calloutKey = filter.calloutKey();
        FwpmCallout callout = store.callout(calloutKey);
        return new ShownFilter.Surroundings(
                () -> calloutKey == null ? 0 : machine.callouts().idOf(calloutKey),
                store.providerContext(filter.providerContextKey()),
                callout != null && callout.flags().contains(CalloutFlag.FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT),
                !machine.options().has(Deviation.EQUAL_WEIGHTS_OLDER_FIRST));
    }

    /** Tells of a provider context that the callout will not see, and may look for (WFP-92). */
    private void adviseOnContext(InstalledFilter filter) {
        Filter definition = filter.definition();
        if (definition.providerContextKey() != null
                && definition.action().isCallout()
                && filter.asSeenByCallouts().providerContext() == null) {
            diagnose(
                    Diagnostic.PROVIDER_CONTEXT_NOT_SHOWN,
                    filter,
                    "its callout was not added with FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT before the filter was: "
                            + "FWPS_FILTER.providerContext is null");
        }
    }

    private Win32Error fitness(Filter filter) {
        Win32Error fitness = store.fitness(session, filter);
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        for (FilterCondition condition : filter.conditions()) {
            fitness = ConditionType.fitness(condition, filter.layer());
            if (fitness != Win32Error.NO_ERROR) {
                explain(fitness, condition, filter);
                return fitness;
            }
        }
        if (!FilterDefinition.decidesOrAsks(filter.action())) {
            return Win32Error.FWP_E_INVALID_ACTION_TYPE;
        }
        return filter.weight().isValid() ? Win32Error.NO_ERROR : Win32Error.FWP_E_INVALID_WEIGHT;
    }

    /** Says what a condition should have been, which the status does not tell. */
    private void explain(Win32Error refusal, FilterCondition condition, Filter filter) {
        if (refusal == Win32Error.FWP_E_TYPE_MISMATCH) {
            diagnose(
                    Diagnostic.CONDITION_NEVER_MATCHES,
                    "filter \"" + filter.name() + "\"",
                    "is refused with " + refusal + ": " + condition.field() + " "
                            + ConditionAdvice.whatFits(condition, filter.layer()) + ", but was given "
                            + condition.value().getClass().getSimpleName() + " " + condition.value());
        }
    }

    private NtStatus notify(InstalledFilter filter, NotifyType type) {
        UUID calloutKey = filter.definition().calloutKey();
        if (calloutKey == null) {
            return NtStatus.STATUS_SUCCESS;
        }
        UUID key = type == NotifyType.FWPS_CALLOUT_NOTIFY_ADD_FILTER ? filter.key() : null;
        return machine.callouts().notify(calloutKey, type, key, filter.asSeenByCallouts());
    }

    private NtStatus notifyAdded(InstalledFilter filter) {
        filter.asSeenByCallouts().setContextWritable(true);
        try {
            return notify(filter, NotifyType.FWPS_CALLOUT_NOTIFY_ADD_FILTER);
        } finally {
            filter.asSeenByCallouts().setContextWritable(false);
        }
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

    @Override
    public Win32Error fwpmGetAppIdFromFileName0(String fileName, Out<FwpByteBlob> appId) {
        Objects.requireNonNull(fileName, "fileName must not be null: give a full path");
        Objects.requireNonNull(appId, "appId must not be null: give Out.empty()");
        String path = machine.paths().devicePath(fileName);
        if (path == null) {
            return Win32Error.ERROR_FILE_NOT_FOUND;
        }
        appId.set(FwpByteBlob.ofText(path));
        return Win32Error.NO_ERROR;
    }

    @Override
    public Win32Error fwpmFilterDeleteById0(long id) {
        return store.deleteFilter(session, id);
    }

    @Override
    public Win32Error fwpmFilterDeleteByKey0(UUID key) {
        Objects.requireNonNull(key, "key must not be null: give the filter's GUID");
        return store.deleteFilter(session, key);
    }
}
