package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What management code asks the engine for: which objects there are, and what is in them. Part of {@link Fwpm}.
 *
 * <p>An enumeration is a list of what there was when its handle was created, and is read in pages; {@code FwpmFreeMemory0} is
 * not needed. In a transaction its session sees what it has changed so far, nobody else does: while another session has a
 * transaction that writes, these calls fail at once with FWP_E_TIMEOUT, all but the reading of pages. Safe for use by many
 * threads.
 *
 * <p>Source: FwpmFilterCreateEnumHandle0; FwpmFilterEnum0; FwpmFilterGetByKey0; Object Management. Requirements: WFP-130 to
 * WFP-137.
 */
public interface FwpmEnumeration {

    // ---- filters

    /**
     * Begins an enumeration of filters, FwpmFilterCreateEnumHandle0. <b>Simulated.</b>
     *
     * @param enumTemplate which; null for all
     * @param enumHandle receives the handle
     * @return NO_ERROR;
     *     FWP_E_INVALID_FLAGS for a flag that there is not; FWP_E_NEVER_MATCH if no action has a bit of the action mask, or if only
     *     actions have that cannot name the callout; FWP_E_NULL_POINTER if the mask is FWP_ACTION_FLAG_CALLOUT and no callout is
     *     named; FWP_E_LAYER_NOT_FOUND for a template without a layer; FWP_E_DUPLICATE_CONDITION for two conditions on
     *     one field; FWP_E_CONDITION_NOT_FOUND, FWP_E_MATCH_TYPE_MISMATCH and FWP_E_TYPE_MISMATCH as for a filter; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure {@code enumHandle} is left alone.
     */
    Win32Error fwpmFilterCreateEnumHandle0(
            @Nullable FwpmFilterEnumTemplate enumTemplate, Out<FwpmEnumHandle<Filter>> enumHandle);

    /**
     * Reads the next page of an enumeration, FwpmFilterEnum0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @param numEntriesRequested how many at most, unsigned
     * @param entries receives them; fewer than asked for are the last ones
     * @return NO_ERROR, also at the end; ERROR_INVALID_HANDLE for an enumeration that was destroyed, or is another session's;
     *     FWP_E_SESSION_ABORTED. On failure {@code entries} is left alone.
     */
    Win32Error fwpmFilterEnum0(FwpmEnumHandle<Filter> enumHandle, int numEntriesRequested, Out<List<Filter>> entries);

    /**
     * Ends an enumeration, FwpmFilterDestroyEnumHandle0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @return as {@link #fwpmFilterEnum0}
     */
    Win32Error fwpmFilterDestroyEnumHandle0(FwpmEnumHandle<Filter> enumHandle);

    /**
     * Looks a filter up, FwpmFilterGetByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @param filter receives it
     * @return NO_ERROR; FWP_E_FILTER_NOT_FOUND; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure the cell is left alone.
     */
    Win32Error fwpmFilterGetByKey0(UUID key, Out<Filter> filter);

    /**
     * Looks a filter up, FwpmFilterGetById0. <b>Simulated.</b>
     *
     * @param id its run-time id
     * @param filter receives it
     * @return as {@link #fwpmFilterGetByKey0}
     */
    Win32Error fwpmFilterGetById0(long id, Out<Filter> filter);

    // ---- sub-layers

    /**
     * Begins an enumeration of sub-layers, FwpmSubLayerCreateEnumHandle0. <b>Simulated.</b>
     *
     * @param enumTemplate which; null for all
     * @param enumHandle receives the handle
     * @return NO_ERROR; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure {@code enumHandle} is left alone.
     */
    Win32Error fwpmSubLayerCreateEnumHandle0(
            @Nullable FwpmSubLayerEnumTemplate enumTemplate, Out<FwpmEnumHandle<SubLayer>> enumHandle);

