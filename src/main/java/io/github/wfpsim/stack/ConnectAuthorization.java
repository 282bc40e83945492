package io.github.wfpsim.stack;

import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.engine.Question;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What AUTH_CONNECT is asked: once, or for a redirected connection once for each destination (WFP-68 to WFP-71), and for
 * a connection that carries records each time as the application that they lead back to, then as the proxy (WFP-100). An
 * AppContainer's redirected connection is first authorized as if it had never been redirected.
 */
final class ConnectAuthorization {

    /**
     * What is asked, in this order: the destination that the application asked for, then the one that a redirect leads to;
     * about each, the application of the records before the process that connects.
     */
    enum Turn {
        AS_ASKED_OF_APPLICATION,
        AS_ASKED_OF_OWNER,
        AS_REDIRECTED_OF_APPLICATION,
        AS_REDIRECTED_OF_OWNER;

        private static final List<Turn> ALL = List.of(values());

        private boolean isAsAsked() {
            return this == AS_ASKED_OF_APPLICATION || this == AS_ASKED_OF_OWNER;
        }

        private boolean isOfApplication() {
            return this == AS_ASKED_OF_APPLICATION || this == AS_REDIRECTED_OF_APPLICATION;
        }
    }

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

    /** Whether every question that there is, is answered with a permit now (WFP-73). */
    boolean isStillPermitted() {
        return Turn.ALL.stream()
                .map(this::question)
                .allMatch(question -> question == null || question.isStillPermittedBy(stack.engine()));
    }

    /** What is asked in its turn; null if nothing is. */
    @Nullable
    LayerQuestion question(Turn turn) {
        ProcessEntry actor = turn.isOfApplication() ? application() : endpoint.owner();
        if (actor == null || (turn.isAsAsked() && !isTwofold())) {
            return null;
        }
        return turn.isAsAsked() ? asAsked(actor) : asRedirected(actor);
    }

    /** Whether the destination that the application asked for is authorized too, before the other one. */
    private boolean isTwofold() {
        return redirect != null
                && (isPackaged()
                        || stack.options().has(Deviation.DOUBLE_AUTHORIZATION_ALWAYS)
                        || (endpoint.protocol() == IpProtocol.IPPROTO_TCP
                                && !IpAddress.isLoopback(effective.getAddress())));
    }

    /**
     * The application that made the first connection of the chain, which may have ended; null if the connection carries no
     * records, or is authorized as the proxy's alone.
     */
    private @Nullable ProcessEntry application() {
        RedirectRecord oldest = endpoint.inherited().oldest();
        return oldest == null || stack.options().has(Deviation.PROXIED_CONNECTION_AUTHORIZED_ONCE)
                ? null
                : stack.processes().findEver(oldest.originPid());
    }

    private boolean isPackaged() {
        return endpoint.owner().packageSid() != null;
    }

    /** The question about the destination that the application asked for. */
    private LayerQuestion asAsked(ProcessEntry actor) {
        int honouring = isPackaged() ? ConditionFlag.FWP_CONDITION_FLAG_IS_HONORING_POLICY_AUTHORIZE.code() : 0;
        return LayerQuestion.authConnect(endpoint, actor, sourceTowards(asked), asked, honouring, null);
    }

    /** The question about the destination to which the connection really goes. */
    private LayerQuestion asRedirected(ProcessEntry actor) {
        InetSocketAddress source = sourceTowards(effective);
        return redirect == null
                ? LayerQuestion.authConnect(endpoint, actor, source, effective, 0, null)
                : LayerQuestion.authConnect(
                        endpoint,
                        actor,
                        source,
                        effective,
                        ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code(),
                        new Question.Redirected(redirect.targetPid(), asked));
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
