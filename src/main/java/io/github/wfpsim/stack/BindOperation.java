package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.util.List;
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
    List<Step> steps() {
        Assignment assignment = Assignment.ofBind(this, endpoint(), wanted);
        return List.of(
                assignment::askBindRedirect,
                assignment::askResourceAssignment,
                assignment::takePort,
                assignment::becomeBound,
                this::tell);
    }

    private NtStatus tell() {
        if (stack().trace().isListening()) {
            stack().trace()
                    .emit(new TraceEvent.Bound(endpoint().subject(), endpoint().local()));
        }
        return NtStatus.STATUS_SUCCESS;
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
