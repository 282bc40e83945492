package io.github.wfpsim.stack;

import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.ClassifyInput;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * AUTH_CONNECT: once, or for a redirected connection once for each destination (WFP-68 to WFP-71). An AppContainer's
 * redirected connection is first authorized as if it had never been redirected.
 */
final class ConnectAuthorization {

    private final HostStack stack;
    private final Endpoint endpoint;
    private final InetSocketAddress asked;
    private final InetSocketAddress effective;
    private final @Nullable RedirectedFlow redirect;
    private final boolean sourceIsOpen;

    /** Of a connection that is being made. */
    ConnectAuthorization(
            HostStack stack,
            Endpoint endpoint,
            InetSocketAddress asked,
            InetSocketAddress effective,
            boolean sourceIsOpen) {
        this.stack = stack;
        this.endpoint = endpoint;
        this.asked = asked;
        this.effective = effective;
        this.redirect = endpoint.flow();
        this.sourceIsOpen = sourceIsOpen;
    }

    /** Of a connection that lives. */
    ConnectAuthorization(HostStack stack, Endpoint endpoint) {
        this(
                stack,
                endpoint,
                Objects.requireNonNull(endpoint.remote()),
                Objects.requireNonNull(endpoint.effectiveRemote()),
                false);
    }

    /** Asks, and goes on with whether the connection may be made. */
    void ask(Operation by, Consumer<Boolean> next) {
        if (!isTwofold()) {
            ask(by, effective, flagsOfEffective(), redirected(), next);
            return;
        }
        ask(by, asked, flagsOfAsked(), null, permitted -> {
            if (permitted) {
                ask(by, effective, flagsOfEffective(), redirected(), next);
            } else {
                next.accept(false);
            }
        });
    }

    private void ask(
            Operation by,
            InetSocketAddress destination,
            int flags,
            ClassifyInput.@Nullable Redirected how,
            Consumer<Boolean> next) {
        stack.questions()
                .permits(
                        by,
                        Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        endpoint,
                        sourceTowards(destination),
                        destination,
                        flags,
                        how,
                        next,
                        () -> {});
    }

    /** Asks again after a change of policy; true if the connection may go on. */
    boolean stands() {
        return (!isTwofold() || permitsStill(asked, flagsOfAsked(), null))
                && permitsStill(effective, flagsOfEffective(), redirected());
    }

    private boolean permitsStill(InetSocketAddress destination, int flags, ClassifyInput.@Nullable Redirected how) {
        return stack.questions()
                .permitsStill(
                        Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4, endpoint, endpoint.local(), destination, flags, how);
    }

    private boolean isTwofold() {
        return redirect != null
                && (isPackaged()
                        || !IpAddress.isLoopback(effective.getAddress())
                        || stack.options().doubleAuthorization() == SimOptions.DoubleAuthorization.ALWAYS);
    }

    private boolean isPackaged() {
        return endpoint.owner().packageSid() != null;
    }

    private int flagsOfAsked() {
        int honouring = isPackaged() ? ConditionFlag.FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE.code() : 0;
        return honouring | LayerQuestions.proxyFlag(endpoint) | LayerQuestions.loopbackFlag(asked);
    }

    private int flagsOfEffective() {
        int redirected = redirect == null ? 0 : ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
        return redirected | LayerQuestions.proxyFlag(endpoint) | LayerQuestions.loopbackFlag(effective);
    }

    private ClassifyInput.@Nullable Redirected redirected() {
        return redirect == null ? null : new ClassifyInput.Redirected(redirect.targetPid(), asked);
    }

    /** Each authorization stands for one destination, and shows the source that routing takes to it (WFP-70). */
    private InetSocketAddress sourceTowards(InetSocketAddress destination) {
        InetSocketAddress local = endpoint.local();
        InetAddress source = sourceIsOpen ? stack.addresses().sourceFor(destination.getAddress()) : null;
        return source == null || source.equals(local.getAddress())
                ? local
                : new InetSocketAddress(source, local.getPort());
    }
}
