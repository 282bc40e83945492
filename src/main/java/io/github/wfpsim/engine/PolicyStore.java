package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ChangeType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Providers, sub-layers, callouts and filters. Writers take the private lock and publish an immutable snapshot of each
 * layer that they changed, an explicit transaction when it commits; readers take none, so a running classification keeps
 * the set that it started with (WFP-31). Safe for use by many threads.
 */
final class PolicyStore {

    private final Consumer<Set<Layer>> onChange;
    private final Object lock = new Object();
    private final Map<UUID, Provider> providers = new LinkedHashMap<>();
    private final Map<UUID, SubLayer> subLayers = new LinkedHashMap<>();
    private final Map<UUID, FwpmCallout> callouts = new LinkedHashMap<>();
    private final Map<UUID, FwpmProviderContext> providerContexts = new LinkedHashMap<>();
    private final Map<Long, InstalledFilter> filters = new LinkedHashMap<>();
    private final Map<UUID, InstalledFilter> filtersByKey = new HashMap<>();

    /** By the object itself: a provider and a sub-layer may have the same GUID. */
    private final IdentityHashMap<Object, PolicySession> dynamicOwners = new IdentityHashMap<>();

    private final PolicyView view = new PolicyView(
            Collections.unmodifiableMap(providers),
            Collections.unmodifiableMap(subLayers),
            Collections.unmodifiableMap(callouts),
            Collections.unmodifiableMap(providerContexts),
            Collections.unmodifiableMap(filters),
            Collections.unmodifiableMap(filtersByKey));

    private final List<ChangeSubscription<?, ?>> subscriptions = new ArrayList<>();
    private final ChangeNotices notices = new ChangeNotices();

    private @Nullable PolicyTransaction open;

    /** Has every layer, so that a look-up is one. */
    private volatile Map<Layer, LayerFilters> snapshot = noFilters();

    /** Empty but for the universal sub-layer; {@code onChange} hears which layers have changed, with no lock held. */
    PolicyStore(Consumer<Set<Layer>> onChange) {
        this.onChange = onChange;
        subLayers.put(SubLayer.UNIVERSAL.key(), SubLayer.UNIVERSAL);
    }

    /** An immutable snapshot of the filters of a layer as they are now. */
    LayerFilters at(Layer layer) {
        return snapshot.getOrDefault(layer, LayerFilters.NONE);
    }

    // ---- objects

    Win32Error add(PolicySession session, Provider provider) {
        return write(session, txn -> insert(txn, providers, provider.key(), provider));
    }

    Win32Error add(PolicySession session, SubLayer subLayer) {
        return write(session, txn -> {
            Win32Error fitness = fitnessOfProvider(session, subLayer.providerKey());
            return fitness == Win32Error.NO_ERROR ? insert(txn, subLayers, subLayer.key(), subLayer) : fitness;
        });
    }

    Win32Error add(PolicySession session, FwpmCallout callout) {
        return write(session, txn -> {
            Win32Error fitness = fitnessOfProvider(session, callout.providerKey());
            return fitness == Win32Error.NO_ERROR ? insert(txn, callouts, callout.calloutKey(), callout) : fitness;
        });
    }

    Win32Error add(PolicySession session, FwpmProviderContext context) {
        UUID key = Objects.requireNonNull(context.providerContextKey(), "the key is assigned before");
        return write(session, txn -> {
            Win32Error fitness = fitnessOfProvider(session, context.providerKey());
            return fitness == Win32Error.NO_ERROR ? insert(txn, providerContexts, key, context) : fitness;
        });
    }

    /** What keeps an object from naming a provider; NO_ERROR if nothing does, or it names none. */
    private Win32Error fitnessOfProvider(PolicySession session, @Nullable UUID providerKey) {
        Provider provider = providerKey == null ? null : providers.get(providerKey);
        if (provider == null && providerKey != null) {
            return Win32Error.FWP_E_PROVIDER_NOT_FOUND;
        }
        return outlives(session, provider) ? Win32Error.FWP_E_LIFETIME_MISMATCH : Win32Error.NO_ERROR;
    }

