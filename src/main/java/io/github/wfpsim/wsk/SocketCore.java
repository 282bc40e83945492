package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.Request;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all categories of sockets have: the transport's socket, its client, and the requests that wait on it. */
final class SocketCore {

    private final WskProvider provider;
    private final WskClient client;
    private final WskRegistration registration;
    private final Category category;
    private final HostSocket kernel;
    private final Set<IrpRequest> outstanding = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicReference<@Nullable Turns> accepts = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> receives = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> sends = new AtomicReference<>();
    private final Map<Integer, Integer> storedOptions = new ConcurrentHashMap<>();
    private final SocketEvents events;
    private volatile @Nullable InetSocketAddress sendTo;

    SocketCore(
            WskProvider provider,
            WskClient client,
            WskRegistration registration,
            Category category,
            HostSocket kernel) {
        this.provider = provider;
        this.client = client;
        this.registration = registration;
        this.category = category;
        this.kernel = kernel;
        this.events = new SocketEvents(
                client.eventHost(),
                kernel,
                new SocketEvents.Door(this::accepts, this::receives, this::accept),
                registration.staticEvents());
        registration.socketOpened();
        client.opened(this);
    }

    /** A socket that this listener accepted, which acts for the same process (REC-36). */
    SocketCore accepted(HostSocket connection) {
        Category same = category == Category.STREAM ? Category.STREAM : Category.CONNECTION;
        return new SocketCore(provider, client, registration, same, connection);
    }

    private SocketEvents.Accepted accept(HostSocket connection) {
        SocketCore core = accepted(connection);
        WskAcceptSocket socket = (WskAcceptSocket) WskSocket.of(core);
        int inherited = events.inherited();
        return new SocketEvents.Accepted() {
            @Override
            public WskAcceptSocket socket() {
                return socket;
            }

            @Override
            public void keep(@Nullable Object context, @Nullable WskClientConnectionDispatch dispatch) {
                core.events.adopt(context, dispatch);
                core.events.inherit(inherited);
            }

            @Override
            public void refuse() {
                core.abandon();
            }
        };
    }

    /** The socket's events, and what it has received ahead of its requests. */
    SocketEvents events() {
        return events;
    }

    void storeOption(int option, int value) {
        storedOptions.put(option, value);
    }

    int storedOption(int option) {
        return storedOptions.getOrDefault(option, 0);
    }

    /** Where datagrams go that name no address; null if nowhere (WSKS-30). */
    @Nullable
    InetSocketAddress sendTo() {
        return sendTo;
    }

    void sendTo(@Nullable InetSocketAddress peer) {
        sendTo = peer;
    }

    HostStack stack() {
        return provider.stack();
    }

    HostSocket kernel() {
        return kernel;
    }

    Category category() {
        return category;
    }

    long handle() {
        return kernel.endpointHandle();
    }

    void fault(Fault fault, String detail) {
        client.fault(fault, detail);
    }

    boolean isClosing() {
        return closing.get();
    }

    // ---- calls

    /** A call on this socket: the IRP, then the socket itself, are judged first. */
    NtStatus call(String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        return call(new Call(provider, client, registration, function), function, irp, then);
    }

    /** A call for PASSIVE_LEVEL only. */
    NtStatus callAtPassiveLevel(String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        return call(new Call(provider, client, registration, function).atPassiveLevel(), function, irp, then);
    }

