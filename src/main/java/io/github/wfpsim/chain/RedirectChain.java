package io.github.wfpsim.chain;

import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The redirects behind a connection, oldest first. Immutable; nothing removes an entry (REC-16).
 *
 * <p>Source: FWPS_CONNECTION_REDIRECT_STATE enumeration; Using Bind or Connect Redirection. Requirements: REC-16, REC-20
 * to REC-25.
 */
public final class RedirectChain {

    private static final String NO_HANDLE = "handle must not be null: give the driver's redirect handle";
    private static final RedirectChain EMPTY = new RedirectChain(new RedirectRecord[0]);

    private final RedirectRecord[] records;
    /** The blob that a codec made of this chain; another machine's codec makes another one. */
    private volatile byte @Nullable [] wireForm;

    private RedirectChain(RedirectRecord[] records) {
        this.records = records;
    }

    /**
     * The chain of a connection that nobody redirected.
     *
     * @return a chain without records
     */
    public static RedirectChain empty() {
        return EMPTY;
    }

    static RedirectChain of(RedirectRecord... records) {
        return new RedirectChain(records.clone());
    }

    /** {@return the redirects, oldest first, in a list that cannot be changed} */
    public List<RedirectRecord> records() {
        return Collections.unmodifiableList(Arrays.asList(records));
    }

    /** {@return whether there are no redirects} */
    public boolean isEmpty() {
        return records.length == 0;
    }

    /** {@return the number of redirects} */
    public int size() {
        return records.length;
    }

    RedirectRecord get(int index) {
        return records[index];
    }

    /** {@return the oldest redirect, which knows who connected first and whereto; null if there is none} */
    public @Nullable RedirectRecord oldest() {
        return records.length == 0 ? null : records[0];
    }

    /** {@return the newest redirect; null if there is none} */
    public @Nullable RedirectRecord newest() {
        return records.length == 0 ? null : records[records.length - 1];
    }

    /**
     * Adds a redirect.
     *
     * @param record the newest
     * @return a longer chain
     */
    public RedirectChain append(RedirectRecord record) {
        Objects.requireNonNull(record, "record must not be null");
        RedirectRecord[] longer = Arrays.copyOf(records, records.length + 1);
        longer[records.length] = record;
        return new RedirectChain(longer);
    }

    /**
     * Puts another redirect in place of the newest (REC-18).
     *
     * @param record the newest
     * @return a chain of equal length
     * @throws IllegalStateException if the chain is empty
     */
    public RedirectChain replaceNewest(RedirectRecord record) {
        Objects.requireNonNull(record, "record must not be null");
        if (records.length == 0) {
            throw new IllegalStateException("an empty chain has no newest record: append instead");
        }
        RedirectRecord[] other = records.clone();
        other[records.length - 1] = record;
        return new RedirectChain(other);
    }

    /**
     * Leaves out redirects to other machines, which show only in state queries of their own connection (REC-11).
     *
     * @return what the acceptor of a local redirect may query; this chain if it has no others
     */
    public RedirectChain localOnly() {
        int kept = 0;
        RedirectRecord[] local = new RedirectRecord[records.length];
        for (RedirectRecord record : records) {
            if (record.local()) {
                local[kept++] = record;
            }
        }
        return kept == records.length ? this : new RedirectChain(Arrays.copyOf(local, kept));
    }

    /**
     * Tells what the chain says about a redirect handle.
     *
     * @param handle the caller's handle
     * @return NOT_REDIRECTED for an empty chain; REDIRECTED_BY_SELF if the newest record is the handle's;
     *     PREVIOUSLY_REDIRECTED_BY_SELF if only an older one is; else REDIRECTED_BY_OTHER
     */
    public RedirectState stateFor(RedirectHandle handle) {
        Objects.requireNonNull(handle, NO_HANDLE);
        if (records.length == 0) {
            return RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        }
        if (records[records.length - 1].handleId() == handle.id()) {
            return RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF;
        }
        return occurrencesOf(handle.id()) > 0
                ? RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF
                : RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER;
    }

    /**
     * Finds the newest redirect of a handle.
     *
     * @param handle the handle
     * @return its record; null if there is none
     */
    public @Nullable RedirectRecord newestOf(RedirectHandle handle) {
        Objects.requireNonNull(handle, NO_HANDLE);
        for (int i = records.length - 1; i >= 0; i--) {
            if (records[i].handleId() == handle.id()) {
                return records[i];
            }
        }
        return null;
    }

    /**
     * Counts the redirects of a handle.
     *
     * @param handleId the handle's number
     * @return zero or more
     */
    public int occurrencesOf(long handleId) {
        int count = 0;
        for (RedirectRecord record : records) {
            if (record.handleId() == handleId) {
                count++;
            }
        }
        return count;
    }

    byte @Nullable [] wireForm() {
        return wireForm;
    }

    void setWireForm(byte[] made) {
        this.wireForm = made;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RedirectChain chain && Arrays.equals(records, chain.records);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(records);
    }

    @Override
    public String toString() {
        return "chain" + records();
    }
}
