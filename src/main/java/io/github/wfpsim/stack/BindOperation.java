package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Binding a socket to an address of its owner's choice. */
final class BindOperation extends Operation {

    private static final Steps<BindOperation> STEPS = Steps.of(
            BindOperation.class,
            bind -> bind.assignment.askBindRedirect(),
            bind -> bind.assignment.askResourceAssignment(),
            bind -> bind.assignment.takePort(),
            bind -> bind.assignment.becomeBound(),
            BindOperation::tell);

    private final InetSocketAddress wanted;
    private final Assignment assignment;

    BindOperation(HostStack stack, Endpoint endpoint, InetSocketAddress wanted) {
        super(stack, endpoint, STEPS);
        this.wanted = wanted;
        this.assignment = Assignment.ofBind(this, endpoint, wanted);
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