    /**
     * Reads the next page of an enumeration, FwpmSubLayerEnum0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @param numEntriesRequested how many at most, unsigned
     * @param entries receives them; fewer than asked for are the last ones
     * @return NO_ERROR, also at the end; ERROR_INVALID_HANDLE for an enumeration that was destroyed, or is another session's;
     *     FWP_E_SESSION_ABORTED. On failure {@code entries} is left alone.
     */
    Win32Error fwpmSubLayerEnum0(
            FwpmEnumHandle<SubLayer> enumHandle, int numEntriesRequested, Out<List<SubLayer>> entries);

    /**
     * Ends an enumeration, FwpmSubLayerDestroyEnumHandle0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @return as {@link #fwpmSubLayerEnum0}
     */
    Win32Error fwpmSubLayerDestroyEnumHandle0(FwpmEnumHandle<SubLayer> enumHandle);

    /**
     * Looks a sub-layer up, FwpmSubLayerGetByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @param subLayer receives it
     * @return NO_ERROR; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure the cell is left alone.
     */
    Win32Error fwpmSubLayerGetByKey0(UUID key, Out<SubLayer> subLayer);

    // ---- providers

    /**
     * Begins an enumeration of providers, FwpmProviderCreateEnumHandle0. <b>Simulated.</b>
     *
     * @param enumTemplate which; null for all
     * @param enumHandle receives the handle
     * @return NO_ERROR; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure {@code enumHandle} is left alone.
     */
    Win32Error fwpmProviderCreateEnumHandle0(
            @Nullable FwpmProviderEnumTemplate enumTemplate, Out<FwpmEnumHandle<Provider>> enumHandle);

    /**
     * Reads the next page of an enumeration, FwpmProviderEnum0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @param numEntriesRequested how many at most, unsigned
     * @param entries receives them; fewer than asked for are the last ones
     * @return NO_ERROR, also at the end; ERROR_INVALID_HANDLE for an enumeration that was destroyed, or is another session's;
     *     FWP_E_SESSION_ABORTED. On failure {@code entries} is left alone.
     */
    Win32Error fwpmProviderEnum0(
            FwpmEnumHandle<Provider> enumHandle, int numEntriesRequested, Out<List<Provider>> entries);

    /**
     * Ends an enumeration, FwpmProviderDestroyEnumHandle0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @return as {@link #fwpmProviderEnum0}
     */
    Win32Error fwpmProviderDestroyEnumHandle0(FwpmEnumHandle<Provider> enumHandle);

    /**
     * Looks a provider up, FwpmProviderGetByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @param provider receives it
     * @return NO_ERROR; FWP_E_PROVIDER_NOT_FOUND; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure the cell is left alone.
     */
    Win32Error fwpmProviderGetByKey0(UUID key, Out<Provider> provider);

    // ---- callouts

    /**
     * Begins an enumeration of callouts, FwpmCalloutCreateEnumHandle0. <b>Simulated.</b>
     *
     * @param enumTemplate which; null for all
     * @param enumHandle receives the handle
     * @return NO_ERROR; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure {@code enumHandle} is left alone.
     */
    Win32Error fwpmCalloutCreateEnumHandle0(
            @Nullable FwpmCalloutEnumTemplate enumTemplate, Out<FwpmEnumHandle<FwpmCallout>> enumHandle);

    /**
     * Reads the next page of an enumeration, FwpmCalloutEnum0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @param numEntriesRequested how many at most, unsigned
     * @param entries receives them; fewer than asked for are the last ones
     * @return NO_ERROR, also at the end; ERROR_INVALID_HANDLE for an enumeration that was destroyed, or is another session's;
     *     FWP_E_SESSION_ABORTED. On failure {@code entries} is left alone.
     */
    Win32Error fwpmCalloutEnum0(
            FwpmEnumHandle<FwpmCallout> enumHandle, int numEntriesRequested, Out<List<FwpmCallout>> entries);

    /**
     * Ends an enumeration, FwpmCalloutDestroyEnumHandle0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @return as {@link #fwpmCalloutEnum0}
     */
    Win32Error fwpmCalloutDestroyEnumHandle0(FwpmEnumHandle<FwpmCallout> enumHandle);

