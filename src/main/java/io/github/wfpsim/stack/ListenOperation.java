package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/** Making a bound socket take connections: AUTH_LISTEN (WFP-03). */
final class ListenOperation extends Operation {

    private static final Steps<ListenOperation> STEPS =
            Steps.of(ListenOperation.class, ListenOperation::askAuthListen, ListenOperation::listen);

    private final int backlog;

    ListenOperation(HostStack stack, Endpoint endpoint, int backlog) {
        super(stack, endpoint, STEPS);
        this.backlog = backlog;
    }

    @Override
    @Nullable
    NtStatus enter() {
        if (endpoint().type() != SocketType.SOCK_STREAM) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        return switch (endpoint().state()) {
            case BOUND -> null;
            case LISTENING -> beReachable();
            case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
            case OPEN, BINDING, CONNECTING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
        };
    }

    private NtStatus askAuthListen() {
        return ask(LayerQuestion.authListen(endpoint()));
    }

    private NtStatus listen() {
        if (!endpoint().transition(ConnectionState.BOUND, ConnectionState.LISTENING)) {
            return switch (endpoint().state()) {
                case LISTENING -> beReachable();
                case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
                case OPEN, BINDING, BOUND, CONNECTING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
            };
        }
        beReachable();
        if (stack().trace().isListening()) {
            stack().trace()
                    .emit(new TraceEvent.Listening(
                            endpoint().subject(), endpoint().local()));
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /** What follows the change of the state; done by whoever comes first, so that nobody who listens is told too early. */
    private NtStatus beReachable() {
        AcceptQueue queue = endpoint()
                .acceptQueueOr(new AcceptQueue(
                        Math.max(1, backlog),
                        stack().waits(),
                        () -> "a connection at #" + endpoint().handle()));
        stack().table().listen(endpoint());
        if (endpoint().isClosed()) {
            // Closed by another thread meanwhile, which did not see the queue.
            queue.close().forEach(orphan -> stack().close(orphan, true));
        }
        return NtStatus.STATUS_SUCCESS;
    }
}
