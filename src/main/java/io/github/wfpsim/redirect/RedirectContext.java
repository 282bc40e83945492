package io.github.wfpsim.redirect;

import java.nio.ByteBuffer;

/**
 * The bytes that a callout attached to its redirect, as FwpsQueryConnectionRedirectState0 shows them to the driver whose
 * redirect it was. Lent until classifyFn returns or a pend is completed, and until the context is freed: later use raises {@code
 * STALE_REFERENCE} and yields nothing. Safe for use by many threads.
 *
 * <p>Source: FWPS_CONNECT_REQUEST0; FwpsQueryConnectionRedirectState0. Requirements: REC-26 to REC-32, REC-38.
 */
public interface RedirectContext {

    /** {@return the content, captured when WFP took it over, in a read-only buffer of its own} */
    ByteBuffer bytes();

    /** {@return the size that the callout declared, in bytes, unsigned} */
    long declaredSize();

    /** {@return true if the declared size does not fit a ULONG, that is above 2<sup>32</sup>-1 bytes} */
    boolean isOversized();

    /** {@return true once the context is freed, when the last end of the redirected connection went} */
    boolean isFreed();
}
