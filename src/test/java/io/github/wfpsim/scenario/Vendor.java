package io.github.wfpsim.scenario;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One vendor's product in a test: a driver that redirects port 80, and a proxy that accepts.
 *
 * <pre>
 *   app --connect:80--> [callout of driver] --> proxy --SET, connect:80--> origin
 * </pre>
 */
final class Vendor implements AutoCloseable {

    static final int WEB_PORT = 80;

    final WfpSim sim;
    final AddressFamily family;
    final SimProcess process;
    final KernelDriver driver;
    final RedirectHandle handle;
    final InetSocketAddress address;
    final SimSocket listener;
    private @Nullable CalloutRegistration callout;
    final List<RedirectState> states = new CopyOnWriteArrayList<>();

    Vendor(WfpSim sim, AddressFamily family, String name, int port) throws IOException {
        this.sim = sim;
        this.family = family;
        this.process = sim.process("C:\\" + name + "\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        this.address = new InetSocketAddress(IpAddress.loopback(family), port);
        this.listener = process.winsock().tcpSocket(family);
        listener.bind(address);
        listener.listen();
        this.driver = sim.loadDriver(name + ".sys");
        this.handle = driver.createRedirectHandle(new UUID(1, port));
    }

    static UUID calloutKey(int port) {
        return new UUID(2, port);
    }

    /** Installs the textbook callout. */
    Vendor redirecting(byte... context) {
        var callout = driver.redirectCallout(handle, address, process);
        return calling((context.length == 0 ? callout : callout.withContext(context)).watching(states::add));
    }

    /** Installs a callout of the test's own. */
    Vendor calling(ClassifyFn1 classifyFn) {
        UUID key = calloutKey(address.getPort());
        callout = driver.registerCallout(key, classifyFn);
        SubLayer own = new SubLayer(new UUID(3, address.getPort()), driver.name(), address.getPort());
        sim.fwpm().fwpmSubLayerAdd0(own);
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                        .name(driver.name())
                        .subLayer(own)
                        .when(FilterCondition.remotePort(WEB_PORT))
                        .callout(key));
        return this;
    }

    /** Opens the onward connection with the records of an accepted one. */
    SimSocket onward(SimSocket accepted, InetSocketAddress destination) throws IOException {
        SimSocket onward = process.winsock().tcpSocket(family);
        onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
        onward.connect(destination);
        return onward;
    }

    static InetSocketAddress origin(AddressFamily family) throws IOException {
        byte[] bytes = family == AddressFamily.AF_INET
                ? new byte[] {(byte) 203, 0, 113, 10}
                : new byte[] {0x20, 0x01, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};
        return new InetSocketAddress(InetAddress.getByAddress(bytes), WEB_PORT);
    }

    @Override
    public void close() {
        listener.close();
        if (callout != null) {
            callout.close();
        }
        handle.close();
    }
}
