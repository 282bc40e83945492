package io.github.wfpsim.examples;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.RedirectRecords;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A driver and a proxy that admit a client only once the real server answered: the driver pends the redirect, fetches the
 * records with FwpsQueryConnectionSioFormatRedirectRecords0, the proxy connects on with them, and only then the client's
 * connect completes. If the server is down, AUTH_CONNECT refuses the client and the proxy never sees it.
 */
final class VerifyingProduct implements AutoCloseable {

    private static final int WEB_PORT = 80;

    private final SimProcess service;
    private final InetSocketAddress address;
    private final SimSocket listener;
    private final Fwps fwps;
    private final RedirectHandle handle;
    private final CalloutRegistration redirector;
    private final CalloutRegistration authorizer;
    private final Map<ByteBuffer, SimSocket> upstreams = new ConcurrentHashMap<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    VerifyingProduct(WfpSim sim, String name, int port) throws IOException {
        service = sim.process("C:\\Program Files\\" + name + "\\" + name + ".exe", Token.ELEVATED_ADMINISTRATOR);
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        listener =
                service.winsock().tcpSocket(AddressFamily.AF_INET).bind(address).listen();
        KernelDriver driver = sim.loadDriver(name + ".sys");
        fwps = driver.fwps();
        handle = driver.createRedirectHandle(guid(name));
        redirector = install(sim, driver, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, (values, meta, d, c, f, x, out) -> {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            if (meta.processId() != service.id()) {
                pend(meta, c, f, out);
            }
        });
        authorizer = install(sim, driver, Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, (values, meta, d, c, f, x, out) -> {
            if (refused.contains(meta.transportEndpointHandle())) {
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
            }
        });
        daemon(this::acceptAll);
    }

    private static UUID guid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static CalloutRegistration install(WfpSim sim, KernelDriver driver, Layer layer, ClassifyFn1 classifyFn) {
        CalloutRegistration callout = driver.registerCallout(guid(driver.name() + layer), classifyFn);
        Filter.Builder filter = Filter.at(layer).name(driver.name());
        if (layer.isRedirectLayer()) {
            filter.when(FilterCondition.remotePort(WEB_PORT));
        }
        sim.fwpm().addFilter(filter.callout(callout.calloutKey()));
        return callout;
    }

    // ---- the driver

    private void pend(IncomingMetadataValues meta, ClassifyContext context, FwpsFilter filter, ClassifyOut out) {
        Out<ClassifyHandle> acquired = Out.empty();
        fwps.fwpsAcquireClassifyHandle0(context, 0, acquired);
        ClassifyHandle pended = acquired.get();
        RedirectRecords records = meta.redirectRecords();
        if (pended == null || records == null) {
            return;
        }
        fwps.fwpsPendClassify0(pended, filter.filterId(), 0, out);
        out.setActionType(ActionType.FWP_ACTION_BLOCK);
        out.clearWriteRight();
        long endpoint = meta.transportEndpointHandle();
        daemon(() -> decide(pended, filter.filterId(), records, endpoint));
    }

    /** Redirects, tries the server through the proxy, and lets the client's connect go on. */
    private void decide(ClassifyHandle pended, long filterId, RedirectRecords records, long endpoint) {
        Out<Object> data = Out.empty();
        fwps.fwpsAcquireWritableLayerDataPointer0(pended, filterId, 0, data, null);
        if (data.get() instanceof ConnectRequest request) {
            InetSocketAddress server = request.remoteAddressAndPort();
            request.setRemoteAddressAndPort(address);
            request.setLocalRedirectTargetPid(service.id());
            request.setLocalRedirectHandle(handle);
            fwps.fwpsApplyModifiedLayerData0(pended, request, 0);
            if (!connectUpstream(recordsOf(records), server)) {
                refused.add(endpoint);
            }
        }
        fwps.fwpsCompleteClassify0(pended, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
        fwps.fwpsReleaseClassifyHandle0(pended);
    }

    /** Asks for the size, then for the bytes. */
    private byte[] recordsOf(RedirectRecords records) {
        OutUlong size = new OutUlong();
        fwps.fwpsQueryConnectionSioFormatRedirectRecords0(records, null, 0, size);
        byte[] bytes = new byte[size.value()];
        fwps.fwpsQueryConnectionSioFormatRedirectRecords0(records, ByteBuffer.wrap(bytes), bytes.length, size);
        return bytes;
    }

    // ---- the proxy

    private boolean connectUpstream(byte[] records, InetSocketAddress server) {
        try {
            SimSocket upstream = service.winsock().tcpSocket(AddressFamily.AF_INET);
            upstreams.put(ByteBuffer.wrap(records), upstream);
            upstream.setRedirectRecords(records);
            upstream.connect(server);
            return true;
        } catch (WinsockException unreachable) {
            SimSocket gone = upstreams.remove(ByteBuffer.wrap(records));
            if (gone != null) {
                gone.close();
            }
            return false;
        }
    }

    private void acceptAll() {
        try {
            while (true) {
                serve(listener.accept());
            }
        } catch (IOException closed) {
            // The listener was closed: the proxy ends.
        }
    }

    /** The records tell which connection was made for this client. */
    private void serve(SimSocket client) throws IOException {
        @Nullable
        SimSocket upstream =
                upstreams.remove(ByteBuffer.wrap(client.queryRedirectRecords().orElseThrow()));
        if (upstream == null) {
            client.abort();
            return;
        }
        accepted.incrementAndGet();
        daemon(() -> RedirectingProxy.relay(client, upstream));
        daemon(() -> RedirectingProxy.relay(upstream, client));
    }

    int accepted() {
        return accepted.get();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "verifying-product");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        listener.close();
        service.close();
        redirector.close();
        authorizer.close();
        handle.close();
    }
}
