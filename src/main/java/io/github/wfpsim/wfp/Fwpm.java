package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
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
 * WFP-34, WFP-73, WFP-74; for what is inherited, WFP-130 to WFP-143.
 */
public interface Fwpm extends FwpmEnumeration, FwpmSubscriptions, AutoCloseable {

    /** Flag of {@link #fwpmTransactionBegin0}: the transaction does not write. */
    int FWPM_TXN_READ_ONLY = 0x00000001;

    // ---- sessions and transactions

    /**
     * Opens another session, FwpmEngineOpen0. <b>Simulated.</b>
     *
     * @param description null for a session that is not dynamic
     * @param engineHandle receives the session
     * @return NO_ERROR
     */
    Win32Error fwpmEngineOpen0(@Nullable FwpmSession description, Out<Fwpm> engineHandle);

    /**
     * Closes the session, FwpmEngineClose0. <b>Simulated.</b> An open transaction is aborted; what a dynamic session
     * added is deleted.
     *
     * @return NO_ERROR; FWP_E_SESSION_ABORTED if it was closed before
     */
    Win32Error fwpmEngineClose0();

    /** Closes the session, unless that has been done. */
    @Override
    default void close() {
        fwpmEngineClose0();
    }

    /**
     * Begins a transaction, FwpmTransactionBegin0. <b>Simulated.</b> Its changes take effect together when it commits.
     *
     * @param flags 0 or {@link #FWPM_TXN_READ_ONLY}
     * @return NO_ERROR; FWP_E_TXN_IN_PROGRESS if the session has one; FWP_E_TIMEOUT while another session has one;
     *     FWP_E_SESSION_ABORTED
     */
    Win32Error fwpmTransactionBegin0(int flags);

    /**
     * Commits the transaction, FwpmTransactionCommit0. <b>Simulated.</b>
     *
     * @return NO_ERROR; FWP_E_NO_TXN_IN_PROGRESS; FWP_E_SESSION_ABORTED
     */
    Win32Error fwpmTransactionCommit0();

    /**
     * Undoes the transaction, FwpmTransactionAbort0. <b>Simulated.</b>
     *
     * @return NO_ERROR; FWP_E_NO_TXN_IN_PROGRESS; FWP_E_SESSION_ABORTED
     */
    Win32Error fwpmTransactionAbort0();

    // ---- providers, sub-layers, callouts

    /**
     * Adds a provider, FwpmProviderAdd0. <b>Simulated.</b>
     *
     * @param provider the provider
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    Win32Error fwpmProviderAdd0(Provider provider);

    /**
     * Deletes a provider, FwpmProviderDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_PROVIDER_NOT_FOUND; FWP_E_IN_USE while objects name it; FWP_E_WRONG_SESSION if it belongs
     *     to another dynamic session
     */
    Win32Error fwpmProviderDeleteByKey0(UUID key);

    /**
     * Adds a sub-layer, FwpmSubLayerAdd0. <b>Simulated.</b>
     *
     * @param subLayer the sub-layer
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken; FWP_E_PROVIDER_NOT_FOUND; FWP_E_LIFETIME_MISMATCH if its
     *     provider goes with a dynamic session other than this one
     */
    Win32Error fwpmSubLayerAdd0(SubLayer subLayer);

    /**
     * Deletes a sub-layer, FwpmSubLayerDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_IN_USE while it has filters; FWP_E_BUILTIN_OBJECT for
     *     FWPM_SUBLAYER_UNIVERSAL; FWP_E_WRONG_SESSION if it belongs to another dynamic session
     */
    Win32Error fwpmSubLayerDeleteByKey0(UUID key);

    /**
     * Adds a callout, FwpmCalloutAdd0. <b>Simulated.</b> A filter may name a callout that was not added; one that was
     * added belongs to its layer.
     *
     * @param callout the callout
     * @param id receives the run-time id of a registered callout, else 0; may be null
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken
     */
    Win32Error fwpmCalloutAdd0(FwpmCallout callout, @Nullable Out<Integer> id);

    /**
     * Deletes a callout, FwpmCalloutDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_CALLOUT_NOT_FOUND; FWP_E_IN_USE while filters name it; FWP_E_WRONG_SESSION if it belongs
     *     to another dynamic session
     */
    Win32Error fwpmCalloutDeleteByKey0(UUID key);

    // ---- provider contexts

    /**
     * Adds a provider context, FwpmProviderContextAdd0. <b>Simulated</b> for type FWPM_GENERAL_CONTEXT.
     *
     * @param context the provider context; its run-time id does not matter
     * @param id receives the run-time id; may be null
     * @return NO_ERROR; FWP_E_ALREADY_EXISTS if its key is taken; FWP_E_PROVIDER_NOT_FOUND; FWP_E_LIFETIME_MISMATCH if
     *     its provider goes with a dynamic session other than this one. On failure {@code id} is left alone.
     */
    Win32Error fwpmProviderContextAdd0(FwpmProviderContext context, @Nullable Out<Long> id);

