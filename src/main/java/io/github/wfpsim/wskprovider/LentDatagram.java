package io.github.wfpsim.wskprovider;

import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.wsk.WskDatagramIndication;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A received datagram that a driver has on loan. */
final class LentDatagram implements WskDatagramIndication {

    private final Loan loan;
    private final WskBuf buffer;
    private final InetSocketAddress remoteAddress;
    private final ByteBuffer controlInfo;

    LentDatagram(Loan loan, WskBuf buffer, InetSocketAddress remoteAddress, ByteBuffer controlInfo) {
        this.loan = loan;
        this.buffer = buffer;
        this.remoteAddress = remoteAddress;
        this.controlInfo = controlInfo;
    }

    Loan loan() {
        return loan;
    }

    @Override
    public @Nullable WskDatagramIndication next() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return null;
    }

    @Override
    public WskBuf buffer() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return buffer;
    }

    @Override
    public ByteBuffer controlInfo() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return controlInfo.asReadOnlyBuffer();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        loan.use("WSK_DATAGRAM_INDICATION");
        return remoteAddress;
    }
}
