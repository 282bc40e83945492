package io.github.wfpsim.stack;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.TraceEvent;
import org.jspecify.annotations.Nullable;

/** Making a bound socket take connections: AUTH_LISTEN (WFP-03). */
final class ListenOperation extends Operation {

    private final int backlog;

    ListenOperation(HostStack stack, Endpoint endpoint, int backlog) {
        super(stack, endpoint);
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
            case LISTENING -> NtStatus.STATUS_SUCCESS;
            case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
            case OPEN, BINDING, CONNECTING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
        };
    }

    @Override
    void begin() {
        stack().questions()
                .permits(
                        this,
                        Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4,
                        endpoint(),
                        endpoint().local(),
                        IpAddress.unspecified(endpoint().family()),
                        0,
                        permitted -> finish(permitted ? listen() : NtStatus.STATUS_ACCESS_DENIED));
    }

    private NtStatus listen() {
        if (!endpoint().transition(ConnectionState.BOUND, ConnectionState.LISTENING)) {
            return switch (endpoint().state()) {
                case LISTENING -> NtStatus.STATUS_SUCCESS;
                case CONNECTED -> NtStatus.STATUS_CONNECTION_ACTIVE;
                case OPEN, BINDING, BOUND, CONNECTING, CLOSED -> NtStatus.STATUS_INVALID_DEVICE_STATE;
            };
        }
        AcceptQueue queue = new AcceptQueue(Math.max(1, backlog));
        endpoint().setAcceptQueue(queue);
        stack().table().listen(endpoint());
        if (endpoint().isClosed()) {
            // Closed by another thread meanwhile, which did not see the queue.
            queue.close().forEach(orphan -> stack().close(orphan, true));
        }
        if (stack().trace().isListening()) {
            stack().trace()
                    .emit(new TraceEvent.Listening(
                            LayerQuestions.subjectOf(endpoint()), endpoint().local()));
        }
        return NtStatus.STATUS_SUCCESS;
    }
}
