package io.github.wfpsim.sockets;

import io.github.wfpsim.stack.Turns;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a socket keeps for overlapped calls; made with the first of them, since most sockets never see one.
 *
 * <p>Mutable; every field is independent of the others and needs no lock.
 */
final class OverlappedState {

    private final Set<OverlappedRequest> pending = ConcurrentHashMap.newKeySet(1);
    private final AtomicReference<@Nullable PortBinding> port = new AtomicReference<>();
    private final AtomicReference<@Nullable OverlappedRequest> accepting = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> accepts = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> receives = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> sends = new AtomicReference<>();

    /** Remembers a pending call until it is over. */
    void track(OverlappedRequest request) {
        pending.removeIf(OverlappedRequest::isFinished);
        pending.add(request);
    }

    List<OverlappedRequest> pending() {
        return List.copyOf(pending);
    }

    /** Keeps the socket for the connection of an AcceptEx; false if another one has it. */
    boolean reserveFor(OverlappedRequest accept) {
        OverlappedRequest before = accepting.get();
        return (before == null || before.isFinished()) && accepting.compareAndSet(before, accept);
    }

    /** Whether an AcceptEx that goes on has the socket. */
    boolean isReserved() {
        OverlappedRequest accept = accepting.get();
        return accept != null && !accept.isFinished();
    }

    /** Ends what is pending; also the AcceptEx of a listener that has this socket. */
    void cancelAll() {
        pending().forEach(OverlappedRequest::cancel);
        OverlappedRequest accept = accepting.get();
        if (accept != null) {
            accept.cancel();
        }
    }

    @Nullable
    PortBinding port() {
        return port.get();
    }

    /** Associates a port; false if there is one. */
    boolean associate(PortBinding binding) {
        return port.compareAndSet(null, binding);
    }

    @Nullable
    Turns accepts(Supplier<@Nullable Turns> maker) {
        return Turns.once(accepts, maker);
    }

    @Nullable
    Turns receives(Supplier<@Nullable Turns> maker) {
        return Turns.once(receives, maker);
    }

    @Nullable
    Turns sends(Supplier<@Nullable Turns> maker) {
        return Turns.once(sends, maker);
    }
}
