package io.github.wfpsim.trace;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.FiveTuple;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Something that happened on the machine. Immutable. */
public sealed interface TraceEvent {

    /** {@return the endpoint that it concerns and its owner; null for what concerns no connection} */
    @Nullable
    Subject subject();

    /**
     * A process was started.
     *
     * @param pid process id
     * @param image path of the executable
     * @param token its rights
     */
    record ProcessStarted(int pid, String image, Token token) implements TraceEvent {

        @Override
        public @Nullable Subject subject() {
            return null;
        }
    }

    /**
     * A process ended, and what it owned was closed.
     *
     * @param pid process id
     * @param process file name of the executable
     */
    record ProcessEnded(int pid, String process) implements TraceEvent {

        @Override
        public @Nullable Subject subject() {
            return null;
        }
    }

    /**
     * Somebody put a line of their own into the story.
     *
     * @param process file name of the executable whose line it is; null for one of no process
     * @param pid process id; 0 for a line of no process
     * @param text the line
     */
    record Noted(@Nullable String process, int pid, String text) implements TraceEvent {

        @Override
        public @Nullable Subject subject() {
            return null;
        }
    }

    /**
     * A socket was created.
     *
     * @param subject whose connection
     */
    record SocketOpened(Subject subject) implements TraceEvent {}

    /**
     * A socket was bound.
     *
     * @param subject whose connection
     * @param local its address
     */
    record Bound(Subject subject, InetSocketAddress local) implements TraceEvent {}

    /**
     * A socket began to listen.
     *
     * @param subject whose connection
     * @param local its address
     */
    record Listening(Subject subject, InetSocketAddress local) implements TraceEvent {}

    /**
     * A layer is asked.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param tuple addresses as the layer sees them
     * @param reauthorizeReason FWP_CONDITION_REAUTHORIZE_REASON_* bits that say why it is asked again; 0 if it is not
     */
    record ClassifyStarted(Subject subject, Layer layer, FiveTuple tuple, int reauthorizeReason)
            implements TraceEvent {}

    /**
     * A filter matched and gave its answer.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param subLayer name of its sub-layer
     * @param subLayerWeight weight of its sub-layer, unsigned 16 bits
     * @param filterId run-time id
     * @param filter the filter's name
     * @param callout driver of the callout that was asked; null if none was
     * @param unregistered GUID of the callout that it names and nobody has registered, or null
     * @param result what it decided; continue if nothing
     * @param hard whether only a veto overrules it
     */
    record FilterEvaluated(
            Subject subject,
            Layer layer,
            String subLayer,
            int subLayerWeight,
            long filterId,
            String filter,
            @Nullable String callout,
            @Nullable UUID unregistered,
            ActionType result,
            boolean hard)
            implements TraceEvent {}

    /**
     * A callout put its decision off.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param filterId run-time id
     * @param filter the filter's name
     * @param callout driver of the callout that holds the classification
     */
    record ClassifyPended(Subject subject, Layer layer, long filterId, String filter, String callout)
            implements TraceEvent {}

    /**
     * A callout was not allowed to put its decision off.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param filterId run-time id
     * @param filter the filter's name
     * @param callout driver of the callout that asked for it
     * @param why the reason, in words
     */
    record PendRefused(Subject subject, Layer layer, long filterId, String filter, String callout, String why)
            implements TraceEvent {}

    /**
     * The engine ended a pend whose driver was unloaded before it completed.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param filterId run-time id
     * @param filter the filter's name
     * @param callout driver of the callout that held it
     */
    record PendEnded(Subject subject, Layer layer, long filterId, String filter, String callout)
            implements TraceEvent {}

    /**
     * A callout completed a classification that it had put off.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param filterId run-time id
     * @param filter the filter's name
     * @param callout driver of the callout
     * @param action what it decided; null if it asked for a fresh classification
     */
    record ClassifyCompleted(
            Subject subject,
            Layer layer,
            long filterId,
            String filter,
            String callout,
            @Nullable ActionType action) implements TraceEvent {}

