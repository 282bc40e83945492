package io.github.wfpsim.engine;

import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmCalloutChange;
import io.github.wfpsim.wfp.FwpmFilterChange;
import io.github.wfpsim.wfp.FwpmProviderChange;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpmProviderContextChange;
import io.github.wfpsim.wfp.FwpmSubLayerChange;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** The five kinds of objects of management, on one machine. */
final class ObjectKinds {

    final ObjectKind<InstalledFilter, Filter, FwpmFilterChange> filters = new ObjectKind<>(
            "filters",
            InstalledFilter.class,
            policy -> policy.filters().values(),
            FilterDefinition::asAdded,
            (type, filter) -> new FwpmFilterChange(type, filter.key(), filter.id()),
            Win32Error.FWP_E_FILTER_NOT_FOUND);

    final ObjectKind<SubLayer, SubLayer, FwpmSubLayerChange> subLayers = new ObjectKind<>(
            "sub-layers",
            SubLayer.class,
            policy -> policy.subLayers().values(),
            Function.identity(),
            (type, subLayer) -> new FwpmSubLayerChange(type, subLayer.key()),
            Win32Error.FWP_E_SUBLAYER_NOT_FOUND);

    final ObjectKind<Provider, Provider, FwpmProviderChange> providers = new ObjectKind<>(
            "providers",
            Provider.class,
            policy -> policy.providers().values(),
            Function.identity(),
            (type, provider) -> new FwpmProviderChange(type, provider.key()),
            Win32Error.FWP_E_PROVIDER_NOT_FOUND);

    final ObjectKind<FwpmProviderContext, FwpmProviderContext, FwpmProviderContextChange> providerContexts =
            new ObjectKind<>(
                    "provider contexts",
                    FwpmProviderContext.class,
                    policy -> policy.providerContexts().values(),
                    Function.identity(),
                    (type, context) -> new FwpmProviderContextChange(type, keyOf(context), context.providerContextId()),
                    Win32Error.FWP_E_PROVIDER_CONTEXT_NOT_FOUND);

    final ObjectKind<FwpmCallout, FwpmCallout, FwpmCalloutChange> callouts;

    private final CalloutTable registered;

    /** The kinds of a machine whose drivers have registered some callouts. */
    ObjectKinds(CalloutTable registered) {
        this.registered = registered;
        this.callouts = new ObjectKind<>(
                "callouts",
                FwpmCallout.class,
                policy -> policy.callouts().values(),
                this::asAdded,
                (type, callout) -> new FwpmCalloutChange(type, callout.calloutKey(), idOf(callout)),
                Win32Error.FWP_E_CALLOUT_NOT_FOUND);
    }

    private static UUID keyOf(FwpmProviderContext context) {
        return Objects.requireNonNull(context.providerContextKey(), "the key is assigned before");
    }

    int idOf(FwpmCallout callout) {
        return registered.idOf(callout.calloutKey());
    }

    private FwpmCallout asAdded(FwpmCallout callout) {
        int id = idOf(callout);
        Set<CalloutFlag> flags = EnumSet.noneOf(CalloutFlag.class);
        flags.addAll(callout.flags());
        flags.remove(CalloutFlag.FWPM_CALLOUT_FLAG_REGISTERED);
        if (id != 0) {
            flags.add(CalloutFlag.FWPM_CALLOUT_FLAG_REGISTERED);
        }
        return new FwpmCallout(
                callout.calloutKey(), callout.name(), callout.applicableLayer(), flags, callout.providerKey(), id);
    }
}
