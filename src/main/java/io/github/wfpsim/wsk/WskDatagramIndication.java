package io.github.wfpsim.wsk;

import io.github.wfpsim.irp.WskBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A received datagram in memory of WSK, WSK_DATAGRAM_INDICATION. Valid during the callback, and after STATUS_PENDING until
 * WskRelease.
 *
 * <p>Source: WSK_DATAGRAM_INDICATION (WDK). Requirement: WSKS-29.
 */
public final class WskDatagramIndication {

    private final Loan loan;
    private final WskBuf buffer;
    private final InetSocketAddress remoteAddress;
    private final ByteBuffer controlInfo;

    WskDatagramIndication(Loan loan, WskBuf buffer, InetSocketAddress remoteAddress, ByteBuffer controlInfo) {
        this.loan = loan;
        this.buffer = buffer;
        this.remoteAddress = remoteAddress;
        this.controlInfo = controlInfo;
    }

    Loan loan() {
        return loan;
    }

    /**
     * Hands out the datagram after this one, Next. There is one to a call here.
     *
     * @return null
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public @Nullable WskDatagramIndication next() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return null;
    }

    /**
     * Hands out the data, Buffer.
     *
     * @return the data, in locked memory
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public WskBuf buffer() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return buffer;
    }

    /**
     * Hands out the control messages, ControlInfo, as far as their options are switched on (UDP-15).
     *
     * @return the messages, read-only; empty if there are none
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public ByteBuffer controlInfo() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return controlInfo.asReadOnlyBuffer();
    }

    /**
     * Tells the sender, RemoteAddress.
     *
     * @return its address
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    public InetSocketAddress remoteAddress() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return remoteAddress;
    }
}
