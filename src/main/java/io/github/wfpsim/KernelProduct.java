package io.github.wfpsim;

import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.machine.WaitedFuture;
import io.github.wfpsim.proxy.DriverProxy;
import io.github.wfpsim.redirect.RedirectHandle;
import java.util.concurrent.CompletableFuture;

/**
 * An installed product that is one driver: it redirects TCP connections to its own Winsock Kernel sockets, on loopback of
 * both families, and passes them on with IRPs, records included. Its sockets act for System.
 *
 * <p>Its work items run on the machine's dispatcher; with {@code DispatcherMode.MANUAL} the test runs them. Closing it breaks off the connections, uninstalls filters and
 * callouts and unloads the driver; closing the machine does so too.
 */
public final class KernelProduct implements AutoCloseable {

    private final WfpSim machine;
    private final String name;
    private final ProductDriver driver;
    private final DriverProxy proxy;
    private final Once closed;

    KernelProduct(Product wanted, ProductConditions which) {
        this.machine = wanted.machine();
        this.name = wanted.name();
        this.closed = new Once(machine.waitingLists());
        requireWorkItems(machine.options().dispatcher());
        requireAnotherThread();
        this.driver = wanted.loadDriver();
        try {
            KernelDriver functions = driver.driver();
            this.proxy = new DriverProxy(
                    new DriverProxy.Functions(functions.wsk(), functions.io(), functions.mm(), functions.pool()),
                    new DispatcherItems(machine),
                    wanted.proxyAddresses());
        } catch (RuntimeException refused) {
            driver.close();
            throw refused;
        }
        driver.undoIfRefused(() -> redirectOrCloseProxy(wanted, which));
        machine.products().keep(this);
    }

    /** The proxy gives its sockets back before the driver unloads. */
    private void redirectOrCloseProxy(Product wanted, ProductConditions which) {
        try {
            wanted.redirect(driver, machine.system(), which);
        } catch (RuntimeException refused) {
            driver.uninstall();
            proxy.close();
            throw refused;
        }
    }

    private static void requireWorkItems(DispatcherMode mode) {
        if (mode == DispatcherMode.INLINE) {
            throw new IllegalStateException(
                    "with DispatcherMode.INLINE work items run inside completion routines, where a"
                            + " driver must not start requests: use BACKGROUND or MANUAL");
        }
    }

    /** Work items on the machine's dispatcher. */
    private record DispatcherItems(WfpSim machine) implements DriverProxy.WorkItems {

        @Override
        public void execute(Runnable workItem) {
            machine.dispatcher().execute(workItem);
        }

        @Override
        public <T> T await(CompletableFuture<T> future) {
            if (machine.options().dispatcher() == DispatcherMode.MANUAL) {
                machine.dispatcher().runAll(); // nobody else does
            }
            WaitedFuture<T> waited = new WaitedFuture<>(machine.waitingLists(), "work items of a driver");
            CompletableFuture<T> unused = future.whenComplete((value, failure) -> {
                if (failure == null) {
                    waited.complete(value);
                } else {
                    waited.completeExceptionally(failure);
                }
            });
            return waited.join();
        }
    }

    /** {@return the driver, for callouts of the test's own} */
    public KernelDriver driver() {
        return driver.driver();
    }

    /** {@return the handle that the driver redirects with, one for both families} */
    public RedirectHandle redirectHandle() {
        return driver.redirectHandle();
    }

    /**
     * {@return how many connections the driver has accepted}
     *
     * @throws IllegalStateException in a task of the dispatcher, such as a completion routine
     */
    public int served() {
        requireAnotherThread();
        return proxy.served();
    }

    /**
     * Uninstalls the product: breaks off its connections, gives everything back and unloads the driver. A second call does
     * nothing, but waits for the first.
     *
     * @throws IllegalStateException in a task of the dispatcher, such as a completion routine; nothing is done then
     * @throws io.github.wfpsim.verifier.FaultException if the test's own use of the driver leaked, and faults are thrown
     */
    @Override
    public void close() {
        requireAnotherThread();
        closed.run(this::uninstall, () -> "the sockets of " + name + " to close");
    }

    private void uninstall() {
        driver.uninstall();
        try (driver;
                proxy) {
            // Closes the proxy, then the driver.
        } finally {
            machine.products().forget(this);
        }
    }

    /** Work items would wait for themselves. */
    void requireAnotherThread() {
        if (machine.isOnDispatcher()) {
            throw new IllegalStateException("this is a task of the dispatcher, on which the work items of " + name
                    + " run, so it cannot wait for them: call from another thread");
        }
    }

    @Override
    public String toString() {
        return name + " redirects TCP to its driver";
    }
}
