package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * What a product consists of that redirects to a proxy in a process: that process, with a socket of each family, and the
 * driver. They come and go together. Safe for use by many threads.
 *
 * @param <S> what the proxy has to take what is redirected
 */
final class DriverAndProxy<S> implements AutoCloseable {

    /** Makes one of the proxy's sockets. */
    @FunctionalInterface
    interface Opening<S> {
        S open(Winsock winsock, AddressFamily family, InetSocketAddress local) throws WinsockException;
    }

    private final ProxyProcess proxy;
    private final Map<AddressFamily, S> sockets = new EnumMap<>(AddressFamily.class);
    private final ProductDriver driver;

    DriverAndProxy(Product wanted, ProductConditions which, Opening<S> opening) throws WinsockException {
        this.proxy = new ProxyProcess(wanted.machine(), wanted.name());
        try {
            for (AddressFamily family : AddressFamily.values()) {
                sockets.put(family, opening.open(process().winsock(), family, wanted.proxyAddress(family)));
            }
            this.driver = wanted.redirecting(process(), which);
        } catch (WinsockException | RuntimeException refused) {
            proxy.close();
            throw refused;
        }
        wanted.machine().products().keep(this);
    }

    SimProcess process() {
        return proxy.process();
    }

    KernelDriver driver() {
        return driver.driver();
    }

    RedirectHandle redirectHandle() {
        return driver.redirectHandle();
    }

    S socket(AddressFamily family) {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        return Objects.requireNonNull(sockets.get(family), "a proxy has a socket in every family");
    }

    void run(ProxyCode code) {
        proxy.run(code);
    }

    void run(Callable<?> code) {
        Objects.requireNonNull(code, "code must not be null: give what the proxy does");
        proxy.run(code::call);
    }

    /** Runs work of the proxies of the library, some of which may come when the product closes. */
    void execute(Runnable work) {
        proxy.execute(work);
    }

    void unloadDriver() {
        driver.close();
    }

    @Override
    public void close() {
        driver.end(this, proxy::close);
    }
}
