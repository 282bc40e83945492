package io.github.wfpsim.product.foreign;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.BindRequest;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterWeight;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.wfp.WritableLayerData;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A driver that makes the calls of WFPSampler's proxy callouts in their order, written from their behaviour: the layer data is
 * acquired before anything is pended, the write right is toggled, not cleared, and the worker applies, completes and releases.
 * Where it takes the rest of its work to is the test's affair.
 */
final class SamplerDriver implements AutoCloseable {

    /**
     * What the management side hands over in a provider context.
     *
     * @param inline whether the edit is made inside classifyFn
     * @param port the proxy's port; at BIND_REDIRECT unused
     * @param pid the proxy's process
     * @param local the address to bind to; at CONNECT_REDIRECT unused
     */
    record ProxyData(boolean inline, int port, int pid, InetSocketAddress local) {

        FwpByteBlob encode() {
            return FwpByteBlob.ofText(String.join(
                    " ",
                    String.valueOf(inline),
                    String.valueOf(port),
                    String.valueOf(pid),
                    local.getAddress().getHostAddress(),
                    String.valueOf(local.getPort())));
        }

        static ProxyData decode(FwpByteBlob blob) {
            List<String> parts = List.of(blob.text().split(" "));
            return new ProxyData(
                    Boolean.parseBoolean(parts.get(0)),
                    Integer.parseInt(parts.get(1)),
                    Integer.parseInt(parts.get(2)),
                    new InetSocketAddress(IpAddress.parseHost(parts.get(3)), Integer.parseInt(parts.get(4))));
        }
    }

    /** What a worker takes over. */
    private record Work(
            ClassifyHandle classifyHandle,
            WritableLayerData request,
            ClassifyOut out,
            FwpsFilter filter,
            AddressFamily family,
            boolean pended) {}

    private final WfpSim sim;
    private final KernelDriver driver;
    private final Fwps fwps;
    private final RedirectHandle redirectHandle;
    private final Consumer<Runnable> workers;
    private final UUID calloutKey = UUID.randomUUID();
    private final UUID dataKey = UUID.randomUUID();
    private final CalloutRegistration callout;
    private final long filterId;

    SamplerDriver(WfpSim sim, Layer layer, ProxyData data, Consumer<Runnable> workers) {
        this.sim = sim;
        this.driver = sim.loadDriver("sampler.sys");
        this.fwps = driver.fwps();
        this.workers = workers;
        this.redirectHandle = driver.createRedirectHandle(UUID.randomUUID());
        this.callout = driver.registerCallout(
                calloutKey,
                (values, meta, layerData, context, filter, flowContext, out) ->
                        classify(values, meta, context, filter, out));
        Fwpm fwpm = sim.fwpm();
        fwpm.fwpmTransactionBegin0(0);
        fwpm.fwpmProviderContextAdd0(new FwpmProviderContext(dataKey, "proxy data", data.encode()), null);
        fwpm.fwpmCalloutAdd0(
                new FwpmCallout(
                        calloutKey,
                        "proxy by ALE",
                        layer,
                        EnumSet.of(CalloutFlag.FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT),
                        null,
                        0),
                null);
        this.filterId = fwpm.addFilter(Filter.at(layer)
                .name("proxy by ALE")
                .weight(FilterWeight.range(15))
                .providerContext(dataKey)
                .build(ActionType.FWP_ACTION_CALLOUT_UNKNOWN, calloutKey));
        fwpm.fwpmTransactionCommit0();
    }

    KernelDriver driver() {
        return driver;
    }

    private void classify(
            IncomingValues values,
            IncomingMetadataValues meta,
            ClassifyContext context,
            FwpsFilter filter,
            ClassifyOut out) {
        if (!out.canWrite() || filter.subLayerWeight() != SubLayer.UNIVERSAL.weight()) {
            return;
        }
        boolean connects = values.layer().withFamily(AddressFamily.AF_INET) == Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
        RedirectState state = RedirectState.FWPS_CONNECTION_NOT_REDIRECTED;
        if (connects && meta.isPresent(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE)) {
            state = fwps.fwpsQueryConnectionRedirectState0(meta.redirectRecords(), redirectHandle, null);
        }
        switch (state) {
            case FWPS_CONNECTION_NOT_REDIRECTED, FWPS_CONNECTION_REDIRECTED_BY_OTHER ->
                redirect(values, context, filter, out);
            case FWPS_CONNECTION_REDIRECTED_BY_SELF -> out.setActionType(ActionType.FWP_ACTION_PERMIT);
            default -> {
                // Nothing is written at all.
            }
        }
    }

