package io.github.wfpsim.chain;

import io.github.wfpsim.machine.HandleTable;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of live redirects, by record. Contexts stay on the machine and are never part of a blob (REC-32). Safe
 * for use by many threads.
 */
public final class RedirectContexts {

    private final HandleTable<CapturedContext> live = new HandleTable<>();

    /** Creates an empty store. */
    public RedirectContexts() {}

    /**
     * Keeps a context.
     *
     * @param recordId the redirect that it belongs to
     * @param context the context
     */
    public void put(long recordId, CapturedContext context) {
        live.put(recordId, context);
    }

    /**
     * Finds a context.
     *
     * @param recordId the redirect
     * @return its context; null if it has none, or none any more
     */
    public @Nullable CapturedContext find(long recordId) {
        return live.get(recordId);
    }

    /**
     * Frees a context, if there is one.
     *
     * @param recordId the redirect
     */
    public void free(long recordId) {
        CapturedContext context = live.remove(recordId);
        if (context != null) {
            context.free();
        }
    }

    /** Frees every context that is left. */
    public void freeAll() {
        live.forEach((context, recordId) -> free(recordId));
    }

    /** {@return the number of live contexts} */
    public int size() {
        return live.size();
    }
}
