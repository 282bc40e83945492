package io.github.wfpsim.soak;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterWeight;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmCallout;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.wfp.FwpsCallout1;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.SubLayer;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Another vendor's driver that is loaded and unloaded while connections are made: it pends the connects of an application,
 * completes some of them late and the others when it unloads, and ties a context to each flow.
 */
final class Visitor {

    private static final Layer CONNECT = Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
    private static final UUID FLOWS = UUID.fromString("0b6c0f6c-3f6e-4a55-9b36-0f1d4f6a7c01");
    private static final UUID CONNECTS = UUID.fromString("0b6c0f6c-3f6e-4a55-9b36-0f1d4f6a7c02");
    private static final Layer ESTABLISHED = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;

    private final String application;
    private final Tally tally;
    private final KernelDriver driver;
    private final Fwpm session;
    private final Queue<ClassifyHandle> late = new ConcurrentLinkedQueue<>();
    private final Queue<ClassifyHandle> kept = new ConcurrentLinkedQueue<>();
    private final Map<Long, Long> contexts = new ConcurrentHashMap<>();
    private final AtomicLong nextContext = new AtomicLong();
    private final AtomicLong deleted = new AtomicLong();
    private final AtomicLong tied = new AtomicLong();
    private int flowCallout;
    private int connectCallout;

    Visitor(WfpSim sim, String application, Tally tally) {
        this.application = application;
        this.tally = tally;
        this.driver = sim.loadDriver("visitor.sys");
        this.session = sim.fwpm().open(FwpmSession.dynamic("visitor"));
    }

    /** Registers its callouts and adds its filters. */
    void install() {
        SubLayer subLayer = new SubLayer(UUID.randomUUID(), "visitor", 0xFFFF);
        check(session.fwpmSubLayerAdd0(subLayer));
        flowCallout = register(new FwpsCallout1(
                FLOWS,
                (values, meta, data, context, filter, flow, out) -> tie(meta, out),
                null,
                (layer, callout, flowContext) -> {
                    deleted.incrementAndGet();
                    contexts.values().remove(flowContext);
                }));
        connectCallout = register(new FwpsCallout1(
                CONNECTS,
                (values, meta, data, context, filter, flow, out) ->
                        pend(values.remote().getPort(), context, filter, out)));
        check(session.fwpmCalloutAdd0(new FwpmCallout(FLOWS, "visitor", ESTABLISHED), null));
        check(session.fwpmCalloutAdd0(new FwpmCallout(CONNECTS, "visitor", CONNECT), null));
        add(Filter.at(ESTABLISHED), subLayer, FLOWS);
        for (Plan.Route route : new Plan.Route[] {Plan.Route.PENDED, Plan.Route.PENDED_FOR_EVER}) {
            add(Filter.at(CONNECT).when(FilterCondition.remotePort(route.port())), subLayer, CONNECTS);
        }
    }

    private int register(FwpsCallout1 callout) {
        Out<Integer> id = Out.empty();
        check(driver.fwps().fwpsCalloutRegister1(callout, id));
        return Objects.requireNonNull(id.get());
    }

    private void add(Filter.Builder filter, SubLayer subLayer, UUID callout) {
        check(session.fwpmFilterAdd0(
                filter.name("visitor")
                        .subLayer(subLayer)
                        .when(FilterCondition.appId(application))
                        .weight(FilterWeight.automatic())
                        // A classification that began before the filter went may find no callout.
                        .flag(FilterFlag.FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
                        .callout(callout),
                null));
    }

    private void check(Win32Error error) {
        if (error != Win32Error.NO_ERROR) {
            tally.complain("visitor: " + error);
        }
    }

    private void check(NtStatus status) {
        if (!status.isSuccess()) {
            tally.complain("visitor: " + status);
        }
    }

    // ---- being asked

    private void tie(IncomingMetadataValues meta, ClassifyOut out) {
        long context = nextContext.incrementAndGet();
        long flow = meta.flowHandle();
        contexts.put(flow, context);
        if (driver.fwps().fwpsFlowAssociateContext0(flow, ESTABLISHED, flowCallout, context)
                == NtStatus.STATUS_SUCCESS) {
            tied.incrementAndGet();
        } else {
            contexts.remove(flow, context);
        }
        out.setActionType(ActionType.FWP_ACTION_CONTINUE);
    }

    private void pend(int port, ClassifyContext context, FwpsFilter filter, ClassifyOut out) {
        Out<ClassifyHandle> handle = Out.empty();
        check(driver.fwps().fwpsAcquireClassifyHandle0(context, 0, handle));
        ClassifyHandle held = Objects.requireNonNull(handle.get());
        check(driver.fwps().fwpsPendClassify0(held, filter.filterId(), 0, out));
        out.setActionType(ActionType.FWP_ACTION_BLOCK);
        (port == Plan.Route.PENDED.port() ? late : kept).add(held);
        tally.pended();
    }

    // ---- from its worker

    /** Completes what is to be completed late. */
    void completeLate() {
        completeAll(late);
    }

    private void completeAll(Queue<ClassifyHandle> pended) {
        for (ClassifyHandle held = pended.poll(); held != null; held = pended.poll()) {
            driver.fwps()
                    .fwpsCompleteClassify0(
                            held,
                            0,
                            new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, ActionType.FWPS_RIGHT_ACTION_WRITE));
            driver.fwps().fwpsReleaseClassifyHandle0(held);
        }
    }

    /** Takes everything back and unloads the driver, which must hold nothing. */
    void unload() {
        session.close();
        check(driver.fwps().fwpsCalloutUnregisterById0(connectCallout));
        completeAll(late);
        completeAll(kept);
        NtStatus status = driver.fwps().fwpsCalloutUnregisterById0(flowCallout);
        while (status == NtStatus.STATUS_DEVICE_BUSY) {
            // As its page says: take the contexts away, then try again.
            contexts.forEach((flow, context) -> driver.fwps().fwpsFlowRemoveContext0(flow, ESTABLISHED, flowCallout));
            status = driver.fwps().fwpsCalloutUnregisterById0(flowCallout);
        }
        check(status);
        if (!driver.held().isEmpty()) {
            tally.complain("visitor: holds " + driver.held());
        }
        driver.close();
        if (deleted.get() != tied.get()) {
            tally.complain("visitor: " + tied + " contexts were tied, " + deleted + " given back");
        }
        tally.visited(tied.get());
    }
}
