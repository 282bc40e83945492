package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.RedirectRecords;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What FwpsQueryConnectionSioFormatRedirectRecords0 is for: the driver pends the redirect, fetches the records, has the
 * proxy try the real server with them, and admits the client only once that worked.
 */
@Timeout(20)
class VerifyUpstreamTest {

    /** A classification that waits for the proxy's trial. */
    private record Trial(ClassifyHandle handle, RedirectRecords records, long filterId, long endpoint) {}

    private final CompletableFuture<Trial> trial = new CompletableFuture<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();

    private Vendor verifying(WfpSim sim, AddressFamily family) throws Exception {
        Vendor vendor = new Vendor(sim, family, "acme", 8080);
        Fwps fwps = vendor.driver.fwps();
        return vendor.calling((values, meta, data, context, filter, flow, out) -> {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            if (meta.processId() == vendor.process.id()) {
                return;
            }
            Out<ClassifyHandle> acquired = Out.empty();
            fwps.fwpsAcquireClassifyHandle0(context, 0, acquired);
            ClassifyHandle handle = Objects.requireNonNull(acquired.get());
            fwps.fwpsPendClassify0(handle, filter.filterId(), 0, out);
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            out.clearWriteRight();
            trial.complete(new Trial(
                    handle,
                    Objects.requireNonNull(meta.redirectRecords()),
                    filter.filterId(),
                    meta.transportEndpointHandle()));
        });
    }

    /** Refuses at AUTH_CONNECT what the trial found unreachable: the redirect layer cannot (WFP-57, WFP-72). */
    private CalloutRegistration refusing(WfpSim sim, Vendor vendor) {
        UUID key = new UUID(90, 90);
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(vendor.family))
                        .callout(key));
        return vendor.driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            if (refused.contains(meta.transportEndpointHandle())) {
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
            }
        });
    }

    /** The driver's worker: redirects, fetches the records, and admits the client if the proxy reached the server. */
    private @Nullable SimSocket tryUpstream(Vendor vendor, InetSocketAddress origin) throws Exception {
        Trial waiting = trial.get(10, TimeUnit.SECONDS);
        Fwps fwps = vendor.driver.fwps();
        Out<Object> data = Out.empty();
        fwps.fwpsAcquireWritableLayerDataPointer0(waiting.handle(), waiting.filterId(), 0, data, null);
        ConnectRequest request = (ConnectRequest) Objects.requireNonNull(data.get());
        request.setRemoteAddressAndPort(vendor.address);
        request.setLocalRedirectTargetPid(vendor.process.id());
        request.setLocalRedirectHandle(vendor.handle);
        fwps.fwpsApplyModifiedLayerData0(waiting.handle(), request, 0);
        SimSocket upstream = connectUpstream(vendor, records(fwps, waiting), origin);
        if (upstream == null) {
            refused.add(waiting.endpoint());
        }
        fwps.fwpsCompleteClassify0(waiting.handle(), 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
        fwps.fwpsReleaseClassifyHandle0(waiting.handle());
        return upstream;
    }

    /** The size first, then the bytes. */
    private static byte[] records(Fwps fwps, Trial waiting) {
        OutUlong size = new OutUlong();
        fwps.fwpsQueryConnectionSioFormatRedirectRecords0(waiting.records(), null, 0, size);
        byte[] records = new byte[size.value()];
        fwps.fwpsQueryConnectionSioFormatRedirectRecords0(
                waiting.records(), ByteBuffer.wrap(records), records.length, size);
        return records;
    }

    private static @Nullable SimSocket connectUpstream(Vendor vendor, byte[] records, InetSocketAddress origin)
            throws WinsockException {
        SimSocket upstream = vendor.process.winsock().tcpSocket(vendor.family);
        upstream.setRedirectRecords(records);
        try {
            return upstream.connect(origin);
        } catch (WinsockException unreachable) {
            upstream.close();
            return null;
        }
    }

    private static CompletableFuture<Integer> connecting(WfpSim sim, AddressFamily family, InetSocketAddress origin) {
        CompletableFuture<Integer> outcome = new CompletableFuture<>();
        var winsock = sim.process("C:\\app.exe", Token.STANDARD_USER).winsock();
        new Thread(() -> {
                    int result = winsock.connect(winsock.socket(family.code(), 1, 6), origin);
                    outcome.complete(result == 0 ? 0 : winsock.wsaGetLastError());
                })
                .start();
        return outcome;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-75", "WFP-76", "WFP-78", "REC-01"})
    void serverThatIsUp_hasTheClientAdmittedAndTiedToTheConnectionThatWasTried(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                RemoteServer server = sim.network().listen(origin);
                Vendor vendor = verifying(sim, family);
                CalloutRegistration authorizer = refusing(sim, vendor)) {
            CompletableFuture<Integer> client = connecting(sim, family, origin);

            SimSocket upstream = Objects.requireNonNull(tryUpstream(vendor, origin));

            assertThat(client.get(10, TimeUnit.SECONDS)).isZero();
            SimSocket accepted = vendor.listener.tryAccept().orElseThrow();
            assertThat(accepted.queryRedirectRecords().orElseThrow()).isNotEmpty();
            assertThat(upstream.remoteAddress()).isEqualTo(origin);
            assertThat(sim.connections())
                    .filteredOn(end -> end.state() == ConnectionState.CONNECTED)
                    .extracting(end -> end.lineage())
                    .hasSize(3)
                    .containsOnly(sim.connections().stream()
                            .filter(end -> end.state() == ConnectionState.CONNECTED)
                            .findFirst()
                            .orElseThrow()
                            .lineage());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-72", "WFP-76"})
    void serverThatIsDown_hasTheClientRefusedAndTheProxyNeverAccepts(AddressFamily family) throws Exception {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = verifying(sim, family);
                CalloutRegistration authorizer = refusing(sim, vendor)) {
            CompletableFuture<Integer> client = connecting(sim, family, origin);

            assertThat(tryUpstream(vendor, origin)).isNull();

            assertThat(client.get(10, TimeUnit.SECONDS)).isEqualTo(Win32Error.WSAEACCES.code());
            assertThat(vendor.listener.tryAccept()).isEmpty();
        }
    }
}
