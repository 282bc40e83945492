package io.github.wfpsim;

import io.github.wfpsim.redirect.RedirectHandle;

/**
 * An installed product that is a driver alone: it redirects to sockets that the test opens itself, in a process or over
 * Winsock Kernel, such as those of a proxy that is ported line by line.
 *
 * <p>Closing it uninstalls filters and callouts and unloads the driver, while the proxy goes on; closing the machine does
 * so too. Safe for use by many threads.
 */
public final class DriverProduct implements AutoCloseable {

    private final String name;
    private final SimProcess target;
    private final ProductDriver driver;

    DriverProduct(Product wanted, SimProcess target, ProductConditions which) {
        this.name = wanted.name();
        this.target = target;
        this.driver = wanted.redirecting(target, which);
        wanted.machine().products().keep(this);
    }

    /** {@return the driver, for Winsock Kernel sockets and callouts of the test's own} */
    public KernelDriver driver() {
        return driver.driver();
    }

    /** {@return the handle that the driver redirects with, one for both families} */
    public RedirectHandle redirectHandle() {
        return driver.redirectHandle();
    }

    /**
     * Uninstalls the product. A second call does nothing.
     *
     * @throws io.github.wfpsim.verifier.FaultException if the test's own use of the driver leaked, and faults are thrown
     */
    @Override
    public void close() {
        driver.end(this, () -> {});
    }

    @Override
    public String toString() {
        return name + " redirects to " + target;
    }
}
