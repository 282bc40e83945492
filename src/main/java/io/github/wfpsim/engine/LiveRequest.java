package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.verifier.Fault;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What callouts can change while one question is answered: the versions of the request, the chain, the values as they are
 * shown. Writers synchronize on it, which nobody does while a callout runs; readers take no lock.
 */
final class LiveRequest {

    /**
     * What the classification has come to so far.
     *
     * @param connect newest version of the connect request; null at other layers
     * @param bind newest version of the bind request; null at other layers
     * @param chain what state queries see
     * @param ownRecords ids of the records that this connection added
     * @param replaced ids of records that a later redirect with the same handle replaced
     * @param driver the driver of the redirect which counts; empty if there is none
     * @param targetPid the process that it has named
     * @param redirected whether the destination was changed
     * @param local whether it was changed to an address of this machine
     * @param refused whether an incomplete redirect is to fail the connect
     * @param altered filters whose callouts have to hear that others altered the request (WFP-64)
     */
    private record State(
            @Nullable ConnectVersion connect,
            @Nullable BindVersion bind,
            RedirectChain chain,
            List<Long> ownRecords,
            List<Long> replaced,
            String driver,
            int targetPid,
            boolean redirected,
            boolean local,
            boolean refused,
            Set<Long> altered) {

        static State before(@Nullable ConnectVersion connect, @Nullable BindVersion bind, RedirectChain inherited) {
            return new State(connect, bind, inherited, List.of(), List.of(), "", 0, false, false, false, Set.of());
        }

        State withBind(BindVersion request, Set<Long> nowAltered) {
            return new State(
                    connect,
                    request,
                    chain,
                    ownRecords,
                    replaced,
                    driver,
                    targetPid,
                    redirected,
                    local,
                    refused,
                    nowAltered);
        }

        State asRefused() {
            return new State(
                    connect, bind, chain, ownRecords, replaced, driver, targetPid, redirected, local, true, altered);
        }

        State withConnect(Applied applied, Set<Long> nowAltered) {
            ConnectVersion request = applied.request();
            RedirectRecord record = applied.record();
            List<Long> own = ownRecords;
            List<Long> gone = replaced;
            RedirectChain longer = chain;
            if (record != null && applied.replaces()) {
                int newest = own.size() - 1;
                gone = plus(gone, own.get(newest));
                own = plus(own.subList(0, newest), record.id());
                longer = chain.replaceNewest(record);
            } else if (record != null) {
                own = plus(own, record.id());
                longer = chain.append(record);
            }
            return new State(
                    request,
                    bind,
                    longer,
                    own,
                    gone,
                    request.isRedirect() ? applied.driver() : driver,
                    request.isRedirect() ? request.localRedirectTargetPid() : targetPid,
                    applied.moved(),
                    applied.local(),
                    refused,
                    nowAltered);
        }

        State withAltered(Set<Long> filters) {
            return new State(
                    connect, bind, chain, ownRecords, replaced, driver, targetPid, redirected, local, refused, filters);
        }

        private static List<Long> plus(List<Long> ids, long id) {
            if (ids.isEmpty()) {
                return List.of(id);
            }
            List<Long> longer = new ArrayList<>(ids);
            longer.add(id);
            return List.copyOf(longer);
        }
    }

    private final FaultRecorder verifier;
    private final Question question;
    private volatile State state;
    private volatile FixedValues values;
    private volatile boolean abandoned;

    /** Filters whose callouts want to hear when others alter the request (WFP-64); none until one does. */
    private Set<Long> watching = Set.of();

    LiveRequest(FaultRecorder verifier, Question question) {
        this.verifier = verifier;
        this.question = question;
        this.state = initial(question);
        this.values = question.values();
    }

    private static State initial(Question question) {
        FixedValues first = question.values();
        Question.Connect connect = question.connect();
        RedirectChain inherited = connect == null ? RedirectChain.empty() : connect.inherited();
        ConnectVersion connectRequest = connect == null ? null : new ConnectVersion(first.local(), first.remote());
        BindVersion bindRequest = isBindRedirect(first.layer()) ? new BindVersion(first.local()) : null;
        return State.before(connectRequest, bindRequest, inherited);
    }

    private static boolean isBindRedirect(Layer layer) {
        return layer == Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4 || layer == Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V6;
    }

    Question question() {
        return question;
    }

    void fault(Fault fault, String object, String detail) {
        verifier.fault(question.subject(), fault, object, detail);
    }

    /** The fixed values as callouts see them now. */
    FixedValues values() {
        return values;
    }

    /** Tells callouts from now on that they are asked again, at the layers that show it (WFP-15, WFP-65). */
    void reauthorize(ReauthorizeReason reason) {
        Layer layer = values.layer();
        if (layer.isRedirectLayer() || layer.canPendOperation()) {
            values = values.again(reason);
        }
    }

    /** Whether the classification is a repeat: of the layer, or after a change of policy. */
    boolean isReauthorization() {
        return (values.flags() & ConditionFlag.FWP_CONDITION_FLAG_IS_REAUTHORIZE.code()) != 0;
    }

    /**
     * Nobody waits for the answer any more; what is applied from now on changes nothing.
     *
     * @return ids of the records that this connection added, whose contexts have no owner now
     */
    List<Long> abandon() {
        synchronized (this) {
            abandoned = true;
            List<Long> all = new ArrayList<>(state.replaced());
            all.addAll(state.ownRecords());
            return all;
        }
    }

