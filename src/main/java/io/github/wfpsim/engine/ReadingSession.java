package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmCalloutChange;
import io.github.wfpsim.wfp.FwpmCalloutEnumTemplate;
import io.github.wfpsim.wfp.FwpmChangeCallback;
import io.github.wfpsim.wfp.FwpmChangeHandle;
import io.github.wfpsim.wfp.FwpmEnumHandle;
import io.github.wfpsim.wfp.FwpmEnumeration;
import io.github.wfpsim.wfp.FwpmFilterChange;
import io.github.wfpsim.wfp.FwpmFilterEnumTemplate;
import io.github.wfpsim.wfp.FwpmProviderChange;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpmProviderContextChange;
import io.github.wfpsim.wfp.FwpmProviderContextEnumTemplate;
import io.github.wfpsim.wfp.FwpmProviderEnumTemplate;
import io.github.wfpsim.wfp.FwpmSubLayerChange;
import io.github.wfpsim.wfp.FwpmSubLayerEnumTemplate;
import io.github.wfpsim.wfp.FwpmSubscription;
import io.github.wfpsim.wfp.FwpmSubscriptions;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a session asks the engine for and subscribes to. The calls are the same for each kind of objects, which {@link ObjectKinds}
 * tells apart. Safe for use by many threads.
 */
abstract class ReadingSession implements FwpmEnumeration, FwpmSubscriptions {

    private static final int BOTH = FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD
            | FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_DELETE;

    final ManagementSession.Machine machine;
    final PolicyStore store;
    final PolicySession session;

    private final ObjectKinds kinds;

    ReadingSession(ManagementSession.Machine machine, PolicySession session) {
        this.machine = machine;
        this.store = machine.store();
        this.session = session;
        this.kinds = machine.kinds();
    }

    // ---- filters

    @Override
    public Win32Error fwpmFilterCreateEnumHandle0(
            @Nullable FwpmFilterEnumTemplate enumTemplate, Out<FwpmEnumHandle<Filter>> enumHandle) {
        return create(kinds.filters, FilterSelection.of(enumTemplate, machine.paths()), enumHandle);
    }

    @Override
    public Win32Error fwpmFilterEnum0(
            FwpmEnumHandle<Filter> enumHandle, int numEntriesRequested, Out<List<Filter>> entries) {
        return next(kinds.filters, enumHandle, numEntriesRequested, entries);
    }

    @Override
    public Win32Error fwpmFilterDestroyEnumHandle0(FwpmEnumHandle<Filter> enumHandle) {
        return destroy(kinds.filters, enumHandle);
    }

    @Override
    public Win32Error fwpmFilterGetByKey0(UUID key, Out<Filter> filter) {
        Objects.requireNonNull(key, "key must not be null: give the filter's GUID");
        return get(kinds.filters, filter, policy -> policy.filtersByKey().get(key));
    }

    @Override
    public Win32Error fwpmFilterGetById0(long id, Out<Filter> filter) {
        return get(kinds.filters, filter, policy -> policy.filters().get(id));
    }

    @Override
    public Win32Error fwpmFilterSubscribeChanges0(
            FwpmSubscription<FwpmFilterEnumTemplate> subscription,
            FwpmChangeCallback<FwpmFilterChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle) {
        requireSubscription(subscription, callback, changeHandle);
        return subscribe(
                kinds.filters,
                new ChangeSubscription.Request<>(
                        FilterSelection.of(subscription.enumTemplate(), machine.paths()),
                        subscription.flags(),
                        callback,
                        context),
                changeHandle);
    }

    @Override
    public Win32Error fwpmFilterUnsubscribeChanges0(FwpmChangeHandle changeHandle) {
        return unsubscribe(kinds.filters, changeHandle, "FwpmFilterUnsubscribeChanges0");
    }

    // ---- sub-layers

    @Override
    public Win32Error fwpmSubLayerCreateEnumHandle0(
            @Nullable FwpmSubLayerEnumTemplate enumTemplate, Out<FwpmEnumHandle<SubLayer>> enumHandle) {
        return create(kinds.subLayers, subLayersOf(enumTemplate), enumHandle);
    }

    @Override
    public Win32Error fwpmSubLayerEnum0(
            FwpmEnumHandle<SubLayer> enumHandle, int numEntriesRequested, Out<List<SubLayer>> entries) {
        return next(kinds.subLayers, enumHandle, numEntriesRequested, entries);
    }

    @Override
    public Win32Error fwpmSubLayerDestroyEnumHandle0(FwpmEnumHandle<SubLayer> enumHandle) {
        return destroy(kinds.subLayers, enumHandle);
    }

