package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The filter as a callout sees it, FWPS_FILTER1, made of what FwpmFilterAdd0 was given. Lent for the length of a call;
 * read only, but for its context while notifyFn hears of its addition.
 *
 * <p>To call a classifyFn in a unit test, use {@link #of}, or write a record with components of these names.
 *
 * <p>Source: FWPS_FILTER1; FWPM_FILTER0; FWPS_CALLOUT_NOTIFY_FN1. Requirements: WFP-30, WFP-91, WFP-92.
 */
public interface FwpsFilter {

    /** Bit of {@link #flags()}: the callout clears the write right with every permit and block. */
    int FWPS_FILTER_FLAG_CLEAR_ACTION_RIGHT = 0x1;

    /** Bit of {@link #flags()}: without its callout the filter permits. */
    int FWPS_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED = 0x2;

    /** {@return the run-time id, unique on the machine} */
    long filterId();

    /** {@return a name for reports; on Windows only FWPM_FILTER0 has it} */
    String name();

    /** {@return the filter's action type, {@code action.type}} */
    ActionType action();

    /** {@return run-time id of the registered callout, {@code action.calloutId}; 0 while nobody has it registered} */
    default int calloutId() {
        return 0;
    }

    /** {@return the weight in effect, 64 bits, unsigned; also where management code left it to the engine} */
    default long weight() {
        return 0;
    }

    /** {@return the weight of the filter's sub-layer, 0 to 65535} */
    default int subLayerWeight() {
        return SubLayer.UNIVERSAL.weight();
    }

    /** {@return FWPS_FILTER_FLAG_* bits} */
    default int flags() {
        return 0;
    }

    /** {@return the conditions as they are in force, in the order in which they were given; cannot be changed} */
    default List<FilterCondition> filterConditions() {
        return List.of();
    }

    /**
     * {@return the 64 bits that belong to the filter: what notifyFn has set; else the rawContext of FWPM_FILTER0, as it
     * is, or the run-time id of its provider context}
     */
    default long context() {
        return 0;
    }

    /**
     * Ties 64 bits of the driver's own to the filter, in place of those that management code gave it. For notifyFn while
     * it hears of the filter's addition.
     *
     * @param context what {@link #context()} gives from now on
     * @throws IllegalStateException outside such a call
     */
    default void setContext(long context) {
        throw new IllegalStateException(
                "the context of filter " + filterId() + " is set by notifyFn, while it hears of the filter's addition");
    }

    /**
     * {@return the provider context that the filter names, if its callout was added with flag
     * FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT; else null}
     */
    default @Nullable FwpmProviderContext providerContext() {
        return null;
    }

    /**
     * Makes a filter for a unit test of a classifyFn, with nothing but what every filter has.
     *
     * @param filterId run-time id
     * @param name for reports
     * @param action the filter's action type
     * @return the filter
     */
    static FwpsFilter of(long filterId, String name, ActionType action) {
        Objects.requireNonNull(name, "name must not be null: give a name for reports");
        Objects.requireNonNull(action, "action must not be null: give FWP_ACTION_CALLOUT_TERMINATING");
        record Plain(long filterId, String name, ActionType action) implements FwpsFilter {}
        return new Plain(filterId, name, action);
    }
}
