package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;

/**
 * The bind that the first send or connect of a datagram socket does for its owner, once for all who need it: a step
 * before and a step after those of {@link Assignment}.
 */
final class ImplicitBind {

    private final Operation by;
    private final Endpoint socket;
    private final DatagramPort port;
    private final Assignment assignment;
    private volatile boolean binding;

    ImplicitBind(Operation by, Endpoint socket, DatagramPort port) {
        this.by = by;
        this.socket = socket;
        this.port = port;
        this.assignment = Assignment.ofBind(by, socket, IpAddress.unspecified(socket.family()));
    }

    /** The steps in between, which have nothing to do if the socket is bound. */
    Assignment assignment() {
        return assignment;
    }

    /** Goes on if the socket is bound, waits while another operation binds it, else begins to. */
    NtStatus begin() {
        return switch (socket.state()) {
            case BOUND, CONNECTING, CONNECTED -> NtStatus.STATUS_SUCCESS;
            case OPEN -> {
                binding = socket.transition(ConnectionState.OPEN, ConnectionState.BINDING);
                yield binding ? NtStatus.STATUS_SUCCESS : begin();
            }
            case BINDING -> {
                port.whenBindEnds(() -> by.resume(this::begin));
                if (socket.state() != ConnectionState.BINDING) {
                    // The bind ended between the two looks.
                    port.bindEnded();
                }
                yield NtStatus.STATUS_PENDING;
            }
            case LISTENING, CLOSED -> NtStatus.STATUS_CANCELLED;
        };
    }

    NtStatus complete() {
        if (!binding) {
            return NtStatus.STATUS_SUCCESS;
        }
        NtStatus status = assignment.becomeBound();
        end();
        return status;
    }

    /** Leaves no half-made bind behind, however the operation ended. */
    void end() {
        if (binding) {
            binding = false;
            socket.transition(ConnectionState.BINDING, ConnectionState.OPEN);
            port.bindEnded();
        }
    }
}
