package io.github.wfpsim.wsk;

import java.net.InetSocketAddress;

/** An address in memory of WSK, PSOCKADDR: valid only during the callback that it was given to (WSKS-15). */
public final class SockaddrRef {

    private final Loan loan;
    private final InetSocketAddress address;

    SockaddrRef(Loan loan, InetSocketAddress address) {
        this.loan = loan;
        this.address = address;
    }

    /**
     * Reads the address.
     *
     * @return it
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} after the callback
     */
    public InetSocketAddress read() {
        loan.use("an address of a callback");
        return address;
    }

    @Override
    public String toString() {
        return "SOCKADDR " + address;
    }
}