    /** What {@link #call} judges of a call that needs no IRP. */
    NtStatus judgeWithoutIrp(String function) {
        if (!new Call(provider, client, registration, function).isAllowed()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (isClosing()) {
            fault(Fault.SOCKET_USED_AFTER_CLOSE, function + " was called on " + this);
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        return isDead() ? NtStatus.STATUS_FILE_FORCED_CLOSED : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus call(Call call, String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        return call.make(irp, request -> {
            if (isClosing()) {
                NtStatus refused = request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
                fault(Fault.SOCKET_USED_AFTER_CLOSE, function + " was called on " + this);
                return refused;
            }
            return isDead() ? request.completeNow(NtStatus.STATUS_FILE_FORCED_CLOSED, 0) : then.apply(request);
        });
    }

    /** Whether the connection was reset, so that the socket is good for closing only (WSK-40). */
    private boolean isDead() {
        DuplexStream stream = kernel.stream();
        return stream != null && stream.isReset();
    }

    /** Work that needs no waiting. */
    NtStatus run(IrpRequest request, Supplier<IoStatus> work) {
        track(request);
        NtStatus returned = request.run(work);
        unlessClosing(request);
        return returned;
    }

    /** An operation of the stack, which may take time. */
    NtStatus perform(IrpRequest request, Request operation) {
        return perform(request, operation, 0);
    }

    /** As above, with what Information says after success. */
    NtStatus perform(IrpRequest request, Request operation, long information) {
        Answer answer = new Answer(request, operation::cancel);
        track(request);
        try {
            return answer.startedBy(() -> operation.start(status -> ended(answer, status, information)));
        } finally {
            unlessClosing(request);
        }
    }

    /** An operation has ended, after which the socket may have events that it could not have before. */
    private void ended(Answer answer, NtStatus status, long information) {
        if (status.isSuccess()) {
            events.ready();
        }
        answer.is(new IoStatus(status, status.isSuccess() ? information : 0));
    }

    /** A request that waits for its turn. */
    NtStatus queue(IrpRequest request, Turns turns, Waiting waiting) {
        IoStatus now = turns.tryOrWait(request.isInline(), waiting::tryNow, () -> enqueue(request, turns, waiting));
        if (now != null) {
            return request.run(() -> waiting.deliver(now));
        }
        waiting.waitIn(turns);
        return NtStatus.STATUS_PENDING;
    }

    private void enqueue(IrpRequest request, Turns turns, Waiting waiting) {
        track(request);
        request.pend(() -> turns.remove(waiting));
        turns.add(waiting);
    }

    /** Cancels a request if the socket was closed by another thread meanwhile, which could not cancel it yet. */
    private void unlessClosing(IrpRequest request) {
        if (isClosing()) {
            request.cancel();
        }
    }

    private void track(IrpRequest request) {
        // One that is taken may be given back, and wait on; one that is finished may still wait for the dispatcher.
        outstanding.removeIf(IrpRequest::isUp);
        outstanding.add(request);
    }

    // ---- turns

    /** Those who wait to accept; null if the socket does not listen. */
    @Nullable
    Turns accepts() {
        return Turns.once(accepts, () -> stack().accepts(kernel));
    }

    /** Those who wait for data; null if the socket is not connected. */
    @Nullable
    Turns receives() {
        return Turns.once(receives, () -> {
            DuplexStream stream = kernel.stream();
            return stream == null ? stack().datagrams().receives(kernel) : stack().turns(stream::whenReadable);
        });
    }

    /** Those who wait for room; null if the socket is not connected. */
    @Nullable
    Turns sends() {
        return Turns.once(sends, () -> {
            DuplexStream stream = kernel.stream();
            return stream == null ? null : stack().turns(stream::whenWritable);
        });
    }

    // ---- closing

    /** Closes the socket: cancels what waits, and resets a connection that was not ended in both directions. */
    NtStatus close(@Nullable Irp irp) {
        return new Call(provider, client, registration, "WskCloseSocket").make(irp, request -> {
            if (!closing.compareAndSet(false, true)) {
                NtStatus refused = request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
                fault(Fault.SOCKET_USED_AFTER_CLOSE, "WskCloseSocket was called on " + this);
                return refused;
            }
            return closeUnder(request);
        });
    }

    /** A fault about an indication that was kept does not keep the socket open. */
    private NtStatus closeUnder(IrpRequest request) {
        try (FaultScope scope = stack().verifier().enter()) {
            cancelAll();
            events.findLeaks(toString());
            // What was cancelled completes on the dispatcher before this does. Nothing keeps a socket open that is
            // being closed: cancelling the request does not.
            Answer answer = new Answer(request, () -> {});
            Runnable work = () -> events.close(() -> {
                try {
                    give(!isDisconnected());
                } finally {
                    answer.is(NtStatus.STATUS_SUCCESS);
                }
            });
            boolean here = request.isInline() && outstanding.stream().allMatch(IrpRequest::isUp);
            if (here || !stack().dispatcher().offer(work)) {
                work.run();
            }
            return answer.returned();
        }
    }

    /** Whatever a callout does wrong while it is asked about the closure, the socket is closed. */
    private void give(boolean abortive) {
        try {
            stack().close(kernel, abortive);
        } finally {
            client.closed(this);
            registration.socketClosed();
        }
    }

    private boolean isDisconnected() {
        DuplexStream stream = kernel.stream();
        return stream == null || (stream.isEnded() && !events.hasUnread());
    }

    private void cancelAll() {
        for (IrpRequest request : List.copyOf(outstanding)) {
            request.cancel();
        }
    }

    /** Gives the socket up for a client that never got it, or is gone. */
    void abandon() {
        if (closing.compareAndSet(false, true)) {
            cancelAll();
            events.close(() -> {});
            give(true);
        }
    }

    @Override
    public String toString() {
        return "WSK socket #" + handle() + " (" + category + ")";
    }
}
