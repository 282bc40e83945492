package io.github.wfpsim.examples;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A transparent proxy as a service writes it: accept, ask for the records and the context, put the records on a new
 * socket, connect on, relay both ways.
 */
final class RedirectingProxy implements ProxyService {

    private final TcpProduct product;
    private final boolean forgetSet;
    private final AtomicInteger served = new AtomicInteger();

    RedirectingProxy(TcpProduct product, boolean forgetSet) {
        this.product = product;
        this.forgetSet = forgetSet;
    }

    @Override
    public void start() {
        product.run(this::acceptAll);
    }

    @Override
    public int served() {
        return served.get();
    }

    private void acceptAll() throws IOException {
        while (true) {
            SimSocket accepted = product.listener().accept();
            product.run(() -> serve(accepted));
        }
    }

    private void serve(SimSocket accepted) {
        try {
            byte[] records = accepted.queryRedirectRecords().orElseThrow();
            byte[] context = accepted.queryRedirectContext().orElseThrow();
            InetSocketAddress destination = OriginalDestination.decode(context).remote();
            SimSocket onward = product.process().winsock().tcpSocket(AddressFamily.AF_INET);
            if (!forgetSet) {
                onward.setRedirectRecords(records);
            }
            onward.connect(destination);
            served.incrementAndGet();
            product.run(() -> relay(accepted, onward));
            relay(onward, accepted);
        } catch (IOException failed) {
            accepted.abort();
        }
    }

    static void relay(SimSocket from, SimSocket to) {
        try {
            from.inputStream().transferTo(to.outputStream());
            to.shutdownOutput();
        } catch (IOException broken) {
            to.abort();
        }
    }

    @Override
    public void close() {
        product.close();
    }
}
