package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A machine to try a callout on: an application that connects to an origin server, a driver with one redirect handle, and
 * a proxy that listens on loopback. Faults are recorded. Not a product, whose own callout would be asked too.
 */
final class RedirectBench implements AutoCloseable {

    /** What a test's callout gets. */
    record Call(
            IncomingValues values,
            IncomingMetadataValues meta,
            ClassifyContext context,
            FwpsFilter filter,
            ClassifyOut out) {}

    static final int ORIGIN_PORT = 80;
    static final int PROXY_PORT = 8080;

    final AddressFamily family;
    final WfpSim sim;
    final KernelDriver driver;
    final Fwps fwps;
    final RedirectHandle handle;
    final SimProcess app;
    final SimProcess proxy;
    final InetSocketAddress origin;
    final InetSocketAddress proxyAddress;
    final SimSocket listener;
    final RemoteServer server;
    private final List<CalloutRegistration> registrations = new ArrayList<>();
    private int callouts;

    RedirectBench(AddressFamily family) {
        this(family, SimOptions.defaults());
    }

    RedirectBench(AddressFamily family, SimOptions options) {
        this.family = family;
        this.sim = WfpSim.open(options.faultMode(FaultMode.RECORD));
        this.driver = sim.loadDriver("acme.sys");
        this.fwps = driver.fwps();
        this.handle = driver.createRedirectHandle(new UUID(1, 1));
        this.app = sim.process("C:\\app.exe", Token.STANDARD_USER);
        this.proxy = sim.process("C:\\acme\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        this.origin = remote(10);
        this.proxyAddress = new InetSocketAddress(IpAddress.loopback(family), PROXY_PORT);
        try {
            this.listener = proxy.winsock().tcpSocket(family).bind(proxyAddress).listen();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        this.server = sim.network().listen(origin);
    }

    /** An address outside the machine. */
    InetSocketAddress remote(int lastByte) {
        return new InetSocketAddress(address(family, lastByte), ORIGIN_PORT);
    }

    static InetAddress address(AddressFamily family, int lastByte) {
        try {
            return InetAddress.getByName((family == AddressFamily.AF_INET ? "203.0.113." : "2001:db8:1::") + lastByte);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Runs a callout of the test's own at a layer (named by its IPv4 form), lighter than those added before. */
    FwpsFilter at(Layer layer, Consumer<Call> callout) {
        callouts++;
        UUID key = new UUID(2, callouts);
        SubLayer own = new SubLayer(new UUID(3, callouts), "callout " + callouts, 1000 - callouts);
        sim.fwpm().fwpmSubLayerAdd0(own);
        registrations.add(driver.registerCallout(
                key,
                (values, meta, data, context, filter, flow, out) ->
                        callout.accept(new Call(values, meta, context, filter, out))));
        Filter filter = Filter.at(layer.withFamily(family))
                .name("callout " + callouts)
                .subLayer(own)
                .callout(key);
        long id = sim.fwpm().addFilter(filter);
        return FwpsFilter.of(id, filter.name(), filter.action());
    }

    /** Gives back what the driver holds for as long as it is loaded. */
    void unregisterAll() {
        registrations.forEach(CalloutRegistration::close);
        handle.close();
    }

    FwpsFilter atConnectRedirect(Consumer<Call> callout) {
        return at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, callout);
    }

    /** Acquires, edits, applies, permits and releases, as one callout should. */
    void redirect(Call call, Consumer<ConnectRequest> edit) {
        ClassifyHandle acquired = acquireHandle(call);
        ConnectRequest request = acquireRequest(call, acquired);
        edit.accept(request);
        fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
        call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        fwps.fwpsReleaseClassifyHandle0(acquired);
    }

    /** A complete redirect to the proxy. */
    void toProxy(ConnectRequest request) {
        request.setRemoteAddressAndPort(proxyAddress);
        request.setLocalRedirectTargetPid(proxy.id());
        request.setLocalRedirectHandle(handle);
    }

    ClassifyHandle acquireHandle(Call call) {
        Out<ClassifyHandle> acquired = Out.empty();
        assertThat(fwps.fwpsAcquireClassifyHandle0(call.context(), 0, acquired)).isEqualTo(NtStatus.STATUS_SUCCESS);
        return Objects.requireNonNull(acquired.get());
    }

    ConnectRequest acquireRequest(Call call, ClassifyHandle acquired) {
        Out<Object> data = Out.empty();
        assertThat(fwps.fwpsAcquireWritableLayerDataPointer0(
                        acquired, call.filter().filterId(), 0, data, call.out()))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        return (ConnectRequest) Objects.requireNonNull(data.get());
    }

    /** Connects the application to the origin. */
    SimSocket connect() {
        try {
            return app.winsock().tcpSocket(family).connect(origin);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Tries to connect the application to the origin, and tells why that failed. */
    Win32Error failToConnect() {
        try {
            SimSocket connected = app.winsock().tcpSocket(family).connect(origin);
            throw new AssertionError("connected: " + connected);
        } catch (WinsockException failed) {
            return failed.error();
        }
    }

    SimSocket accept() {
        try {
            return listener.accept();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Where the application's one live connection really goes. */
    InetSocketAddress destination() {
        List<ConnectionSnapshot> live = sim.connections().stream()
                .filter(connection -> connection.process().equals(app))
                .filter(connection -> connection.effectiveRemote() != null)
                .toList();
        assertThat(live).hasSize(1);
        return live.get(0).effectiveRemote();
    }

    List<Fault> faults() {
        return sim.verifier().violations().stream().map(fault -> fault.kind()).toList();
    }

    @Override
    public void close() {
        sim.close();
    }
}