    @Override
    public Win32Error fwpmSubLayerGetByKey0(UUID key, Out<SubLayer> subLayer) {
        Objects.requireNonNull(key, "key must not be null: give the sub-layer's GUID");
        return get(kinds.subLayers, subLayer, policy -> policy.subLayers().get(key));
    }

    @Override
    public Win32Error fwpmSubLayerSubscribeChanges0(
            FwpmSubscription<FwpmSubLayerEnumTemplate> subscription,
            FwpmChangeCallback<FwpmSubLayerChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle) {
        requireSubscription(subscription, callback, changeHandle);
        return subscribe(
                kinds.subLayers,
                new ChangeSubscription.Request<>(
                        subLayersOf(subscription.enumTemplate()), subscription.flags(), callback, context),
                changeHandle);
    }

    @Override
    public Win32Error fwpmSubLayerUnsubscribeChanges0(FwpmChangeHandle changeHandle) {
        return unsubscribe(kinds.subLayers, changeHandle, "FwpmSubLayerUnsubscribeChanges0");
    }

    // ---- providers

    @Override
    public Win32Error fwpmProviderCreateEnumHandle0(
            @Nullable FwpmProviderEnumTemplate enumTemplate, Out<FwpmEnumHandle<Provider>> enumHandle) {
        return create(kinds.providers, provider -> true, enumHandle);
    }

    @Override
    public Win32Error fwpmProviderEnum0(
            FwpmEnumHandle<Provider> enumHandle, int numEntriesRequested, Out<List<Provider>> entries) {
        return next(kinds.providers, enumHandle, numEntriesRequested, entries);
    }

    @Override
    public Win32Error fwpmProviderDestroyEnumHandle0(FwpmEnumHandle<Provider> enumHandle) {
        return destroy(kinds.providers, enumHandle);
    }

    @Override
    public Win32Error fwpmProviderGetByKey0(UUID key, Out<Provider> provider) {
        Objects.requireNonNull(key, "key must not be null: give the provider's GUID");
        return get(kinds.providers, provider, policy -> policy.providers().get(key));
    }

    @Override
    public Win32Error fwpmProviderSubscribeChanges0(
            FwpmSubscription<FwpmProviderEnumTemplate> subscription,
            FwpmChangeCallback<FwpmProviderChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle) {
        requireSubscription(subscription, callback, changeHandle);
        return subscribe(
                kinds.providers,
                new ChangeSubscription.Request<>(provider -> true, subscription.flags(), callback, context),
                changeHandle);
    }

    @Override
    public Win32Error fwpmProviderUnsubscribeChanges0(FwpmChangeHandle changeHandle) {
        return unsubscribe(kinds.providers, changeHandle, "FwpmProviderUnsubscribeChanges0");
    }

    // ---- callouts

    @Override
    public Win32Error fwpmCalloutCreateEnumHandle0(
            @Nullable FwpmCalloutEnumTemplate enumTemplate, Out<FwpmEnumHandle<FwpmCallout>> enumHandle) {
        return create(kinds.callouts, calloutsOf(enumTemplate), enumHandle);
    }

    @Override
    public Win32Error fwpmCalloutEnum0(
            FwpmEnumHandle<FwpmCallout> enumHandle, int numEntriesRequested, Out<List<FwpmCallout>> entries) {
        return next(kinds.callouts, enumHandle, numEntriesRequested, entries);
    }

    @Override
    public Win32Error fwpmCalloutDestroyEnumHandle0(FwpmEnumHandle<FwpmCallout> enumHandle) {
        return destroy(kinds.callouts, enumHandle);
    }

    @Override
    public Win32Error fwpmCalloutGetByKey0(UUID key, Out<FwpmCallout> callout) {
        Objects.requireNonNull(key, "key must not be null: give the callout's GUID");
        return get(kinds.callouts, callout, policy -> policy.callouts().get(key));
    }

    @Override
    public Win32Error fwpmCalloutGetById0(int id, Out<FwpmCallout> callout) {
        return get(
                kinds.callouts,
                callout,
                policy -> first(policy.callouts().values(), found -> id != 0 && kinds.idOf(found) == id));
    }

    @Override
    public Win32Error fwpmCalloutSubscribeChanges0(
            FwpmSubscription<FwpmCalloutEnumTemplate> subscription,
            FwpmChangeCallback<FwpmCalloutChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle) {
        requireSubscription(subscription, callback, changeHandle);
        return subscribe(
                kinds.callouts,
                new ChangeSubscription.Request<>(
                        calloutsOf(subscription.enumTemplate()), subscription.flags(), callback, context),
                changeHandle);
    }

