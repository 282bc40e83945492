package io.github.wfpsim.scenario;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One vendor's product in a test of one family, whose callout the test chooses once it has the rest: a driver that
 * redirects port 80, and a proxy that accepts.
 *
 * <pre>
 *   app --connect:80--> [callout of driver] --> proxy --SET, connect:80--> origin
 * </pre>
 */
final class Vendor implements AutoCloseable {

    static final int WEB_PORT = 80;

    final WfpSim sim;
    final AddressFamily family;
    final TcpProduct product;
    final SimProcess process;
    final KernelDriver driver;
    final RedirectHandle handle;
    final InetSocketAddress address;
    final SimSocket listener;
    final List<RedirectState> states = new CopyOnWriteArrayList<>();
    private volatile byte[] context = {};
    private volatile ClassifyFn1 textbook = (values, meta, data, classify, filter, flow, out) -> {};
    private volatile ClassifyFn1 callout = textbook;

    Vendor(WfpSim sim, AddressFamily family, String name, int port) throws IOException {
        this.sim = sim;
        this.family = family;
        this.product = sim.product(name)
                .weight(port)
                .proxyPort(port)
                .context(original -> context)
                .watching(states::add)
                .callout(this::switched)
                .redirectTcp(WEB_PORT);
        this.process = product.process();
        this.listener = product.listener(family);
        this.address = listener.localAddress();
        this.driver = product.driver();
        this.handle = product.redirectHandle();
    }

    private ClassifyFn1 switched(ClassifyFn1 ofTheProduct) {
        textbook = ofTheProduct;
        return (values, meta, data, classify, filter, flow, out) ->
                callout.classify(values, meta, data, classify, filter, flow, out);
    }

    /** Switches the textbook callout on. */
    Vendor redirecting(byte... attached) {
        context = attached;
        return calling(textbook);
    }

    /** Switches a callout of the test's own on. */
    Vendor calling(ClassifyFn1 classifyFn) {
        callout = classifyFn;
        return this;
    }

    /** Opens the onward connection with the records of an accepted one. */
    SimSocket onward(SimSocket accepted, InetSocketAddress destination) throws IOException {
        SimSocket onward = process.winsock().tcpSocket(family);
        onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
        onward.connect(destination);
        return onward;
    }

    static InetSocketAddress origin(AddressFamily family) {
        return IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8::10]:80");
    }

    @Override
    public void close() {
        product.close();
    }
}
