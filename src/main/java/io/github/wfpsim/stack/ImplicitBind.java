package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** The bind that the first send or connect of a datagram socket does for its owner, once for all who need it. */
final class ImplicitBind {

    private final Operation by;
    private final Endpoint socket;
    private final DatagramPort port;
    private volatile boolean binding;

    ImplicitBind(Operation by, Endpoint socket, DatagramPort port) {
        this.by = by;
        this.socket = socket;
        this.port = port;
    }

    /** Goes on once the socket is bound, or with the reason why it can't be. */
    void ensure(Consumer<NtStatus> next) {
        switch (socket.state()) {
            case BOUND, CONNECTING, CONNECTED -> next.accept(NtStatus.STATUS_SUCCESS);
            case OPEN -> {
                if (socket.transition(ConnectionState.OPEN, ConnectionState.BINDING)) {
                    bind(next);
                } else {
                    ensure(next);
                }
            }
            case BINDING -> {
                port.whenBindEnds(() -> by.resume(() -> ensure(next)));
                if (socket.state() != ConnectionState.BINDING) {
                    // The bind ended between the two looks.
                    port.bindEnded();
                }
            }
            case LISTENING, CLOSED -> next.accept(NtStatus.STATUS_CANCELLED);
        }
    }

    private void bind(Consumer<NtStatus> next) {
        binding = true;
        InetSocketAddress any = IpAddress.unspecified(socket.family());
        new Assignment(by, socket, any, false, status -> next.accept(assigned(status))).begin();
    }

    private NtStatus assigned(NtStatus status) {
        if (status.isSuccess() && !socket.transition(ConnectionState.BINDING, ConnectionState.BOUND)) {
            // Closed by another thread meanwhile: what was reserved would have no owner.
            Assignment.release(by.stack(), socket);
            by.stack().table().releaseBound(socket);
            end();
            return NtStatus.STATUS_CANCELLED;
        }
        if (status.isSuccess()) {
            by.stack().table().listen(socket);
        }
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