    @Override
    public Win32Error fwpmCalloutUnsubscribeChanges0(FwpmChangeHandle changeHandle) {
        return unsubscribe(kinds.callouts, changeHandle, "FwpmCalloutUnsubscribeChanges0");
    }

    // ---- provider contexts

    @Override
    public Win32Error fwpmProviderContextCreateEnumHandle0(
            @Nullable FwpmProviderContextEnumTemplate enumTemplate,
            Out<FwpmEnumHandle<FwpmProviderContext>> enumHandle) {
        return create(kinds.providerContexts, contextsOf(enumTemplate), enumHandle);
    }

    @Override
    public Win32Error fwpmProviderContextEnum0(
            FwpmEnumHandle<FwpmProviderContext> enumHandle,
            int numEntriesRequested,
            Out<List<FwpmProviderContext>> entries) {
        return next(kinds.providerContexts, enumHandle, numEntriesRequested, entries);
    }

    @Override
    public Win32Error fwpmProviderContextDestroyEnumHandle0(FwpmEnumHandle<FwpmProviderContext> enumHandle) {
        return destroy(kinds.providerContexts, enumHandle);
    }

    @Override
    public Win32Error fwpmProviderContextGetByKey0(UUID key, Out<FwpmProviderContext> context) {
        Objects.requireNonNull(key, "key must not be null: give the provider context's GUID");
        return get(
                kinds.providerContexts,
                context,
                policy -> policy.providerContexts().get(key));
    }

    @Override
    public Win32Error fwpmProviderContextGetById0(long id, Out<FwpmProviderContext> context) {
        return get(
                kinds.providerContexts,
                context,
                policy -> first(policy.providerContexts().values(), found -> found.providerContextId() == id));
    }

    @Override
    public Win32Error fwpmProviderContextSubscribeChanges0(
            FwpmSubscription<FwpmProviderContextEnumTemplate> subscription,
            FwpmChangeCallback<FwpmProviderContextChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle) {
        requireSubscription(subscription, callback, changeHandle);
        return subscribe(
                kinds.providerContexts,
                new ChangeSubscription.Request<>(
                        contextsOf(subscription.enumTemplate()), subscription.flags(), callback, context),
                changeHandle);
    }

    @Override
    public Win32Error fwpmProviderContextUnsubscribeChanges0(FwpmChangeHandle changeHandle) {
        return unsubscribe(kinds.providerContexts, changeHandle, "FwpmProviderContextUnsubscribeChanges0");
    }

    // ---- selections

    private static Selection<SubLayer> subLayersOf(@Nullable FwpmSubLayerEnumTemplate template) {
        return subLayer -> template == null || isNamed(template.providerKey(), subLayer.providerKey());
    }

    private static Selection<FwpmCallout> calloutsOf(@Nullable FwpmCalloutEnumTemplate template) {
        return callout -> template == null
                || (isNamed(template.providerKey(), callout.providerKey())
                        && (template.layerKey() == null || template.layerKey() == callout.applicableLayer()));
    }

    private static Selection<FwpmProviderContext> contextsOf(@Nullable FwpmProviderContextEnumTemplate template) {
        return context -> template == null || isNamed(template.providerKey(), context.providerKey());
    }

    private static boolean isNamed(@Nullable UUID wanted, @Nullable UUID key) {
        return wanted == null || wanted.equals(key);
    }

    private static <T> @Nullable T first(Iterable<T> objects, Predicate<T> wanted) {
        for (T object : objects) {
            if (wanted.test(object)) {
                return object;
            }
        }
        return null;
    }

    // ---- the same for all kinds

    private <T, P> Win32Error get(ObjectKind<T, P, ?> kind, Out<P> receiver, Function<PolicyView, @Nullable T> lookUp) {
        Objects.requireNonNull(receiver, "the cell must not be null: give Out.empty()");
        List<T> found = new ArrayList<>(1);
        Win32Error result = store.look(session, policy -> {
            T object = lookUp.apply(policy);
            if (object != null) {
                found.add(object);
            }
        });
        if (result != Win32Error.NO_ERROR) {
            return result;
        }
        if (found.isEmpty()) {
            return kind.notFound();
        }
        receiver.set(kind.shown().apply(found.get(0)));
        return Win32Error.NO_ERROR;
    }