    private void redirect(IncomingValues values, ClassifyContext context, FwpsFilter filter, ClassifyOut out) {
        Out<ClassifyHandle> handle = Out.empty();
        require(fwps.fwpsAcquireClassifyHandle0(context, 0, handle));
        ClassifyHandle classifyHandle = Objects.requireNonNull(handle.get());
        Out<Object> data = Out.empty();
        require(fwps.fwpsAcquireWritableLayerDataPointer0(classifyHandle, filter.filterId(), 0, data, out));
        WritableLayerData request = (WritableLayerData) Objects.requireNonNull(data.get());
        if ((values.flags() & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code()) != 0
                && isSettled(request, filter.filterId())) {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            out.setRights(out.rights() | ActionType.FWPS_RIGHT_ACTION_WRITE);
            destroy(new Work(
                    classifyHandle, request, out, filter, values.layer().family(), false));
            return;
        }
        Work inline =
                new Work(classifyHandle, request, out, filter, values.layer().family(), false);
        if (dataOf(filter).inline()) {
            perform(inline);
        } else {
            pend(inline);
        }
    }

    /** Reads through previousVersion without a look at it, as the original does. */
    private static boolean isSettled(WritableLayerData request, long filterId) {
        WritableLayerData before = request.previousVersion();
        return before.modifierFilterId() == filterId
                || (before instanceof ConnectRequest connect && connect.localRedirectHandle() != null);
    }

    private void pend(Work inline) {
        ClassifyOut out = inline.out();
        ClassifyOut copy = new ClassifyOut(out.actionType(), out.rights());
        require(fwps.fwpsPendClassify0(inline.classifyHandle(), inline.filter().filterId(), 0, out));
        out.setActionType(ActionType.FWP_ACTION_BLOCK);
        toggle(out);
        Work work = new Work(inline.classifyHandle(), inline.request(), copy, inline.filter(), inline.family(), true);
        workers.accept(() -> perform(work));
    }

    private static void toggle(ClassifyOut out) {
        out.setRights(out.rights() ^ ActionType.FWPS_RIGHT_ACTION_WRITE);
    }

    /** What the filter lent is read here, by the worker too: the classification is pended still. */
    private static ProxyData dataOf(FwpsFilter filter) {
        return ProxyData.decode(Objects.requireNonNull(filter.providerContext()).dataBuffer());
    }

    private void perform(Work work) {
        ProxyData data = dataOf(work.filter());
        if (work.request() instanceof ConnectRequest connect) {
            editConnect(connect, data, work.family());
        } else {
            ((BindRequest) work.request()).setLocalAddressAndPort(data.local());
        }
        work.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        toggle(work.out());
        destroy(work);
    }

    private void editConnect(ConnectRequest request, ProxyData data, AddressFamily family) {
        InetSocketAddress remote = request.remoteAddressAndPort();
        InetSocketAddress local = request.localAddressAndPort();
        request.setLocalRedirectHandle(redirectHandle);
        byte[] original = new OriginalDestination(remote, local).encode();
        PoolBlock context = driver.pool().allocate(original, "rCtx");
        request.setLocalRedirectContext(context, original.length);
        boolean any = local.getAddress().isAnyLocalAddress();
        request.setRemoteAddressAndPort(
                new InetSocketAddress(any ? IpAddress.loopback(family) : local.getAddress(), data.port()));
        request.setLocalRedirectTargetPid(data.pid());
    }

    private void destroy(Work work) {
        fwps.fwpsApplyModifiedLayerData0(
                work.classifyHandle(), work.request(), Fwps.FWPS_CLASSIFY_FLAG_REAUTHORIZE_IF_MODIFIED_BY_OTHERS);
        if (work.pended()) {
            fwps.fwpsCompleteClassify0(work.classifyHandle(), 0, work.out());
        }
        fwps.fwpsReleaseClassifyHandle0(work.classifyHandle());
    }

    private static void require(NtStatus status) {
        if (status != NtStatus.STATUS_SUCCESS) {
            throw new IllegalStateException("refused: " + status);
        }
    }

    /** Unregisters first and destroys the handle last. */
    @Override
    public void close() {
        callout.close();
        Fwpm fwpm = sim.fwpm();
        fwpm.fwpmTransactionBegin0(0);
        fwpm.fwpmFilterDeleteById0(filterId);
        fwpm.fwpmCalloutDeleteByKey0(calloutKey);
        fwpm.fwpmProviderContextDeleteByKey0(dataKey);
        fwpm.fwpmTransactionCommit0();
        fwps.fwpsRedirectHandleDestroy0(redirectHandle);
        driver.unload();
    }
}
