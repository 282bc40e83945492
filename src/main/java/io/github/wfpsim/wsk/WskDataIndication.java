package io.github.wfpsim.wsk;

import io.github.wfpsim.irp.WskBuf;
import org.jspecify.annotations.Nullable;

/**
 * A piece of received data in memory of WSK, WSK_DATA_INDICATION: no longer than a TCP segment, with those after it in a
 * list. Valid during the callback, and after STATUS_PENDING until WskRelease.
 *
 * <p>Source: WSK_DATA_INDICATION (WDK). Requirements: WSKS-11, WSKS-25.
 */
public interface WskDataIndication {

    /**
     * {@return the piece after this one, Next; null at the end of the list}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    @Nullable
    WskDataIndication next();

    /**
     * {@return the data, Buffer, in locked memory that may be sent on as it is}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    WskBuf buffer();
}
