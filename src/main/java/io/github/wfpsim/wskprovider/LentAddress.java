package io.github.wfpsim.wskprovider;

import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wsk.SockaddrRef;
import java.net.InetSocketAddress;

/** An address that a driver has on loan. */
final class LentAddress implements SockaddrRef {

    private final Loan loan;
    private final InetSocketAddress address;

    LentAddress(Loan loan, InetSocketAddress address) {
        this.loan = loan;
        this.address = address;
    }

    @Override
    public InetSocketAddress read() {
        loan.use("an address of a callback");
        return address;
    }

    @Override
    public String toString() {
        return "SOCKADDR " + IpAddress.text(address);
    }
}
