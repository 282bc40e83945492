package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Binding a socket to an address of its owner's choice. */
final class BindOperation extends Operation {

    private final InetSocketAddress wanted;

    BindOperation(HostStack stack, Endpoint endpoint, InetSocketAddress wanted) {
        super(stack, endpoint);
        this.wanted = wanted;
    }

    @Override
    @Nullable
    NtStatus enter() {
        if (!Assignment.isOfFamily(endpoint(), wanted)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return endpoint().transition(ConnectionState.OPEN, ConnectionState.BINDING)
                ? null
                : NtStatus.STATUS_INVALID_DEVICE_STATE;
    }

    @Override
    void begin() {
        new Assignment(this, endpoint(), wanted, false, this::assigned).begin();
    }

    private void assigned(NtStatus status) {
        if (status.isSuccess() && !endpoint().transition(ConnectionState.BINDING, ConnectionState.BOUND)) {
            // Closed by another thread meanwhile: what was reserved would have no owner.
            Assignment.release(stack(), endpoint());
            stack().table().releaseBound(endpoint());
            finish(NtStatus.STATUS_CANCELLED);
            return;
        }
        if (status.isSuccess() && endpoint().datagramPort() != null) {
            stack().table().listen(endpoint());
        }
        if (status.isSuccess() && stack().trace().isListening()) {
            stack().trace()
                    .emit(new TraceEvent.Bound(
                            LayerQuestions.subjectOf(endpoint()), endpoint().local()));
        }
        finish(status);
    }

    @Override
    void beforeOutcome(NtStatus status) {
        if (!status.isSuccess()) {
            endpoint().transition(ConnectionState.BINDING, ConnectionState.OPEN);
        }
        DatagramPort port = endpoint().datagramPort();
        if (port != null) {
            port.bindEnded();
        }
    }
}