    /**
     * A callout's block overruled a hard permit, a veto, which Windows reports as a policy conflict.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param filterId run-time id of the filter whose callout blocked
     * @param filter the filter's name
     * @param overruled run-time id of the filter that permitted
     */
    record PolicyConflict(Subject subject, Layer layer, long filterId, String filter, long overruled)
            implements TraceEvent {}

    /**
     * A layer decided.
     *
     * @param subject whose connection
     * @param layer the layer
     * @param tuple addresses as the layer sees them
     * @param action permit or block
     * @param decidedBy run-time id of the filter whose answer stands; 0 if nobody decided
     */
    record ClassifyDecided(Subject subject, Layer layer, FiveTuple tuple, ActionType action, long decidedBy)
            implements TraceEvent {}

    /**
     * A callout asked for the redirect state.
     *
     * @param subject whose connection
     * @param handleOwner the driver that asked
     * @param state the answer
     */
    record RedirectStateQueried(Subject subject, String handleOwner, RedirectState state) implements TraceEvent {}

    /**
     * A redirect took effect.
     *
     * @param subject whose connection
     * @param handleOwner the driver that redirected
     * @param from the destination asked for
     * @param to the new destination
     * @param targetPid the process it names
     * @param hop how many redirects deep
     * @param contextSize declared bytes of context
     */
    record RedirectApplied(
            Subject subject,
            String handleOwner,
            InetSocketAddress from,
            InetSocketAddress to,
            int targetPid,
            int hop,
            long contextSize)
            implements TraceEvent {}

    /**
     * A callout changed the local address of a bind, or of a connect where that is honoured, and it took effect.
     *
     * @param subject whose socket
     * @param driver the driver that changed it
     * @param from the address before
     * @param to the address from now on
     */
    record LocalAddressChanged(Subject subject, String driver, InetSocketAddress from, InetSocketAddress to)
            implements TraceEvent {}

    /**
     * A redirect was dropped.
     *
     * @param subject whose connection
     * @param why the reason
     */
    record RedirectDropped(Subject subject, String why) implements TraceEvent {}

    /**
     * A connect began.
     *
     * @param subject whose connection
     * @param destination the destination asked for
     */
    record Connecting(Subject subject, InetSocketAddress destination) implements TraceEvent {}

    /**
     * A connect succeeded.
     *
     * @param subject whose connection
     * @param tuple addresses as the client sees them
     * @param effective where the bytes go
     */
    record Connected(Subject subject, FiveTuple tuple, InetSocketAddress effective) implements TraceEvent {}

    /**
     * A connect failed.
     *
     * @param subject whose connection
     * @param destination the destination asked for
     * @param status why
     */
    record ConnectFailed(Subject subject, InetSocketAddress destination, NtStatus status) implements TraceEvent {}

    /**
     * A datagram socket began to send a packet that belongs to no flow yet.
     *
     * @param subject whose packet
     * @param destination the destination asked for
     */
    record FlowStarting(Subject subject, InetSocketAddress destination) implements TraceEvent {}

    /**
     * A packet created a flow at its sender.
     *
     * @param subject whose flow
     * @param tuple addresses as the sender sees them
     * @param effective where the packets go
     */
    record FlowStarted(Subject subject, FiveTuple tuple, InetSocketAddress effective) implements TraceEvent {}

    /**
     * A packet could not create its flow.
     *
     * @param subject whose packet
     * @param destination the destination asked for
     * @param status why
     */
    record SendFailed(Subject subject, InetSocketAddress destination, NtStatus status) implements TraceEvent {}

    /**
     * A packet created a flow at its receiver.
     *
     * @param subject whose flow
     * @param tuple addresses as the receiver sees them
     */
    record FlowArrived(Subject subject, FiveTuple tuple) implements TraceEvent {}