    /**
     * Deletes a provider context, FwpmProviderContextDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return NO_ERROR; FWP_E_PROVIDER_CONTEXT_NOT_FOUND; FWP_E_IN_USE while filters name it; FWP_E_WRONG_SESSION if it
     *     belongs to another dynamic session
     */
    Win32Error fwpmProviderContextDeleteByKey0(UUID key);

    // ---- filters

    /**
     * Adds a filter, FwpmFilterAdd0. <b>Simulated.</b> The notifyFn of a registered callout hears of it first.
     *
     * @param filter the filter
     * @param id receives the run-time id; may be null
     * @return NO_ERROR; FWP_E_PROVIDER_NOT_FOUND; FWP_E_SUBLAYER_NOT_FOUND; FWP_E_PROVIDER_CONTEXT_NOT_FOUND;
     *     FWP_E_INCOMPATIBLE_LAYER if its callout was added for another layer; FWP_E_LIFETIME_MISMATCH if provider,
     *     sub-layer, callout or provider context go with a dynamic session
     *     other than this one; FWP_E_CONDITION_NOT_FOUND if the layer has no such field; FWP_E_MATCH_TYPE_MISMATCH
     *     and FWP_E_TYPE_MISMATCH if comparison or value do not suit it; FWP_E_INVALID_ACTION_TYPE for an action that is
     *     neither permit nor block nor a callout; FWP_E_INVALID_WEIGHT for a range above 15;
     *     FWP_E_ALREADY_EXISTS if its key is taken; FWP_E_CALLOUT_NOTIFICATION_FAILED. On failure {@code id} is left
     *     alone.
     */
    Win32Error fwpmFilterAdd0(Filter filter, @Nullable Out<Long> id);

    /**
     * Deletes a filter, FwpmFilterDeleteById0. <b>Simulated.</b> The notifyFn of a registered callout hears of it, in a
     * transaction when that commits.
     *
     * @param id its run-time id
     * @return NO_ERROR; FWP_E_FILTER_NOT_FOUND; FWP_E_WRONG_SESSION if it belongs to another dynamic session
     */
    Win32Error fwpmFilterDeleteById0(long id);

    /**
     * Deletes a filter, FwpmFilterDeleteByKey0. <b>Simulated.</b>
     *
     * @param key its GUID
     * @return as {@link #fwpmFilterDeleteById0}
     */
    Win32Error fwpmFilterDeleteByKey0(UUID key);

    // ---- applications

    /**
     * Tells the application id of an executable, FwpmGetAppIdFromFileName0: its device path in lower case, in UTF-16 with a
     * terminating null. <b>Simulated</b> without a file system: the file need not be there.
     *
     * @param fileName full path of a drive, a share or a device, such as {@code C:\\Apps\\app.exe}
     * @param appId receives the id
     * @return NO_ERROR; ERROR_FILE_NOT_FOUND for a path that is not full, as there is no current directory
     */
    Win32Error fwpmGetAppIdFromFileName0(String fileName, Out<FwpByteBlob> appId);

    // ---- the same for those who want exceptions

    /**
     * Opens another session.
     *
     * @param description what kind
     * @return the session, to be closed
     */
    default Fwpm open(FwpmSession description) {
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
    default SubLayer addSubLayer(SubLayer subLayer) {
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
    default long addFilter(Filter filter) {
        Out<Long> id = Out.empty();
        Win32Error error = fwpmFilterAdd0(filter, id);
        Long added = id.get();
        if (error != Win32Error.NO_ERROR || added == null) {
            throw new IllegalArgumentException("FwpmFilterAdd0 refused filter \"" + filter.name() + "\": " + error);
        }
        return added;
    }

    /**
     * Tells the application id of an executable, or says why there is none.
     *
     * @param fileName full path of a drive, a share or a device
     * @return what conditions on ALE_APP_ID compare with
     * @throws IllegalArgumentException if {@link #fwpmGetAppIdFromFileName0} refuses it
     */
    default FwpByteBlob appIdOf(String fileName) {
        Out<FwpByteBlob> appId = Out.empty();
        Win32Error error = fwpmGetAppIdFromFileName0(fileName, appId);
        FwpByteBlob found = appId.get();
        if (found == null) {
            throw new IllegalArgumentException(
                    "FwpmGetAppIdFromFileName0 refused \"" + fileName + "\": " + error + ": give a full path");
        }
        return found;
    }
}
