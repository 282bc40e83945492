package io.github.wfpsim.examples;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.RedirectRecords;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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

    private final TcpProduct product;
    private final Fwps fwps;
    private final CalloutRegistration authorizer;
    private final Map<ByteBuffer, SimSocket> upstreams = new ConcurrentHashMap<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    VerifyingProduct(WfpSim sim, String name) throws IOException {
        product = sim.product(name)
                .callout(textbook -> (values, meta, d, context, filter, x, out) -> {
                    out.setActionType(ActionType.FWP_ACTION_PERMIT);
                    if (!values.appId().endsWith("-proxy.exe")) {
                        pend(meta, context, filter, out);
                    }
                })
                .redirectTcp(WEB_PORT);
        fwps = product.driver().fwps();
        authorizer = product.driver().registerCallout(new UUID(0, 1), (values, meta, d, context, filter, x, out) -> {
            if (refused.contains(meta.transportEndpointHandle())) {
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
            }
        });
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                        .name(name)
                        .callout(authorizer.calloutKey()));
        product.run(this::acceptAll);
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
        product.run(() -> decide(pended, filter.filterId(), records, endpoint));
    }

    /** Redirects, tries the server through the proxy, and lets the client's connect go on. */
    private void decide(ClassifyHandle pended, long filterId, RedirectRecords records, long endpoint)
            throws WinsockException {
        Out<Object> data = Out.empty();
        fwps.fwpsAcquireWritableLayerDataPointer0(pended, filterId, 0, data, null);
        if (data.get() instanceof ConnectRequest request) {
            InetSocketAddress server = request.remoteAddressAndPort();
            request.setRemoteAddressAndPort(product.listener().localAddress());
            request.setLocalRedirectTargetPid(product.process().id());
            request.setLocalRedirectHandle(product.redirectHandle());
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
            SimSocket upstream = product.process().winsock().tcpSocket(AddressFamily.AF_INET);
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

    private void acceptAll() throws IOException {
        while (true) {
            serve(product.listener().accept());
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
        product.run(() -> RedirectingProxy.relay(client, upstream));
        product.run(() -> RedirectingProxy.relay(upstream, client));
    }

    int accepted() {
        return accepted.get();
    }

    @Override
    public void close() {
        authorizer.close();
        product.close();
    }
}
