package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.Fwps;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks the filters of a layer about a connection. Created by the root, which hands {@link #management} and {@link
 * #functionsOf} out; the stack calls {@link #ask} and {@link #classify}.
 *
 * <p>Runs on the caller's thread. Reads an immutable snapshot of the filters without a lock; callouts run with no lock
 * held.
 *
 * <p>Source: Filter Arbitration; Using Bind or Connect Redirection. Requirements: WFP-09 to WFP-31, WFP-37, WFP-38.
 */
public final class FilterEngine {

    /**
     * The parts of the machine that the engine works with.
     *
     * @param options the machine's options
     * @param processes its processes
     * @param handles where filter ids and callout ids come from
     * @param net its addresses and interfaces
     * @param codec makes records out of chains
     * @param contexts keeps the contexts of applied redirects
     * @param trace hears of each step
     * @param verifier hears of faults
     * @param irql the level of each thread
     * @param clock its virtual clock
     * @param waits lists who waits for what
     */
    public record Machine(
            SimOptions options,
            ProcessTable processes,
            HandleSource handles,
            NetView net,
            RedirectRecordCodec codec,
            RedirectContexts contexts,
            TraceRecorder trace,
            FaultRecorder verifier,
            ThreadIrql irql,
            VirtualClock clock,
            Waits waits) {}

    private static final int NEVER_OFFERED = MetadataField.FWPS_METADATA_FIELD_ICMP_ID_AND_SEQUENCE.code()
            | MetadataField.FWPS_METADATA_FIELD_SUB_PROCESS_TAG.code();

    private final Machine machine;
    private final PolicyStore policy = new PolicyStore(this::policyChanged);
    private final CalloutTable callouts = new CalloutTable();
    private final FlowContexts flowContexts = new FlowContexts();
    private final ConnectRedirection redirection = new ConnectRedirection(this);
    private final BindRedirection bindRedirection = new BindRedirection(this);
    private final AtomicInteger policyEpoch = new AtomicInteger();
    private volatile Consumer<Set<Layer>> policyListener = layers -> {};
    private final ConcurrentHashMap<RedirectHandle, DriverObjects> redirectHandles = new ConcurrentHashMap<>();

    /**
     * Creates the engine of one machine.
     *
     * @param machine the parts that it works with
     */
    public FilterEngine(Machine machine) {
        this.machine = machine;
    }

    /**
     * Opens the management door.
     *
     * @return a session that is not dynamic
     */
    public Fwpm management() {
        return new ManagementSession(new ManagementSession.Machine(
                policy,
                machine.handles(),
                callouts,
                machine.verifier(),
                machine.options(),
                machine.processes().paths(),
                machine.net(),
                machine.waits(),
                new ObjectKinds(callouts)));
    }

    /**
     * Opens the callout driver's door.
     *
     * @param driver who calls
     * @return its functions; what it creates through them ends with it
     */
    public Fwps functionsOf(LoadedDriver driver) {
        return new DriverFunctions(this, driver);
    }

    /**
     * Registers who asks the authorization layers about live flows again. Called once, by the stack.
     *
     * @param listener hears which authorization layers' filters have changed, on the thread that changed them
     */
    public void onPolicyChange(Consumer<Set<Layer>> listener) {
        this.policyListener = listener;
    }

    /** {@return how often the filters of authorization layers have changed, a number that grows with each change} */
    public int policyEpoch() {
        return policyEpoch.get();
    }

    /** The filters of some layers have changed, which live flows have to hear of. */
    private void policyChanged(Set<Layer> layers) {
        Set<Layer> authorizing = EnumSet.noneOf(Layer.class);
        layers.stream().filter(Layer::isAuthorizationLayer).forEach(authorizing::add);
        if (!authorizing.isEmpty()) {
            policyEpoch.incrementAndGet();
            policyListener.accept(authorizing);
        }
    }

    /**
     * Tells whether nobody would notice if a layer were not asked, the fast path of a machine without filters.
     *
     * @param layer the layer
     * @return true if it has no filters and nobody listens to the trace
     */
    public boolean isIdle(Layer layer) {
        return policy.at(layer).isEmpty() && !machine.trace().isListening();
    }

    /**
     * Asks the filters of a layer where no callout can put the answer off.
     *
     * @param question the question
     * @return the decision
     */
    public Verdict classify(Question question) {
        Verdict answer = ask(question, Runnable::run, late -> {}).start();
        if (answer == null) {
            throw new IllegalStateException(question.values().layer() + " cannot be pended");
        }
        return answer;
    }

    /**
     * Prepares a question to the filters of a layer, whose answer a callout may put off.
     *
     * @param question the question
     * @param home runs what is left to do once a callout has completed a pended classification
     * @param later hears the answer if {@link FilterRound#start()} did not give it, unless the round is abandoned
     * @return the round, to be started
     */
    public FilterRound ask(Question question, Executor home, Consumer<Verdict> later) {
        traceStart(question, question.values());
        return new FilterRound(this, question, policy.at(question.values().layer()), home, later);
    }

    /** What the decisions of the filters come to. */
    Verdict conclude(LiveRequest live, Arbitration arbitration) {
        Question question = live.question();
        Layer layer = question.values().layer();
        ActionType action = arbitration.result();
        boolean enforced = machine.options().has(Deviation.REDIRECT_LAYER_BLOCK_ENFORCED);
        if (layer.isRedirectLayer() && action == ActionType.FWP_ACTION_BLOCK && !enforced) {
            // Only the authorization layers enforce a block (WFP-57).
            action = ActionType.FWP_ACTION_PERMIT;
            live.fault(
                    Fault.BLOCK_AT_REDIRECT_LAYER,
                    layer.name(),
                    blockerOf(arbitration) + " blocks; the connection goes on as if permitted");
        }
        if (action == ActionType.FWP_ACTION_BLOCK && layer.isFlowEstablished()) {
            verifier()
                    .diagnose(
                            question.subject(),
                            Diagnostic.BLOCK_AT_FLOW_ESTABLISHED,
                            layer.name(),
                            blockerOf(arbitration)
                                    + " blocks, which resets the connection: authorization belongs to AUTH_CONNECT "
                                    + "and AUTH_RECV_ACCEPT");
        }
        traceDecision(question, action, arbitration.decidedBy());
        if (!layer.isRedirectLayer()) {
            return Verdict.unchanged(action);
        }
        for (long recordId : live.withoutFlow()) {
            machine.contexts().free(recordId);
        }
        return new Verdict(action, live.changedLocal(), live.redirect(), live.isRefused());
    }

    /** What is true where no filter matches: nobody decides, so the connection is permitted as it is (WFP-29). */
    Verdict concludeUnasked(Question question) {
        traceDecision(question, ActionType.FWP_ACTION_PERMIT, null);
        return Verdict.unchanged(ActionType.FWP_ACTION_PERMIT);
    }

    private String blockerOf(Arbitration arbitration) {
        InstalledFilter blocker = arbitration.decidedBy();
        return blocker == null ? "somebody" : callouts.describe(blocker);
    }

    /** The metadata bits that a classification offers, WFP-11, WFP-17 and WFP-18. */
    int metadataOf(LiveRequest live) {
        Question question = live.question();
        int bits = question.values().layer().metadataBits() & ~NEVER_OFFERED;
        if (question.redirected() == null) {
            bits &= ~MetadataField.FWPS_METADATA_FIELD_ORIGINAL_DESTINATION.code();
            if (live.targetPid() == 0) {
                bits &= ~MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID.code();
            }
        }
        if (question.parentEndpoint() == 0) {
            bits &= ~MetadataField.FWPS_METADATA_FIELD_PARENT_ENDPOINT_HANDLE.code();
        }
        return offersRecordHandle(live)
                ? bits
                : bits & ~MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE.code();
    }

    private boolean offersRecordHandle(LiveRequest live) {
        return live.question().connect() != null
                && (!machine.options().has(Deviation.RECORD_HANDLE_ONLY_WHEN_RECORDS_EXIST)
                        || !live.chain().isEmpty());
    }

    /** {@return the machine's addresses and interfaces, for fixed values} */
    public NetView net() {
        return machine.net();
    }

    /** {@return the machine's routing compartment, for fixed values} */
    public int compartmentId() {
        return machine.options().compartmentId();
    }

    boolean isLocal(InetAddress address) {
        return IpAddress.isLoopback(address) || machine.net().contains(address);
    }

    long nextRecordId() {
        return machine.handles().next();
    }

    SimOptions options() {
        return machine.options();
    }

    ProcessTable processes() {
        return machine.processes();
    }

    HandleSource handles() {
        return machine.handles();
    }

    RedirectRecordCodec codec() {
        return machine.codec();
    }

    RedirectContexts contexts() {
        return machine.contexts();
    }

    TraceRecorder trace() {
        return machine.trace();
    }

    FaultRecorder verifier() {
        return machine.verifier();
    }

    /** The redirect handles that live, created on this machine and not destroyed, with their owners. */
    ConcurrentHashMap<RedirectHandle, DriverObjects> redirectHandles() {
        return redirectHandles;
    }

    /** {@return whether a redirect handle lives, by its number; looks at all} */
    public boolean isLiveRedirectHandle(long id) {
        return redirectHandles.keySet().stream().anyMatch(handle -> handle.id() == id);
    }

    VirtualClock clock() {
        return machine.clock();
    }

    Waits waits() {
        return machine.waits();
    }

    ThreadIrql irql() {
        return machine.irql();
    }

    PolicyStore policy() {
        return policy;
    }

    /**
     * A flow has ended: callouts that tied a context to it hear of it.
     *
     * @param flowId handle of the endpoint
     */
    public void flowEnded(long flowId) {
        if (flowContexts.isEmpty()) {
            return;
        }
        try (FaultScope scope = verifier().enter()) {
            flowContexts.flowEnded(flowId);
        }
    }

    /**
     * Registers who knows which flows live, so that no context is tied to another. Called once, by the stack.
     *
     * @param isLive whether a flow of that handle is being made or lives
     */
    public void livingFlowsAre(LongPredicate isLive) {
        flowContexts.livingAre(isLive);
    }

    FlowContexts flowContexts() {
        return flowContexts;
    }

    CalloutTable callouts() {
        return callouts;
    }

    ConnectRedirection redirection() {
        return redirection;
    }

    BindRedirection bindRedirection() {
        return bindRedirection;
    }

    void traceStart(Question question, FixedValues values) {
        if (machine.trace().isListening()) {
            machine.trace()
                    .emit(new TraceEvent.ClassifyStarted(
                            question.subject(), values.layer(), tupleOf(values), values.reauthorizeReason()));
        }
    }

    void traceFilter(
            Question question,
            InstalledFilter filter,
            Arbitration.@Nullable Decision decision,
            @Nullable InstalledFilter standing) {
        if (machine.trace().isListening()) {
            CalloutSlot.Registration callout =
                    callouts.registered(filter.definition().calloutKey());
            machine.trace()
                    .emit(new TraceEvent.FilterEvaluated(
                            question.subject(),
                            question.values().layer(),
                            filter.subLayer().name(),
                            filter.subLayer().weight(),
                            filter.id(),
                            filter.definition().name(),
                            callout == null ? null : callout.owner().driver(),
                            callouts.missing(filter),
                            decision == null ? ActionType.FWP_ACTION_CONTINUE : decision.action(),
                            decision != null && decision.hard()));
            if (decision != null && decision.veto()) {
                machine.trace()
                        .emit(new TraceEvent.PolicyConflict(
                                question.subject(),
                                question.values().layer(),
                                filter.id(),
                                filter.definition().name(),
                                standing == null ? 0 : standing.id()));
            }
        }
    }

    /** Tells of an edit of the local address that took effect, if it was one. */
    void traceLocalAddress(Question question, String driver, @Nullable RequestVersion before, RequestVersion now) {
        if (before == null || !machine.trace().isListening()) {
            return;
        }
        InetSocketAddress from = before.localAddressAndPort();
        if (!from.equals(now.localAddressAndPort())) {
            machine.trace()
                    .emit(new TraceEvent.LocalAddressChanged(
                            question.subject(), driver, from, now.localAddressAndPort()));
        }
    }

    private void traceDecision(Question question, ActionType action, @Nullable InstalledFilter decidedBy) {
        if (machine.trace().isListening()) {
            FixedValues values = question.values();
            machine.trace()
                    .emit(new TraceEvent.ClassifyDecided(
                            question.subject(),
                            values.layer(),
                            tupleOf(values),
                            action,
                            decidedBy == null ? 0 : decidedBy.id()));
        }
    }

    /** Tells of two filters of equal weight whose order has decided what happened (WFP-23). */
    void tellTie(Question question, InstalledFilter first, InstalledFilter second) {
        if (first.tellTie()) {
            verifier()
                    .diagnose(
                            question.subject(),
                            Diagnostic.EQUAL_WEIGHTS_DECIDE,
                            question.values().layer().name(),
                            first + " is asked before " + second + " of equal weight in sub-layer \""
                                    + first.subLayer().name() + "\", and that makes a difference: no document "
                                    + "promises an order");
        }
    }

    private static FiveTuple tupleOf(FixedValues values) {
        return new FiveTuple(values.protocol(), values.local(), values.remote());
    }
}