    Win32Error deleteProviderContext(PolicySession session, UUID key) {
        return write(session, txn -> {
            boolean used = filters.values().stream()
                    .anyMatch(filter -> key.equals(filter.definition().providerContextKey()));
            return delete(txn, providerContexts, key, used, Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND);
        });
    }

    @Nullable
    FwpmProviderContext providerContext(@Nullable UUID key) {
        synchronized (lock) {
            return key == null ? null : providerContexts.get(key);
        }
    }

    @Nullable
    FwpmCallout callout(@Nullable UUID key) {
        synchronized (lock) {
            return key == null ? null : callouts.get(key);
        }
    }

    Win32Error deleteProvider(PolicySession session, UUID key) {
        return write(session, txn -> {
            boolean used = filters.values().stream()
                            .anyMatch(filter -> key.equals(filter.definition().providerKey()))
                    || providerContexts.values().stream().anyMatch(context -> key.equals(context.providerKey()))
                    || subLayers.values().stream().anyMatch(subLayer -> key.equals(subLayer.providerKey()))
                    || callouts.values().stream().anyMatch(callout -> key.equals(callout.providerKey()));
            return delete(txn, providers, key, used, Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        });
    }

    Win32Error deleteSubLayer(PolicySession session, UUID key) {
        return write(session, txn -> {
            if (key.equals(SubLayer.UNIVERSAL.key())) {
                return Win32Error.FWP_E_BUILTIN_OBJECT;
            }
            boolean used = filters.values().stream()
                    .anyMatch(filter -> key.equals(filter.definition().subLayer()));
            Map<UUID, SubLayer> inOrder = new LinkedHashMap<>(subLayers);
            Win32Error deleted = delete(txn, subLayers, key, used, Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
            // Among equal weights the older is asked first, also after its deletion was undone.
            txn.undoWith(() -> {
                subLayers.clear();
                subLayers.putAll(inOrder);
            });
            return deleted;
        });
    }

    Win32Error deleteCallout(PolicySession session, UUID key) {
        return write(session, txn -> {
            boolean used = filters.values().stream()
                    .anyMatch(filter -> key.equals(filter.definition().calloutKey()));
            return delete(txn, callouts, key, used, Win32Error.FWP_E_CALLOUT_NOT_FOUND);
        });
    }

    /** What keeps a session from adding a filter now; NO_ERROR if nothing does. */
    Win32Error fitness(PolicySession session, Filter filter) {
        synchronized (lock) {
            Win32Error refusal = refusal(session, open);
            return refusal == Win32Error.NO_ERROR ? fitnessFor(session, filter) : refusal;
        }
    }

    private Win32Error fitnessFor(PolicySession session, Filter filter) {
        Provider provider = filter.providerKey() == null ? null : providers.get(filter.providerKey());
        if (provider == null && filter.providerKey() != null) {
            return Win32Error.FWP_E_PROVIDER_NOT_FOUND;
        }
        SubLayer subLayer = subLayers.get(filter.subLayer());
        if (subLayer == null) {
            return Win32Error.FWP_E_SUBLAYER_NOT_FOUND;
        }
        FwpmCallout callout = filter.calloutKey() == null ? null : callouts.get(filter.calloutKey());
        if (callout != null && callout.applicableLayer() != filter.layer()) {
            return Win32Error.FWP_E_INCOMPATIBLE_LAYER;
        }
        UUID contextKey = filter.providerContextKey();
        FwpmProviderContext context = providerContext(contextKey);
        if (context == null && contextKey != null) {
            return Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND;
        }
        if (outlives(session, provider)
                || outlives(session, subLayer)
                || outlives(session, callout)
                || outlives(session, context)) {
            return Win32Error.FWP_E_LIFETIME_MISMATCH;
        }
        UUID key = filter.filterKey();
        return key != null && find(key) != null ? Win32Error.FWP_E_ALREADY_EXISTS : Win32Error.NO_ERROR;
    }

    /** Whether what a session adds may stay when something that it names goes with another session (WFP-30). */
    private boolean outlives(PolicySession session, @Nullable Object named) {
        PolicySession owner = dynamicOwners.get(named);
        return owner != null && owner != session;
    }

    Win32Error add(PolicySession session, InstalledFilter filter) {
        return write(session, txn -> {
            Win32Error fitness = fitnessFor(session, filter.definition());
            if (fitness == Win32Error.NO_ERROR) {
                insert(txn, filters, filter.id(), filter);
                filtersByKey.putIfAbsent(filter.key(), filter);
                txn.undoWith(() -> filtersByKey.remove(filter.key(), filter));
                txn.add(filter);
            }
            return fitness;
        });
    }

    @Nullable
    SubLayer subLayer(UUID key) {
        synchronized (lock) {
            return subLayers.get(key);
        }
    }

    @Nullable
    InstalledFilter find(long filterId) {
        synchronized (lock) {
            return filters.get(filterId);
        }
    }

    @Nullable
    InstalledFilter find(UUID filterKey) {
        synchronized (lock) {
            return filtersByKey.get(filterKey);
        }
    }

    Win32Error deleteFilter(PolicySession session, long id) {
        return write(session, txn -> deleteFilter(txn, id));
    }

    Win32Error deleteFilter(PolicySession session, UUID key) {
        return write(session, txn -> {
            InstalledFilter named = find(key);
            return named == null ? Win32Error.FWP_E_FILTER_NOT_FOUND : deleteFilter(txn, named.id());
        });
    }

    private Win32Error deleteFilter(PolicyTransaction txn, long id) {
        InstalledFilter gone = filters.get(id);
        Win32Error result = delete(txn, filters, id, false, Win32Error.FWP_E_FILTER_NOT_FOUND);
        if (gone != null && result == Win32Error.NO_ERROR) {
            filtersByKey.remove(gone.key(), gone);
            txn.undoWith(() -> filtersByKey.putIfAbsent(gone.key(), gone));
            txn.delete(gone);
        }
        return result;
    }

    private <K, V> Win32Error insert(PolicyTransaction txn, Map<K, V> objects, K key, V object) {
        if (objects.containsKey(key)) {
            return Win32Error.FWP_E_ALREADY_EXISTS;
        }
        objects.put(key, object);
        txn.changed(ChangeType.FWPM_CHANGE_ADD, object);
        txn.undoWith(() -> objects.remove(key));
        if (txn.session().isDynamic()) {
            dynamicOwners.put(object, txn.session());
            txn.undoWith(() -> dynamicOwners.remove(object));
        }
        return Win32Error.NO_ERROR;
    }

    private <K, V> Win32Error delete(
            PolicyTransaction txn, Map<K, V> objects, K key, boolean used, Win32Error missing) {
        V object = objects.get(key);
        if (object == null) {
            return missing;
        }
        PolicySession owner = dynamicOwners.get(object);
        if (owner != null && owner != txn.session()) {
            return Win32Error.FWP_E_WRONG_SESSION;
        }
        if (used) {
            return Win32Error.FWP_E_IN_USE;
        }
        objects.remove(key);
        txn.changed(ChangeType.FWPM_CHANGE_DELETE, object);
        txn.undoWith(() -> objects.put(key, object));
        if (owner != null) {
            dynamicOwners.remove(object);
            txn.undoWith(() -> dynamicOwners.put(object, owner));
        }
        return Win32Error.NO_ERROR;
    }

    // ---- what there is

    /** Lets a session look at what there is for it now, inside the lock; tells why it may not. */
    Win32Error look(PolicySession session, Consumer<PolicyView> onlooker) {
        synchronized (lock) {
            Win32Error refusal = refusalToLook(session, open);
            if (refusal == Win32Error.NO_ERROR) {
                onlooker.accept(view);
            }
            return refusal;
        }
    }

    /** What another session's transaction has changed so far, nobody else sees (WFP-131). */
    private static Win32Error refusalToLook(PolicySession session, @Nullable PolicyTransaction running) {
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        return running == null || running.session() == session || running.isReadOnly()
                ? Win32Error.NO_ERROR
                : Win32Error.FWP_E_TIMEOUT;
    }

    // ---- subscriptions

    /** What keeps a session from subscribing or unsubscribing now (WFP-142). */
    Win32Error fitnessToSubscribe(PolicySession session) {
        synchronized (lock) {
            if (session.isClosed()) {
                return Win32Error.FWP_E_SESSION_ABORTED;
            }
            PolicyTransaction running = open;
            return running != null && running.session() == session
                    ? Win32Error.FWP_E_TXN_IN_PROGRESS
                    : Win32Error.NO_ERROR;
        }
    }

    /** Has a subscription noted what is committed from now on. */
    Win32Error subscribe(ChangeSubscription<?, ?> subscription) {
        synchronized (lock) {
            Win32Error fitness = fitnessToSubscribe(subscription.session());
            if (fitness == Win32Error.NO_ERROR) {
                subscriptions.add(subscription);
            }
            return fitness;
        }
    }

    /** Ends a subscription, without waiting for its callback; false if that has been done. */
    boolean unsubscribe(ChangeSubscription<?, ?> subscription) {
        synchronized (lock) {
            boolean removed = subscriptions.remove(subscription);
            if (removed) {
                subscription.cancel();
            }
            return removed;
        }
    }

    /** Ends all subscriptions of a session that is closed (WFP-143). */
    void unsubscribeAll(PolicySession session) {
        synchronized (lock) {
            for (ChangeSubscription<?, ?> subscription : List.copyOf(subscriptions)) {
                if (subscription.session() == session) {
                    unsubscribe(subscription);
                }
            }
        }
    }

    // ---- transactions

    Win32Error begin(PolicySession session, boolean readOnly) {
        synchronized (lock) {
            PolicyTransaction running = open;
            if (session.isClosed()) {
                return Win32Error.FWP_E_SESSION_ABORTED;
            }
            if (running != null) {
                return running.session() == session ? Win32Error.FWP_E_TXN_IN_PROGRESS : Win32Error.FWP_E_TIMEOUT;
            }
            open = new PolicyTransaction(session, readOnly);
            return Win32Error.NO_ERROR;
        }
    }

    Win32Error commit(PolicySession session) {
        PolicyTransaction txn;
        synchronized (lock) {
            if (session.isClosed()) {
                return Win32Error.FWP_E_SESSION_ABORTED;
            }
            txn = end(session);
            if (txn == null) {
                return Win32Error.FWP_E_NO_TXN_IN_PROGRESS;
            }
            publish(txn);
        }
        announce(txn);
        return Win32Error.NO_ERROR;
    }

    /** Undoes what the session's transaction did; null if it has none. */
    @Nullable
    PolicyTransaction abort(PolicySession session) {
        synchronized (lock) {
            PolicyTransaction txn = end(session);
            if (txn != null) {
                txn.undo();
            }
            return txn;
        }
    }

    private @Nullable PolicyTransaction end(PolicySession session) {
        synchronized (lock) {
            PolicyTransaction txn = open;
            if (txn == null || txn.session() != session) {
                return null;
            }
            open = null;
            return txn;
        }
    }

    /** Takes away what a dynamic session added, in the order that references allow. */
    void takeAway(PolicySession session) {
        PolicyTransaction txn = new PolicyTransaction(session, false);
        synchronized (lock) {
            for (Map<?, ?> objects : List.of(filters, callouts, providerContexts, subLayers, providers)) {
                for (Object object : List.copyOf(objects.values())) {
                    if (dynamicOwners.remove(object, session)) {
                        objects.values().remove(object);
                        txn.changed(ChangeType.FWPM_CHANGE_DELETE, object);
                        if (object instanceof InstalledFilter filter) {
                            filtersByKey.remove(filter.key(), filter);
                            txn.delete(filter);
                        }
                    }
                }
            }
            // Another session may have a transaction open, whose changes are in the maps but not in force.
            Map<Layer, LayerFilters> next = copyOfSnapshot();
            Set<InstalledFilter> gone = new HashSet<>(txn.deleted());
            next.replaceAll((layer, inForce) -> inForce.without(gone));
            snapshot = next;
            noteForSubscribers(txn);
        }
        announce(txn);
    }

    private Win32Error write(PolicySession session, Function<PolicyTransaction, Win32Error> change) {
        PolicyTransaction txn;
        synchronized (lock) {
            PolicyTransaction running = open;
            Win32Error refusal = refusal(session, running);
            if (refusal != Win32Error.NO_ERROR) {
                return refusal;
            }
            txn = running == null ? new PolicyTransaction(session, false) : running;
            Win32Error result = change.apply(txn);
            if (result != Win32Error.NO_ERROR || running != null) {
                return result;
            }
            publish(txn);
        }
        announce(txn);
        return Win32Error.NO_ERROR;
    }

    private static Win32Error refusal(PolicySession session, @Nullable PolicyTransaction running) {
        if (session.isClosed()) {
            return Win32Error.FWP_E_SESSION_ABORTED;
        }
        if (running == null) {
            return Win32Error.NO_ERROR;
        }
        if (running.session() != session) {
            // Windows waits for a while; here the other session may well be on the same thread.
            return Win32Error.FWP_E_TIMEOUT;
        }
        return running.isReadOnly() ? Win32Error.FWP_E_INCOMPATIBLE_TXN : Win32Error.NO_ERROR;
    }

    // ---- snapshot

    /** Notes for the subscribers of other sessions what is in force now; inside the lock, so that all hear it in one order. */
    private void noteForSubscribers(PolicyTransaction txn) {
        if (subscriptions.isEmpty()) {
            return;
        }
        Set<ChangeSubscription<?, ?>> noted = new LinkedHashSet<>();
        int turn = notices.turn();
        for (PolicyChange change : txn.changes()) {
            for (ChangeSubscription<?, ?> subscription : subscriptions) {
                if (subscription.session() != txn.session() && subscription.note(change, turn)) {
                    noted.add(subscription);
                }
            }
        }
        txn.noteFor(List.copyOf(noted));
    }

    /** Puts a transaction's changes in force, under the same lock that ended it: the maps hold no others then. */
    private void publish(PolicyTransaction txn) {
        Set<InstalledFilter> gone = new HashSet<>(txn.deleted());
        Comparator<SubLayer> order = view.heaviestThenOldest();
        Map<Layer, LayerFilters> next = copyOfSnapshot();
        for (Layer layer : layersOf(txn)) {
            List<InstalledFilter> added = txn.added().stream()
                    .filter(filter -> filter.definition().layer() == layer)
                    .toList();
            next.put(layer, at(layer).with(added, gone, order));
        }
        snapshot = next;
        noteForSubscribers(txn);
    }

    private static Map<Layer, LayerFilters> noFilters() {
        Map<Layer, LayerFilters> none = new EnumMap<>(Layer.class);
        for (Layer layer : Layer.values()) {
            none.put(layer, LayerFilters.NONE);
        }
        return none;
    }

    private Map<Layer, LayerFilters> copyOfSnapshot() {
        return new EnumMap<>(snapshot);
    }

    /** Tells of what is in force now, with no lock held: a fault of one callout keeps nobody else from hearing it. */
    private void announce(PolicyTransaction txn) {
        Set<Layer> changed = layersOf(txn);
        Runnable[] hearing = {
            () -> txn.session().onDeleted().accept(txn.deleted()),
            () -> {
                if (!changed.isEmpty()) {
                    onChange.accept(changed);
                }
            },
            () -> notices.tell(txn.noted())
        };
        RuntimeException first = null;
        for (Runnable each : hearing) {
            try {
                each.run();
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

    private static Set<Layer> layersOf(PolicyTransaction txn) {
        Set<Layer> layers = EnumSet.noneOf(Layer.class);
        txn.added().forEach(filter -> layers.add(filter.definition().layer()));
        txn.deleted().forEach(filter -> layers.add(filter.definition().layer()));
        return layers;
    }
}
