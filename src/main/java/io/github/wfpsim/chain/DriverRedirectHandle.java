package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectHandle;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/** A redirect handle that a driver has created. */
public final class DriverRedirectHandle implements RedirectHandle {

    private final long id;
    private final UUID providerId;
    private final String owner;
    private final Consumer<RedirectHandle> destroyer;

    /**
     * Creates a handle.
     *
     * @param id unique on the machine, never reused
     * @param providerId GUID of the provider
     * @param owner name of the driver
     * @param destroyer destroys the handle unless that has been done
     */
    public DriverRedirectHandle(long id, UUID providerId, String owner, Consumer<RedirectHandle> destroyer) {
        this.id = id;
        this.providerId = Objects.requireNonNull(providerId, "providerId must not be null");
        this.owner = Objects.requireNonNull(owner, "owner must not be null");
        this.destroyer = Objects.requireNonNull(destroyer, "destroyer must not be null");
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public UUID providerId() {
        return providerId;
    }

    @Override
    public String owner() {
        return owner;
    }

    @Override
    public void close() {
        destroyer.accept(this);
    }

    @Override
    public String toString() {
        return "redirect handle #" + id + " of " + owner;
    }
}