    private <T, P> Win32Error create(
            ObjectKind<T, P, ?> kind, Selection<T> selection, Out<FwpmEnumHandle<P>> enumHandle) {
        Objects.requireNonNull(enumHandle, "enumHandle must not be null: give Out.empty()");
        List<T> found = new ArrayList<>();
        Win32Error fitness = session.isClosed() ? Win32Error.FWP_E_SESSION_ABORTED : selection.fitness();
        Win32Error result = fitness != Win32Error.NO_ERROR
                ? fitness
                : store.look(
                        session,
                        policy -> found.addAll(selection.arrange(
                                kind.all().apply(policy).stream()
                                        .filter(selection::matches)
                                        .toList(),
                                policy)));
        if (result == Win32Error.NO_ERROR) {
            enumHandle.set(new Enumeration<>(
                    session, kind, found.stream().map(kind.shown()).toList()));
        }
        return result;
    }

    private <P> Win32Error next(
            ObjectKind<?, P, ?> kind, FwpmEnumHandle<P> enumHandle, int most, Out<List<P>> entries) {
        requireEnumeration(enumHandle);
        Objects.requireNonNull(entries, "entries must not be null: give Out.empty()");
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        List<P> page = enumHandle instanceof Enumeration<P> enumeration && enumeration.isOf(session, kind)
                ? enumeration.next(most)
                : null;
        if (page == null) {
            return Win32Error.WSA_INVALID_HANDLE;
        }
        entries.set(page);
        return Win32Error.NO_ERROR;
    }

    private <P> Win32Error destroy(ObjectKind<?, P, ?> kind, FwpmEnumHandle<P> enumHandle) {
        requireEnumeration(enumHandle);
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        boolean destroyed = enumHandle instanceof Enumeration<P> enumeration
                && enumeration.isOf(session, kind)
                && enumeration.destroy();
        return destroyed ? Win32Error.NO_ERROR : Win32Error.WSA_INVALID_HANDLE;
    }

    private static void requireEnumeration(FwpmEnumHandle<?> enumHandle) {
        Objects.requireNonNull(enumHandle, "enumHandle must not be null: give what CreateEnumHandle0 gave");
    }

    private static void requireSubscription(FwpmSubscription<?> subscription, Object callback, Object changeHandle) {
        Objects.requireNonNull(subscription, "subscription must not be null: use FwpmSubscription.toAll(null)");
        Objects.requireNonNull(callback, "callback must not be null: give who hears of the changes");
        Objects.requireNonNull(changeHandle, "changeHandle must not be null: give Out.empty()");
    }

    private <T, C> Win32Error subscribe(
            ObjectKind<T, ?, C> kind, ChangeSubscription.Request<T, C> request, Out<FwpmChangeHandle> changeHandle) {
        Win32Error fitness = store.fitnessToSubscribe(session);
        if (fitness == Win32Error.NO_ERROR) {
            fitness = fitnessOf(request);
        }
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        ChangeSubscription<T, C> made =
                new ChangeSubscription<>(session, kind, request, machine.verifier(), machine.waits());
        Win32Error result = store.subscribe(made);
        if (result == Win32Error.NO_ERROR) {
            changeHandle.set(made);
        }
        return result;
    }

    private static Win32Error fitnessOf(ChangeSubscription.Request<?, ?> request) {
        if ((request.flags() & ~BOTH) != 0) {
            return Win32Error.FWP_E_INVALID_FLAGS;
        }
        return request.flags() == 0
                ? Win32Error.FWP_E_NEVER_MATCH
                : request.selection().fitness();
    }

    private Win32Error unsubscribe(ObjectKind<?, ?, ?> kind, FwpmChangeHandle changeHandle, String function) {
        Objects.requireNonNull(changeHandle, "changeHandle must not be null: give what SubscribeChanges0 gave");
        Win32Error fitness = store.fitnessToSubscribe(session);
        if (fitness != Win32Error.NO_ERROR) {
            return fitness;
        }
        if (!(changeHandle instanceof ChangeSubscription<?, ?> subscription)
                || !subscription.isOf(session, kind)
                || !store.unsubscribe(subscription)) {
            return Win32Error.WSA_INVALID_HANDLE;
        }
        if (subscription.isToldOnThisThread()) {
            machine.verifier()
                    .fault(
                            null,
                            Fault.UNSUBSCRIBED_IN_OWN_CALLBACK,
                            subscription.toString(),
                            function + " waits for the callback that called it");
        } else {
            subscription.awaitEnd();
        }
        return Win32Error.NO_ERROR;
    }
}
