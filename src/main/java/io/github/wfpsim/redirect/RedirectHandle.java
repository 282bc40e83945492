package io.github.wfpsim.redirect;

import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What FwpsRedirectHandleCreate0 creates. "Self" in a redirect state is the identity of this handle, not its provider
 * (REC-25). Safe for use by many threads.
 *
 * <p>Source: FwpsRedirectHandleCreate0. Requirements: REC-25, WFP-39.
 */
public final class RedirectHandle implements AutoCloseable {

    private final long id;
    private final UUID providerId;
    private final String owner;
    private final Consumer<RedirectHandle> destroyer;

    /**
     * Creates a handle. Called by the engine.
     *
     * @param id unique on the machine, never reused
     * @param providerId GUID of the provider
     * @param owner name of the driver
     * @param destroyer destroys the handle unless that has been done
     */
    public RedirectHandle(long id, UUID providerId, String owner, Consumer<RedirectHandle> destroyer) {
        this.id = id;
        this.providerId = Objects.requireNonNull(providerId, "providerId must not be null");
        this.owner = Objects.requireNonNull(owner, "owner must not be null");
        this.destroyer = Objects.requireNonNull(destroyer, "destroyer must not be null");
    }

    /**
     * Tells the number of the handle.
     *
     * @return its identity
     */
    public long id() {
        return id;
    }

    /**
     * Tells the provider.
     *
     * @return its GUID
     */
    public UUID providerId() {
        return providerId;
    }

    /**
     * Tells the driver.
     *
     * @return its name
     */
    public String owner() {
        return owner;
    }

    /** Destroys the handle as FwpsRedirectHandleDestroy0 does, unless that has been done. */
    @Override
    public void close() {
        destroyer.accept(this);
    }

    @Override
    public String toString() {
        return "redirect handle #" + id + " of " + owner;
    }
}
