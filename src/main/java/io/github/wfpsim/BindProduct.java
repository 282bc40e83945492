package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import java.net.InetAddress;
import java.util.Map;

/**
 * An installed product that gives sockets another local address when they are bound to none, as a split tunnel does. It
 * has no proxy, no redirect handle and no records, which are for connections only (REC-08).
 *
 * <p>Closing it uninstalls filters and callouts and unloads the driver; closing the machine does so too. Safe for use by
 * many threads.
 */
public final class BindProduct implements AutoCloseable {

    private final String name;
    private final ProductDriver driver;

    BindProduct(Product wanted, ProductConditions which, Map<AddressFamily, InetAddress> locals) {
        this.name = wanted.name();
        this.driver = wanted.loadDriver();
        BindRedirectCallout textbook = new BindRedirectCallout(driver.driver().fwps(), locals);
        driver.undoIfRefused(
                () -> driver.install(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, wanted.callout(textbook), which));
        wanted.machine().products().keep(this);
    }

    /** {@return the driver, for callouts of the test's own} */
    public KernelDriver driver() {
        return driver.driver();
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
        return name + " redirects binds";
    }
}
