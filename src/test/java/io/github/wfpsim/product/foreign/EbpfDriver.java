package io.github.wfpsim.product.foreign;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsCallout1;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import io.github.wfpsim.wfp.Provider;
import io.github.wfpsim.wfp.SubLayer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A driver that decides at CONNECT_REDIRECT and enforces at AUTH_CONNECT, as netebpfext of eBPF for Windows does, written from
 * its behaviour: its filters, weights and keys, what it looks at and what it leaves out. It never pends.
 */
final class EbpfDriver implements AutoCloseable {

    /** The process that it names in every redirect, whoever accepts. */
    static final int CONSTANT_PID = 1234;

    private static final int MOST_TRIES = 10;

    /** What a program of the connect type says. */
    enum Verdict {
        REJECT,
        PROCEED_SOFT,
        PROCEED_HARD
    }

    /**
     * What a program is shown.
     *
     * @param protocol TCP or UDP
     * @param destination the destination, an IPv4 one never mapped
     * @param localPort the port that the socket has
     */
    record Connect(IpProtocol protocol, InetSocketAddress destination, int localPort) {}

    /**
     * What a program answers.
     *
     * @param verdict what is to happen
     * @param destination where to; the one asked for to leave it alone
     * @param context what the proxy is to read; none for no context
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares answers.
    record Answer(Verdict verdict, InetSocketAddress destination, byte... context) {}

    /** A program that is attached. */
    interface Program {
        Answer run(Connect connect);
    }

    /** What is behind the raw context of a filter; one for each attachment. */
    private static final class Attachment {
        private final AddressFamily family;
        private final Program program;
        private final @Nullable RedirectHandle redirectHandle;
        private final AtomicInteger references = new AtomicInteger();
        private volatile boolean deleting;

        Attachment(AddressFamily family, Program program, @Nullable RedirectHandle redirectHandle) {
            this.family = family;
            this.program = program;
            this.redirectHandle = redirectHandle;
        }
    }

    /** By what the verdict is found again at AUTH_CONNECT; the source address is not always known and so left out. */
    private record Key(
            long endpoint,
            InetAddress destination,
            int destinationPort,
            int sourcePort,
            long compartment,
            IpProtocol protocol) {}

    private final WfpSim sim;
    private final KernelDriver driver;
    private final Fwps fwps;
    private final Provider provider = new Provider(UUID.randomUUID(), "extension");
    private final SubLayer standard;
    private final Map<AddressFamily, SubLayer> ofFamily = new EnumMap<>(AddressFamily.class);
    private final Map<Layer, UUID> callouts = new EnumMap<>(Layer.class);
    private final List<Integer> calloutIds = new ArrayList<>();
    private final List<Long> filterIds = new ArrayList<>();
    private final Map<Long, Attachment> attachments = new ConcurrentHashMap<>();
    private final AtomicLong pointers = new AtomicLong(0xFFFF_8000_0000_0000L);
    private final Map<Key, Verdict> verdicts = new ConcurrentHashMap<>();

