package io.github.wfpsim.wfp;

import org.jspecify.annotations.Nullable;

/**
 * Which changes a subscriber wants to hear of, FWPM_FILTER_SUBSCRIPTION0 and its kin, which are one structure but for the
 * template. Immutable. Its session key, by which Windows lists subscriptions, has no place here.
 *
 * <p>Source: FWPM_FILTER_SUBSCRIPTION0. Requirement: WFP-138.
 *
 * @param <T> the template of an enumeration, such as {@link FwpmFilterEnumTemplate}
 * @param enumTemplate what an object has to be like; null for all
 * @param flags FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_* flags
 */
public record FwpmSubscription<T>(@Nullable T enumTemplate, int flags) {

    /** Flag: hear of objects that are added. */
    public static final int FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD = 0x00000001;

    /** Flag: hear of objects that are deleted. */
    public static final int FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_DELETE = 0x00000002;

    /**
     * Wants to hear of additions and deletions.
     *
     * @param <T> the template of an enumeration
     * @param enumTemplate what an object has to be like; null for all
     * @return the description
     */
    public static <T> FwpmSubscription<T> toAll(@Nullable T enumTemplate) {
        return new FwpmSubscription<>(
                enumTemplate, FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD | FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_DELETE);
    }

    /**
     * Wants to hear of deletions only.
     *
     * @param <T> the template of an enumeration
     * @param enumTemplate what an object has to be like; null for all
     * @return the description
     */
    public static <T> FwpmSubscription<T> toDeletions(@Nullable T enumTemplate) {
        return new FwpmSubscription<>(enumTemplate, FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_DELETE);
    }
}
