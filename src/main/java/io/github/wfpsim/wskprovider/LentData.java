package io.github.wfpsim.wskprovider;

import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.wsk.WskDataIndication;
import org.jspecify.annotations.Nullable;

/** Received data that a driver has on loan. */
final class LentData implements WskDataIndication {

    private final Loan loan;
    private final WskBuf buffer;
    private final @Nullable WskDataIndication next;

    LentData(Loan loan, WskBuf buffer, @Nullable WskDataIndication next) {
        this.loan = loan;
        this.buffer = buffer;
        this.next = next;
    }

    Loan loan() {
        return loan;
    }

    @Override
    public @Nullable WskDataIndication next() {
        loan.use("WSK_DATA_INDICATION");
        return next;
    }

    @Override
    public WskBuf buffer() {
        loan.use("WSK_DATA_INDICATION");
        return buffer;
    }
}
