package io.github.wfpsim.wsk;

import io.github.wfpsim.irp.WskBuf;
import org.jspecify.annotations.Nullable;

/**
 * A piece of received data in memory of WSK, WSK_DATA_INDICATION: no longer than a TCP segment, with those after it in a
 * list. Valid during the callback, and after STATUS_PENDING until WskRelease.
 *
 * <p>Source: WSK_DATA_INDICATION (WDK). Requirements: WSKS-11, WSKS-25.
 */
public final class WskDataIndication {

    private final Loan loan;
    private final WskBuf buffer;
    private final @Nullable WskDataIndication next;

    WskDataIndication(Loan loan, WskBuf buffer, @Nullable WskDataIndication next) {
        this.loan = loan;
        this.buffer = buffer;
        this.next = next;
    }

    Loan loan() {
        return loan;
    }

    /**
     * Hands out the piece after this one, Next.
     *
     * @return the piece; null at the end of the list
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public @Nullable WskDataIndication next() {
        loan.use("WSK_DATA_INDICATION");
        return next;
    }

    /**
     * Hands out the data, Buffer. It is locked memory and may be sent on as it is.
     *
     * @return the data
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public WskBuf buffer() {
        loan.use("WSK_DATA_INDICATION");
        return buffer;
    }
}
