package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wsk.WskDataIndication;
import io.github.wfpsim.wsk.WskDatagramIndication;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The indications of one socket that its driver has. */
final class Loans {

    private final WskClient client;
    private final Set<Loan> out = ConcurrentHashMap.newKeySet();

    /** Name of the socket once it closes; null before. */
    private volatile @Nullable String closed;

    Loans(WskClient client) {
        this.client = client;
    }

    Loan open() {
        Loan loan = new Loan(client);
        // Before the callback: it may hand the list to a thread that releases it at once.
        out.add(loan);
        return loan;
    }

    /** After the callback: only STATUS_PENDING keeps the list. */
    void returned(Loan loan, NtStatus answer) {
        if (answer == NtStatus.STATUS_PENDING) {
            loan.keep();
            findIfClosed(loan);
        } else if (out.remove(loan)) {
            loan.end();
        }
    }

    /** Takes a list back, WskRelease. */
    NtStatus release(WskDataIndication indication) {
        if (indication instanceof LentData lent) {
            return release(lent.loan());
        }
        throw new IllegalArgumentException("dataIndication must be what WskReceiveEvent got");
    }

    NtStatus release(WskDatagramIndication indication) {
        if (indication instanceof LentDatagram lent) {
            return release(lent.loan());
        }
        throw new IllegalArgumentException("datagramIndication must be what WskReceiveFromEvent got");
    }

    private NtStatus release(Loan loan) {
        if (!out.remove(loan)) {
            client.fault(Fault.STALE_REFERENCE, "WskRelease was called with an indication that WSK has already");
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        loan.end();
        return NtStatus.STATUS_SUCCESS;
    }

    /** The socket closes: whatever is out but for running callbacks should not be. */
    void close(String socket) {
        closed = socket;
        List.copyOf(out).forEach(this::findIfClosed);
    }

    /** Kept first and looked at here then, as the socket is closed first: one of the two threads finds it. */
    private void findIfClosed(Loan loan) {
        String socket = closed;
        if (socket != null && loan.isKept() && out.remove(loan)) {
            loan.end();
            client.fault(Fault.INDICATION_LEAK, "an indication of " + socket + " was kept: call WskRelease before");
        }
    }
}
