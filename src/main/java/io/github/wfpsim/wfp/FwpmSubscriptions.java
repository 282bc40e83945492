package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import org.jspecify.annotations.Nullable;

/**
 * How management code hears of what others change. Part of {@link Fwpm}.
 *
 * <p>A subscriber hears of changes that other sessions have committed after it subscribed, in the order in which they were;
 * of those of its own session it hears nothing. What a dynamic session leaves behind is deleted, and heard of. Windows may
 * notify later, on a thread of its own, and promises no delivery. Safe for use by many threads.
 *
 * <p>Source: FwpmFilterSubscribeChanges0; FwpmFilterUnsubscribeChanges0; Change Notifications. Requirements: WFP-138 to
 * WFP-143.
 */
public interface FwpmSubscriptions {

    /**
     * Subscribes to changes of filters, FwpmFilterSubscribeChanges0. <b>Simulated.</b>
     *
     * @param subscription which changes
     * @param callback hears of them
     * @param context what the callback is given; may be null
     * @param changeHandle receives the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; FWP_E_INVALID_FLAGS for a flag that there is not;
     *     FWP_E_NEVER_MATCH if no flag is set, and as {@link FwpmEnumeration#fwpmFilterCreateEnumHandle0} for a template that is refused there; FWP_E_SESSION_ABORTED. On
     *     failure {@code changeHandle} is left alone.
     */
    Win32Error fwpmFilterSubscribeChanges0(
            FwpmSubscription<FwpmFilterEnumTemplate> subscription,
            FwpmChangeCallback<FwpmFilterChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle);

    /**
     * Ends a subscription, FwpmFilterUnsubscribeChanges0. <b>Simulated.</b> Waits until the callback has returned, if another
     * thread runs it; afterwards it is not called any more.
     *
     * @param changeHandle the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; ERROR_INVALID_HANDLE for a subscription that has ended, is another
     *     session's, or is to changes of other objects; FWP_E_SESSION_ABORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code UNSUBSCRIBED_IN_OWN_CALLBACK} in the callback itself, where Windows
     *     would wait for ever
     */
    Win32Error fwpmFilterUnsubscribeChanges0(FwpmChangeHandle changeHandle);

    /**
     * Subscribes to changes of sub-layers, FwpmSubLayerSubscribeChanges0. <b>Simulated.</b>
     *
     * @param subscription which changes
     * @param callback hears of them
     * @param context what the callback is given; may be null
     * @param changeHandle receives the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; FWP_E_INVALID_FLAGS for a flag that there is not;
     *     FWP_E_NEVER_MATCH if no flag is set; FWP_E_SESSION_ABORTED. On
     *     failure {@code changeHandle} is left alone.
     */
    Win32Error fwpmSubLayerSubscribeChanges0(
            FwpmSubscription<FwpmSubLayerEnumTemplate> subscription,
            FwpmChangeCallback<FwpmSubLayerChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle);

    /**
     * Ends a subscription, FwpmSubLayerUnsubscribeChanges0. <b>Simulated.</b> Waits until the callback has returned, if another
     * thread runs it; afterwards it is not called any more.
     *
     * @param changeHandle the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; ERROR_INVALID_HANDLE for a subscription that has ended, is another
     *     session's, or is to changes of other objects; FWP_E_SESSION_ABORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code UNSUBSCRIBED_IN_OWN_CALLBACK} in the callback itself, where Windows
     *     would wait for ever
     */
    Win32Error fwpmSubLayerUnsubscribeChanges0(FwpmChangeHandle changeHandle);

    /**
     * Subscribes to changes of providers, FwpmProviderSubscribeChanges0. <b>Simulated.</b>
     *
     * @param subscription which changes
     * @param callback hears of them
     * @param context what the callback is given; may be null
     * @param changeHandle receives the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; FWP_E_INVALID_FLAGS for a flag that there is not;
     *     FWP_E_NEVER_MATCH if no flag is set; FWP_E_SESSION_ABORTED. On
     *     failure {@code changeHandle} is left alone.
     */
    Win32Error fwpmProviderSubscribeChanges0(
            FwpmSubscription<FwpmProviderEnumTemplate> subscription,
            FwpmChangeCallback<FwpmProviderChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle);

    /**
     * Ends a subscription, FwpmProviderUnsubscribeChanges0. <b>Simulated.</b> Waits until the callback has returned, if another
     * thread runs it; afterwards it is not called any more.
     *
     * @param changeHandle the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; ERROR_INVALID_HANDLE for a subscription that has ended, is another
     *     session's, or is to changes of other objects; FWP_E_SESSION_ABORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code UNSUBSCRIBED_IN_OWN_CALLBACK} in the callback itself, where Windows
     *     would wait for ever
     */
    Win32Error fwpmProviderUnsubscribeChanges0(FwpmChangeHandle changeHandle);

    /**
     * Subscribes to changes of callouts, FwpmCalloutSubscribeChanges0. <b>Simulated.</b>
     *
     * @param subscription which changes
     * @param callback hears of them
     * @param context what the callback is given; may be null
     * @param changeHandle receives the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; FWP_E_INVALID_FLAGS for a flag that there is not;
     *     FWP_E_NEVER_MATCH if no flag is set; FWP_E_SESSION_ABORTED. On
     *     failure {@code changeHandle} is left alone.
     */
    Win32Error fwpmCalloutSubscribeChanges0(
            FwpmSubscription<FwpmCalloutEnumTemplate> subscription,
            FwpmChangeCallback<FwpmCalloutChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle);

    /**
     * Ends a subscription, FwpmCalloutUnsubscribeChanges0. <b>Simulated.</b> Waits until the callback has returned, if another
     * thread runs it; afterwards it is not called any more.
     *
     * @param changeHandle the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; ERROR_INVALID_HANDLE for a subscription that has ended, is another
     *     session's, or is to changes of other objects; FWP_E_SESSION_ABORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code UNSUBSCRIBED_IN_OWN_CALLBACK} in the callback itself, where Windows
     *     would wait for ever
     */
    Win32Error fwpmCalloutUnsubscribeChanges0(FwpmChangeHandle changeHandle);

    /**
     * Subscribes to changes of provider contexts, FwpmProviderContextSubscribeChanges0. <b>Simulated.</b>
     *
     * @param subscription which changes
     * @param callback hears of them
     * @param context what the callback is given; may be null
     * @param changeHandle receives the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; FWP_E_INVALID_FLAGS for a flag that there is not;
     *     FWP_E_NEVER_MATCH if no flag is set; FWP_E_SESSION_ABORTED. On
     *     failure {@code changeHandle} is left alone.
     */
    Win32Error fwpmProviderContextSubscribeChanges0(
            FwpmSubscription<FwpmProviderContextEnumTemplate> subscription,
            FwpmChangeCallback<FwpmProviderContextChange> callback,
            @Nullable Object context,
            Out<FwpmChangeHandle> changeHandle);

    /**
     * Ends a subscription, FwpmProviderContextUnsubscribeChanges0. <b>Simulated.</b> Waits until the callback has returned, if another
     * thread runs it; afterwards it is not called any more.
     *
     * @param changeHandle the subscription
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS in a transaction; ERROR_INVALID_HANDLE for a subscription that has ended, is another
     *     session's, or is to changes of other objects; FWP_E_SESSION_ABORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code UNSUBSCRIBED_IN_OWN_CALLBACK} in the callback itself, where Windows
     *     would wait for ever
     */
    Win32Error fwpmProviderContextUnsubscribeChanges0(FwpmChangeHandle changeHandle);
}
