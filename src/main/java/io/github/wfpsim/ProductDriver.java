package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a product and what it adds to the engine: one redirect handle for both address families, since a handle is
 * an identity (REC-25), a sub-layer of its own, and for each family a callout and a filter. A dynamic session holds what
 * management calls add, so it goes when the session ends.
 *
 * <p>GUIDs are made from the product's name: the same on every machine, different for every product.
 */
final class ProductDriver implements AutoCloseable {

    private final WfpSim machine;
    private final String name;
    private final KernelDriver driver;
    private final Fwpm session;
    private final Provider provider;
    private final SubLayer subLayer;
    private final List<CalloutRegistration> callouts = new ArrayList<>();
    private final Once uninstalled;
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable RedirectHandle handle;

    ProductDriver(WfpSim machine, String name, int weight) {
        this.machine = machine;
        this.name = name;
        this.driver = machine.loadDriver(name + ".sys");
        this.uninstalled = new Once(machine.waitingLists());
        this.session = machine.fwpm().open(FwpmSession.dynamic(name));
        this.provider = new Provider(guid("provider"), name);
        this.subLayer = new SubLayer(guid("sub-layer"), name, weight);
        undoIfRefused(() -> {
            check("FwpmProviderAdd0", session.fwpmProviderAdd0(provider));
            check("FwpmSubLayerAdd0", session.fwpmSubLayerAdd0(subLayer));
        });
    }

    /** Runs a step of an installation; if that fails, nobody would close the product. */
    void undoIfRefused(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException refused) {
            try {
                close();
            } catch (RuntimeException second) {
                refused.addSuppressed(second);
            }
            throw refused;
        }
    }

    private void check(String function, Win32Error error) {
        if (error != Win32Error.NO_ERROR) {
            throw new IllegalStateException(function + " refused product \"" + name + "\": " + error
                    + (error == Win32Error.FWP_E_ALREADY_EXISTS ? ", give each product its own name" : ""));
        }
    }

    private UUID guid(String part) {
        return UUID.nameUUIDFromBytes((name + " " + part).getBytes(StandardCharsets.UTF_8));
    }

    KernelDriver driver() {
        return driver;
    }

    RedirectHandle createHandle() {
        handle = driver.createRedirectHandle(guid("provider"));
        return redirectHandle();
    }

    RedirectHandle redirectHandle() {
        if (handle == null) {
            throw new AssertionError("a product that redirects connections creates its handle first");
        }
        return handle;
    }

    /** Has a callout asked at a layer, named by its IPv4 form, in both families. */
    void install(Layer layer, ClassifyFn1 classifyFn, ProductConditions conditions) {
        for (AddressFamily family : AddressFamily.values()) {
            install(layer.withFamily(family), classifyFn, conditions.at(family));
        }
    }

    private void install(Layer layer, ClassifyFn1 classifyFn, @Nullable List<FilterCondition> conditions) {
        if (conditions == null) {
            return;
        }
        UUID key = guid(layer.name());
        callouts.add(driver.registerCallout(key, classifyFn));
        check("FwpmCalloutAdd0", session.fwpmCalloutAdd0(new FwpmCallout(key, name, layer), null));
        Filter.Builder filter = Filter.at(layer).name(name).provider(provider).subLayer(subLayer);
        conditions.forEach(filter::when);
        check("FwpmFilterAdd0", session.fwpmFilterAdd0(filter.callout(key), null));
    }

    /** Leaves nothing that the driver would leak; so too if another thread has begun with it. */
    void uninstall() {
        uninstalled.run(this::takeOut, () -> "the filters of " + name + " to go");
    }

    /** No more classifications first, then what they use, in reverse order. */
    private void takeOut() {
        session.close();
        callouts.forEach(CalloutRegistration::close);
        if (handle != null) {
            handle.close();
        }
    }

    /** Ends the product whose driver this is: its proxy, then the driver. A second call does no more than to uninstall. */
    void end(AutoCloseable product, Runnable closeProxy) {
        // Before anything else, so that a machine that closes meanwhile finds no leak.
        uninstall();
        if (ended.compareAndSet(false, true)) {
            machine.products().forget(product);
            try (ProductDriver last = this) {
                closeProxy.run();
            }
        }
    }

    /** Uninstalls and unloads the driver, which holds nothing then. */
    @Override
    public void close() {
        uninstall();
        driver.close();
    }
}