    /** Has a filter's callout asked again whenever another one alters the request. */
    void watch(long filterId) {
        synchronized (this) {
            if (watching.isEmpty()) {
                watching = new LinkedHashSet<>();
            }
            watching.add(filterId);
        }
    }

    /** The filters that have to be asked again, each once. */
    List<Long> takeAltered() {
        if (now().altered().isEmpty()) {
            return List.of();
        }
        synchronized (this) {
            List<Long> taken = List.copyOf(state.altered());
            state = state.withAltered(Set.of());
            return taken;
        }
    }

    /** Who has to hear of a change that a filter's callout made, besides those that have to hear of others already. */
    private Set<Long> hearing(long modifierFilterId) {
        if (watching.isEmpty()) {
            return state.altered();
        }
        Set<Long> hearing = new LinkedHashSet<>(state.altered());
        for (Long watcher : watching) {
            if (watcher != modifierFilterId) {
                hearing.add(watcher);
            }
        }
        return hearing;
    }

    private State now() {
        return state;
    }

    /** Marks a point that {@link #rollBack} returns to. */
    Object mark() {
        return now();
    }

    /**
     * Undoes what was applied since a mark (WFP-38).
     *
     * @return ids of the records that are gone
     */
    List<Long> rollBack(Object mark) {
        State before = (State) mark;
        synchronized (this) {
            List<Long> gone = new ArrayList<>(state.ownRecords());
            // It may have redirected more than once.
            gone.addAll(state.replaced());
            gone.removeAll(before.ownRecords());
            gone.removeAll(before.replaced());
            state = before;
            return gone;
        }
    }

    RedirectChain chain() {
        return now().chain();
    }

    /** The chain that the acceptor of a local redirect may query; null if there is no such redirect. */
    @Nullable
    RedirectChain queryableChain() {
        State now = now();
        return now.redirected() && now.local() && !now.ownRecords().isEmpty()
                ? now.chain().localOnly()
                : null;
    }

    /** A private copy of the request for a callout, or null where the layer has none (WFP-44). */
    @Nullable
    RequestVersion writableCopy(long filterId) {
        State now = now();
        ConnectVersion connect = now.connect();
        if (connect != null) {
            return new ConnectVersion(connect, filterId);
        }
        BindVersion bind = now.bind();
        return bind == null ? null : new BindVersion(bind, filterId);
    }

    void applyBind(BindVersion request) {
        synchronized (this) {
            if (!abandoned) {
                state = state.withBind(request, hearing(request.modifierFilterId()));
            }
        }
    }

    /**
     * A request that a callout has edited.
     *
     * @param driver whose callout
     * @param record what it adds to the chain, if anything
     * @param moved whether the connection now goes elsewhere
     * @param local whether it goes to an address of this machine
     * @param replaces whether the record takes the place of the newest one
     */
    private record Applied(
            ConnectVersion request,
            String driver,
            @Nullable RedirectRecord record,
            boolean moved,
            boolean local,
            boolean replaces) {}

    /**
     * Makes an edited request the newest version; {@code record} is what it adds to the chain, if anything. False if the
     * connection has been given up.
     */
    boolean applyConnect(
            ConnectVersion request, String driver, @Nullable RedirectRecord record, boolean isLocal, boolean replaces) {
        boolean moved = record != null
                || !request.remoteAddressAndPort().equals(question.values().remote());
        Applied applied = new Applied(request, driver, record, moved, isLocal, replaces);
        synchronized (this) {
            if (abandoned) {
                return false;
            }
            state = state.withConnect(applied, hearing(request.modifierFilterId()));
            return true;
        }
    }

    /** The newest record that this connection itself added, or null. */
    @Nullable
    RedirectRecord ownNewest() {
        State now = now();
        return now.ownRecords().isEmpty() ? null : now.chain().newest();
    }

    void refuse() {
        synchronized (this) {
            if (!abandoned) {
                state = state.asRefused();
            }
        }
    }

    /** The process that a redirect of this classification has named so far; 0 if none. */
    int targetPid() {
        return now().targetPid();
    }

    /** Records whose contexts no flow will free: later callouts replaced them or undid the redirect. */
    List<Long> withoutFlow() {
        State now = now();
        if (now.redirected() || now.ownRecords().isEmpty()) {
            return now.replaced();
        }
        List<Long> all = new ArrayList<>(now.replaced());
        all.addAll(now.ownRecords());
        return all;
    }

    Verdict.@Nullable Redirect redirect() {
        State now = now();
        ConnectVersion request = now.connect();
        if (!now.redirected() || request == null) {
            return null;
        }
        return new Verdict.Redirect(
                request.remoteAddressAndPort(),
                now.driver(),
                now.targetPid(),
                now.local() ? now.chain().localOnly() : now.chain(),
                now.ownRecords(),
                now.local() && !now.ownRecords().isEmpty());
    }

    /** The local address to use instead of the one that was asked for, or null. */
    @Nullable
    InetSocketAddress changedLocal() {
        State now = now();
        RequestVersion newest = now.connect() != null ? now.connect() : now.bind();
        InetSocketAddress wanted = newest == null ? null : newest.localAddressAndPort();
        return wanted == null || wanted.equals(question.values().local()) ? null : wanted;
    }

    boolean isRefused() {
        return now().refused();
    }
}