    /**
     * A datagram was lost.
     *
     * @param subject whose, the sender's if it never reached a socket; null for one from another machine that found none
     * @param source where it comes from
     * @param destination where it was headed, after a redirect
     * @param bytes its length
     * @param reason why
     * @param layer the layer that blocked; null for other reasons
     */
    record DatagramDropped(
            @Nullable Subject subject,
            InetSocketAddress source,
            InetSocketAddress destination,
            int bytes,
            DropReason reason,
            @Nullable Layer layer)
            implements TraceEvent {}

    /**
     * A live connection was cut, because an authorization layer blocks it after a change of policy.
     *
     * @param subject whose connection
     * @param layer the layer
     */
    record FlowCut(Subject subject, Layer layer) implements TraceEvent {}

    /**
     * A connection was accepted.
     *
     * @param subject whose connection
     * @param listener handle of the listener
     * @param arrivedAs handle under which events before this one show the connection: that of the subject, unless AcceptEx
     *     took it for a socket that was there already
     * @param tuple addresses as the server sees them
     */
    record Accepted(Subject subject, long listener, long arrivedAs, FiveTuple tuple) implements TraceEvent {}

    /**
     * Redirect records were queried.
     *
     * @param subject whose connection
     * @param status the outcome
     * @param bytes bytes copied or needed
     */
    record RecordsQueried(Subject subject, NtStatus status, long bytes) implements TraceEvent {}

    /**
     * A redirect context was queried.
     *
     * @param subject whose connection
     * @param status the outcome
     * @param bytes bytes copied or needed
     */
    record ContextQueried(Subject subject, NtStatus status, long bytes) implements TraceEvent {}

    /**
     * Redirect records were set on a socket.
     *
     * @param subject whose connection
     * @param status the outcome
     * @param bytes bytes given
     * @param chainLength records on the socket afterwards
     */
    record RecordsSet(Subject subject, NtStatus status, long bytes, int chainLength) implements TraceEvent {}

    /**
     * The packet that created a redirected flow brought what WSARecvMsg hands over as control messages.
     *
     * @param subject whose socket
     * @param source where it seems to come from
     * @param bytes bytes of records, 0 if none were wanted
     * @param contextBytes bytes of the context, 0 if there is none or none was wanted
     */
    record RecordsReceived(Subject subject, InetSocketAddress source, long bytes, long contextBytes)
            implements TraceEvent {}

    /**
     * Redirect records were given along with a datagram.
     *
     * @param subject whose socket
     * @param destination where the datagram goes
     * @param status the outcome
     * @param bytes bytes given
     * @param chainLength records that it carries on
     */
    record RecordsSent(Subject subject, InetSocketAddress destination, NtStatus status, long bytes, int chainLength)
            implements TraceEvent {}

    /**
     * A direction was shut down.
     *
     * @param subject whose connection
     * @param direction SD_RECEIVE, SD_SEND or SD_BOTH
     */
    record Shutdown(Subject subject, String direction) implements TraceEvent {}

    /**
     * A socket was closed.
     *
     * @param subject whose connection
     * @param abortive whether the peer sees a reset
     */
    record Closed(Subject subject, boolean abortive) implements TraceEvent {}

    /**
     * A fault was raised.
     *
     * @param subject whose connection, or null
     * @param fault its name
     * @param detail what was done, in words
     * @param rules ids of the catalogue
     */
    record FaultRaised(@Nullable Subject subject, String fault, String detail, List<String> rules)
            implements TraceEvent {}

    /**
     * A diagnostic came up.
     *
     * @param subject whose connection, or null
     * @param diagnostic its name
     * @param detail what was done, in words
     * @param rules ids of the catalogue
     */
    record DiagnosticRaised(@Nullable Subject subject, String diagnostic, String detail, List<String> rules)
            implements TraceEvent {}
}
