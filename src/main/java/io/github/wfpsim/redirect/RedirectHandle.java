package io.github.wfpsim.redirect;

import java.util.UUID;

/**
 * What FwpsRedirectHandleCreate0 creates. "Self" in a redirect state is the identity of this handle, not its provider
 * (REC-25). Safe for use by many threads.
 *
 * <p>Source: FwpsRedirectHandleCreate0. Requirements: REC-25, WFP-39.
 */
public interface RedirectHandle extends AutoCloseable {

    /** {@return the number of the handle: unique on its machine, and never reused} */
    long id();

    /** {@return the GUID of the provider that the driver gave} */
    UUID providerId();

    /** {@return the name of the driver that created it} */
    String owner();

    /** Destroys the handle as FwpsRedirectHandleDestroy0 does, unless that has been done. */
    @Override
    void close();
}