    /**
     * Loads the driver and registers its callouts.
     *
     * @param weight of its three sub-layers; the original's is 0xFFFF, so that nobody is above
     */
    EbpfDriver(WfpSim sim, int weight) {
        this.sim = sim;
        this.standard = new SubLayer(UUID.randomUUID(), "default", weight);
        this.driver = sim.loadDriver("extension.sys");
        this.fwps = driver.fwps();
        Fwpm fwpm = sim.fwpm();
        fwpm.fwpmProviderAdd0(provider);
        fwpm.fwpmSubLayerAdd0(standard);
        for (AddressFamily family : AddressFamily.values()) {
            SubLayer own = new SubLayer(UUID.randomUUID(), "connect " + family, weight);
            fwpm.fwpmSubLayerAdd0(own);
            ofFamily.put(family, own);
            register(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family));
            register(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family));
        }
    }

    private void register(Layer layer) {
        UUID key = UUID.randomUUID();
        callouts.put(layer, key);
        Out<Integer> id = Out.empty();
        fwps.fwpsCalloutRegister1(
                new FwpsCallout1(
                        key,
                        (values, meta, data, context, filter, flow, out) -> {
                            if (layer.isRedirectLayer()) {
                                redirect(values, meta, context, filter, out);
                            } else {
                                authorize(values, meta, filter, out);
                            }
                        },
                        this::notified,
                        null),
                id);
        calloutIds.add(Objects.requireNonNull(id.get()));
    }

    // ---- filters

    /** Attaches a program to the connects of a family; those of dual-stack sockets to IPv4 hosts are IPv4's. */
    void attachToConnect(AddressFamily family, Program program) {
        long pointer = pointers.addAndGet(64);
        attachments.put(pointer, new Attachment(family, program, driver.createRedirectHandle(provider.key())));
        Fwpm fwpm = sim.fwpm();
        fwpm.fwpmTransactionBegin0(0);
        add(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family), standard, pointer);
        if (family == AddressFamily.AF_INET) {
            add(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, standard, pointer);
        }
        SubLayer own = Objects.requireNonNull(ofFamily.get(family));
        add(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V6, own, pointer);
        fwpm.fwpmTransactionCommit0();
    }

    private void add(Layer layer, SubLayer subLayer, long pointer) {
        Objects.requireNonNull(attachments.get(pointer)).references.incrementAndGet();
        filterIds.add(sim.fwpm()
                .addFilter(Filter.at(layer)
                        .name("extension at " + layer)
                        .provider(provider)
                        .subLayer(subLayer)
                        .rawContext(pointer)
                        .flag(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
                        .build(
                                layer.isRedirectLayer()
                                        ? ActionType.FWP_ACTION_CALLOUT_UNKNOWN
                                        : ActionType.FWP_ACTION_CALLOUT_TERMINATING,
                                callouts.get(layer))));
    }

    /** Attaches a program that authorizes, by a filter of its own beside that of the connects: the same callout and weight. */
    void attachToAuthorization(AddressFamily family, Program program) {
        long pointer = pointers.addAndGet(64);
        attachments.put(pointer, new Attachment(family, program, null));
        add(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4.withFamily(family), standard, pointer);
    }

    private NtStatus notified(NotifyType type, @Nullable UUID filterKey, FwpsFilter filter) {
        Attachment attachment = attachments.get(filter.context());
        if (type == NotifyType.FWPS_CALLOUT_NOTIFY_DELETE_FILTER
                && attachment != null
                && attachment.references.decrementAndGet() == 0) {
            attachments.remove(filter.context());
        }
        return NtStatus.STATUS_SUCCESS;
    }

    // ---- CONNECT_REDIRECT

    private void redirect(
            IncomingValues values,
            IncomingMetadataValues meta,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            ClassifyOut out) {
        boolean again = (values.flags() & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code()) != 0;
        Outcome outcome = out.canWrite() ? decide(values, meta, classifyContext, filter, out, again) : Outcome.LEFT;
        boolean permits = again || outcome == Outcome.REDIRECTED || outcome == Outcome.REJECTED;
        out.setActionType(permits ? ActionType.FWP_ACTION_PERMIT : ActionType.FWP_ACTION_CONTINUE);
    }

    private enum Outcome {
        LEFT,
        REDIRECTED,
        REJECTED
    }

    private Outcome decide(
            IncomingValues values,
            IncomingMetadataValues meta,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            ClassifyOut out,
            boolean again) {
        Attachment attachment = attachments.get(filter.context());
        if (attachment == null || attachment.deleting || again) {
            return Outcome.LEFT;
        }
        RedirectHandle handle = Objects.requireNonNull(attachment.redirectHandle);
        RedirectState state = fwps.fwpsQueryConnectionRedirectState0(meta.redirectRecords(), handle, null);
        InetAddress host = IpAddress.unmap(values.remote().getAddress());
        boolean concerned = AddressFamily.of(host) == attachment.family;
        if (state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF
                || state == RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF
                || !concerned) {
            return Outcome.LEFT;
        }
        InetSocketAddress asked = new InetSocketAddress(host, values.remote().getPort());
        Out<ClassifyHandle> acquired = Out.empty();
        if (!fwps.fwpsAcquireClassifyHandle0(classifyContext, 0, acquired).isSuccess()) {
            return Outcome.REJECTED;
        }
        ClassifyHandle classifyHandle = Objects.requireNonNull(acquired.get());
        try {
            Answer answer = attachment.program.run(
                    new Connect(values.protocol(), asked, values.local().getPort()));
            boolean moved = answer.verdict() != Verdict.REJECT
                    && !answer.destination().equals(asked)
                    && edit(classifyHandle, filter.filterId(), out, handle, answer);
            remember(values, meta, asked, answer, moved);
            return answer.verdict() == Verdict.REJECT ? Outcome.REJECTED : moved ? Outcome.REDIRECTED : Outcome.LEFT;
        } finally {
            fwps.fwpsReleaseClassifyHandle0(classifyHandle);
        }
    }

    private boolean edit(
            ClassifyHandle classifyHandle, long filterId, ClassifyOut out, RedirectHandle handle, Answer answer) {
        Out<Object> data = Out.empty();
        if (!fwps.fwpsAcquireWritableLayerDataPointer0(classifyHandle, filterId, 0, data, out)
                .isSuccess()) {
            return false;
        }
        ConnectRequest request = (ConnectRequest) Objects.requireNonNull(data.get());
        boolean free = !isRedirectedByAnother(request, filterId);
        if (free) {
            boolean mapped = !request.remoteAddressAndPort()
                    .getAddress()
                    .equals(IpAddress.unmap(request.remoteAddressAndPort().getAddress()));
            request.setRemoteAddressAndPort(mapped ? IpAddress.toV4Mapped(answer.destination()) : answer.destination());
            request.setLocalRedirectTargetPid(CONSTANT_PID);
            request.setLocalRedirectHandle(handle);
            if (answer.context().length > 0) {
                PoolBlock block = driver.pool().allocate(answer.context(), "eCtx");
                request.setLocalRedirectContext(block, answer.context().length);
            }
        }
        fwps.fwpsApplyModifiedLayerData0(classifyHandle, request, 0);
        return free;
    }

    private static boolean isRedirectedByAnother(ConnectRequest request, long filterId) {
        for (ConnectRequest before = request.previousVersion(); before != null; before = before.previousVersion()) {
            if (before.modifierFilterId() != filterId && before.localRedirectHandle() != null) {
                return true;
            }
        }
        return false;
    }

    // ---- what one layer decides and the other enforces

    private void remember(
            IncomingValues values, IncomingMetadataValues meta, InetSocketAddress asked, Answer answer, boolean moved) {
        Key first = key(values, meta, asked);
        Key effective = key(values, meta, answer.destination());
        switch (answer.verdict()) {
            case REJECT -> verdicts.put(first, Verdict.REJECT);
            case PROCEED_HARD -> {
                verdicts.put(effective, Verdict.PROCEED_HARD);
                if (moved) {
                    verdicts.put(first, Verdict.PROCEED_HARD);
                }
            }
            case PROCEED_SOFT -> {
                verdicts.remove(first);
                verdicts.remove(effective);
            }
        }
    }

    private static Key key(IncomingValues values, IncomingMetadataValues meta, InetSocketAddress destination) {
        return new Key(
                meta.transportEndpointHandle(),
                IpAddress.unmap(destination.getAddress()),
                destination.getPort(),
                values.local().getPort(),
                values.number(ConditionField.FWPM_CONDITION_COMPARTMENT_ID),
                values.protocol());
    }

    // ---- AUTH_CONNECT

    /** Never looks at the write right. */
    private void authorize(IncomingValues values, IncomingMetadataValues meta, FwpsFilter filter, ClassifyOut out) {
        Attachment attachment = attachments.get(filter.context());
        Verdict found =
                attachment == null || attachment.deleting ? null : verdicts.remove(key(values, meta, values.remote()));
        Verdict verdict = found == null ? Verdict.PROCEED_SOFT : found;
        if (verdict != Verdict.REJECT && attachment != null && attachment.redirectHandle == null) {
            Verdict own = attachment
                    .program
                    .run(new Connect(
                            values.protocol(), values.remote(), values.local().getPort()))
                    .verdict();
            verdict = own == Verdict.PROCEED_SOFT ? verdict : own;
        }
        out.setActionType(verdict == Verdict.REJECT ? ActionType.FWP_ACTION_BLOCK : ActionType.FWP_ACTION_PERMIT);
        if (verdict != Verdict.PROCEED_SOFT) {
            out.clearWriteRight();
        }
    }

    // ---- the end

    /** Callouts first, so that nobody is called while contexts go; then filters, and what they name. */
    @Override
    public void close() {
        calloutIds.forEach(this::unregister);
        attachments.values().forEach(attachment -> attachment.deleting = true);
        filterIds.forEach(id -> sim.fwpm().fwpmFilterDeleteById0(id));
        callouts.values().forEach(key -> sim.fwpm().fwpmCalloutDeleteByKey0(key));
        List<SubLayer> subLayers = new ArrayList<>(ofFamily.values());
        subLayers.add(standard);
        subLayers.forEach(each -> sim.fwpm().fwpmSubLayerDeleteByKey0(each.key()));
        sim.fwpm().fwpmProviderDeleteByKey0(provider.key());
        attachments.values().stream()
                .map(attachment -> attachment.redirectHandle)
                .filter(Objects::nonNull)
                .forEach(fwps::fwpsRedirectHandleDestroy0);
        driver.unload();
    }

    private void unregister(int calloutId) {
        for (int i = 0; i < MOST_TRIES; i++) {
            NtStatus status = fwps.fwpsCalloutUnregisterById0(calloutId);
            if (status.isSuccess() || status == NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND) {
                return;
            }
        }
    }
}