    /**
     * Looks a callout up, FwpmCalloutGetByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @param callout receives it
     * @return NO_ERROR; FWP_E_CALLOUT_NOT_FOUND; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure the cell is left alone.
     */
    Win32Error fwpmCalloutGetByKey0(UUID key, Out<FwpmCallout> callout);

    /**
     * Looks a callout up, FwpmCalloutGetById0. <b>Simulated.</b>
     *
     * @param id its run-time id; that of a callout which nobody has registered is 0, and finds nothing
     * @param callout receives it
     * @return as {@link #fwpmCalloutGetByKey0}
     */
    Win32Error fwpmCalloutGetById0(int id, Out<FwpmCallout> callout);

    // ---- provider contexts

    /**
     * Begins an enumeration of provider contexts, FwpmProviderContextCreateEnumHandle0. <b>Simulated.</b>
     *
     * @param enumTemplate which; null for all
     * @param enumHandle receives the handle
     * @return NO_ERROR; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure {@code enumHandle} is left alone.
     */
    Win32Error fwpmProviderContextCreateEnumHandle0(
            @Nullable FwpmProviderContextEnumTemplate enumTemplate,
            Out<FwpmEnumHandle<FwpmProviderContext>> enumHandle);

    /**
     * Reads the next page of an enumeration, FwpmProviderContextEnum0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @param numEntriesRequested how many at most, unsigned
     * @param entries receives them; fewer than asked for are the last ones
     * @return NO_ERROR, also at the end; ERROR_INVALID_HANDLE for an enumeration that was destroyed, or is another session's;
     *     FWP_E_SESSION_ABORTED. On failure {@code entries} is left alone.
     */
    Win32Error fwpmProviderContextEnum0(
            FwpmEnumHandle<FwpmProviderContext> enumHandle,
            int numEntriesRequested,
            Out<List<FwpmProviderContext>> entries);

    /**
     * Ends an enumeration, FwpmProviderContextDestroyEnumHandle0. <b>Simulated.</b>
     *
     * @param enumHandle the enumeration
     * @return as {@link #fwpmProviderContextEnum0}
     */
    Win32Error fwpmProviderContextDestroyEnumHandle0(FwpmEnumHandle<FwpmProviderContext> enumHandle);

    /**
     * Looks a provider context up, FwpmProviderContextGetByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @param provider receives it
     * @return NO_ERROR; FWP_E_PROVIDER_CONTEXT_NOT_FOUND; FWP_E_TIMEOUT; FWP_E_SESSION_ABORTED. On failure the cell is left alone.
     */
    Win32Error fwpmProviderContextGetByKey0(UUID key, Out<FwpmProviderContext> provider);

    /**
     * Looks a provider context up, FwpmProviderContextGetById0. <b>Simulated.</b>
     *
     * @param id its run-time id
     * @param provider receives it
     * @return as {@link #fwpmProviderContextGetByKey0}
     */
    Win32Error fwpmProviderContextGetById0(long id, Out<FwpmProviderContext> provider);

    // ---- the same for those who want a list

    /**
     * Lists filters: creates an enumeration, reads it and destroys it.
     *
     * @param enumTemplate which; null for all
     * @return the filters, an immutable list
     * @throws IllegalArgumentException if {@link #fwpmFilterCreateEnumHandle0} refuses the template
     */
    default List<Filter> filters(@Nullable FwpmFilterEnumTemplate enumTemplate) {
        Out<FwpmEnumHandle<Filter>> created = Out.empty();
        Win32Error error = fwpmFilterCreateEnumHandle0(enumTemplate, created);
        FwpmEnumHandle<Filter> handle = created.get();
        if (handle == null) {
            throw new IllegalArgumentException("FwpmFilterCreateEnumHandle0 refused " + enumTemplate + ": " + error);
        }
        Out<List<Filter>> entries = Out.empty();
        fwpmFilterEnum0(handle, -1, entries);
        fwpmFilterDestroyEnumHandle0(handle);
        List<Filter> found = entries.get();
        return found == null ? List.of() : found;
    }
}
