package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskEventCallbackControl;
import io.github.wfpsim.wsk.WskSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all categories of sockets have: the transport's socket, its client, and the requests that wait on it. */
abstract class KernelSocket implements WskSocket {

    private final WskClient client;
    private final Registration registration;
    private final Category category;
    private final HostSocket transport;
    private final Set<IrpRequest> outstanding = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicReference<@Nullable Turns> accepts = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> receives = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> sends = new AtomicReference<>();
    private final Map<Integer, Integer> storedOptions = new ConcurrentHashMap<>();
    private final OpenCalls calls;
    private final SocketEvents events;
    private volatile @Nullable InetSocketAddress sendTo;

    KernelSocket(WskClient client, Registration registration, Category category, HostSocket transport) {
        this.client = client;
        this.registration = registration;
        this.category = category;
        this.transport = transport;
        this.calls = new OpenCalls(registration);
        this.events = new SocketEvents(this, registration.staticEvents());
    }

    /** Makes a driver's socket of one of the transport. */
    static KernelSocket open(WskClient client, Registration registration, Category category, HostSocket transport) {
        KernelSocket socket = switch (category) {
            case BASIC -> new KernelBasicSocket(client, registration, transport);
            case LISTEN -> new KernelListenSocket(client, registration, transport);
            case CONNECTION -> new KernelConnectionSocket(client, registration, transport);
            case DATAGRAM -> new KernelDatagramSocket(client, registration, transport);
            case STREAM -> new KernelStreamSocket(client, registration, transport);
        };
        registration.socketOpened();
        client.opened(socket);
        return socket;
    }

    /** A socket that this listener accepted, which acts for the same process (REC-36). */
    KernelConnectionSocket accepted(HostSocket connection) {
        Category same = category == Category.STREAM ? Category.STREAM : Category.CONNECTION;
        return (KernelConnectionSocket) open(client, registration, same, connection);
    }

    WskClient client() {
        return client;
    }

    HostStack stack() {
        return client.stack();
    }

    HostSocket transport() {
        return transport;
    }

    Category category() {
        return category;
    }

    /** The number that stories and faults name the socket by. */
    long handle() {
        return transport.endpointHandle();
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

    void fault(Fault fault, String detail) {
        client.fault(fault, detail);
    }

    boolean isClosing() {
        return closing.get();
    }

    // ---- calls

    /** A call on this socket: the IRP, then the socket itself, are judged first. */
    NtStatus call(String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        return call(new WskCall(client, registration, function).on(calls), function, irp, then);
    }

    /** A call for PASSIVE_LEVEL only. */
    NtStatus callAtPassiveLevel(String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        return call(new WskCall(client, registration, function).on(calls).atPassiveLevel(), function, irp, then);
    }

    /** What {@link #call} judges of a call that needs no IRP. */
    NtStatus judgeWithoutIrp(String function) {
        if (!new WskCall(client, registration, function).isAllowed()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (isClosing()) {
            fault(Fault.SOCKET_USED_AFTER_CLOSE, function + " was called on " + this);
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        return isDead() ? NtStatus.STATUS_FILE_FORCED_CLOSED : NtStatus.STATUS_SUCCESS;
    }

    private NtStatus call(WskCall call, String function, @Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
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
        DuplexStream stream = transport.stream();
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
    NtStatus perform(IrpRequest request, SocketRequest operation) {
        return perform(request, operation, 0);
    }

    /** As above, with what Information says after success. */
    NtStatus perform(IrpRequest request, SocketRequest operation, long information) {
        IrpAnswer answer = new IrpAnswer(request, operation::cancel);
        track(request);
        try {
            return answer.startedBy(() -> operation.start(status -> ended(answer, status, information)));
        } finally {
            unlessClosing(request);
        }
    }

    /** An operation has ended, after which the socket may have events that it could not have before. */
    private void ended(IrpAnswer answer, NtStatus status, long information) {
        if (status.isSuccess()) {
            events.ready();
        }
        answer.is(new IoStatus(status, status.isSuccess() ? information : 0));
    }

    /** A request that waits for its turn. */
    NtStatus queue(IrpRequest request, Turns turns, IrpTurn waiting) {
        IoStatus now = turns.tryOrWait(request.isInline(), waiting::tryNow, () -> enqueue(request, turns, waiting));
        if (now != null) {
            return request.run(() -> waiting.deliver(now));
        }
        waiting.waitIn(turns);
        return NtStatus.STATUS_PENDING;
    }

    private void enqueue(IrpRequest request, Turns turns, IrpTurn waiting) {
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

    // ---- what several categories do

    @Override
    public final NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            long inputSize,
            @Nullable WskControlBuffer inputBuffer,
            long outputSize,
            @Nullable WskControlBuffer outputBuffer,
            @Nullable OutUlong outputSizeReturned,
            @Nullable Irp irp) {
        Objects.requireNonNull(requestType, "requestType must not be null: give WskIoctl");
        return new ControlRequest(
                        this,
                        requestType,
                        controlCode,
                        inputSize,
                        inputBuffer,
                        outputSize,
                        outputBuffer,
                        outputSizeReturned)
                .make(level, irp);
    }

    @Override
    public final NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            WskEventCallbackControl inputBuffer,
            @Nullable Irp irp) {
        Objects.requireNonNull(requestType, "requestType must not be null: give WskSetOption");
        Objects.requireNonNull(inputBuffer, "inputBuffer must not be null: say which events");
        if (EventOption.isIt(requestType, controlCode, level)) {
            return EventOption.set(this, inputBuffer, irp);
        }
        return irp == null
                ? NtStatus.STATUS_NOT_SUPPORTED
                : call("WskControlSocket", irp, request -> request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0));
    }

    final NtStatus bind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(localAddress, "localAddress must not be null: give an address of the machine");
        return call(
                "WskBind",
                irp,
                request -> flags != 0
                        ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                        : perform(request, stack().bind(transport, localAddress)));
    }

    final NtStatus getLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getAddress("WskGetLocalAddress", transport::localAddress, localAddress, irp);
    }

    final NtStatus getRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp) {
        return getAddress("WskGetRemoteAddress", transport::remoteAddress, remoteAddress, irp);
    }

    private NtStatus getAddress(
            String function,
            Supplier<@Nullable InetSocketAddress> address,
            Out<InetSocketAddress> receiver,
            @Nullable Irp irp) {
        Objects.requireNonNull(receiver, "the address must not be null: give an Out for it");
        return call(
                function,
                irp,
                request -> run(request, () -> {
                    InetSocketAddress known = address.get();
                    if (known == null) {
                        return new IoStatus(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
                    }
                    receiver.set(known);
                    return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
                }));
    }

    // ---- turns

    /** Those who wait to accept; null if the socket does not listen. */
    @Nullable
    Turns accepts() {
        return Turns.once(accepts, () -> stack().accepts(transport));
    }

    /** Those who wait for data; null if the socket is not connected. */
    @Nullable
    Turns receives() {
        return Turns.once(receives, () -> {
            DuplexStream stream = transport.stream();
            return stream == null ? stack().datagrams().receives(transport) : stack().turns(stream::whenReadable);
        });
    }

    /** Those who wait for room; null if the socket is not connected. */
    @Nullable
    Turns sends() {
        return Turns.once(sends, () -> {
            DuplexStream stream = transport.stream();
            return stream == null ? null : stack().turns(stream::whenWritable);
        });
    }

    // ---- closing

    /** Cancels what waits, and resets a connection that was not ended in both directions. */
    @Override
    public final NtStatus wskCloseSocket(@Nullable Irp irp) {
        return new WskCall(client, registration, "WskCloseSocket").make(irp, request -> {
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
            events.loans().close(toString());
            // Nothing keeps a socket open that is being closed: cancelling the request does not.
            IrpAnswer answer = new IrpAnswer(request, () -> {});
            Runnable work = () -> events.close(() -> {
                try {
                    give(!isDisconnected());
                } finally {
                    answer.is(NtStatus.STATUS_SUCCESS);
                }
            });
            if (request.isInline() && calls.isNone()) {
                work.run();
            } else {
                calls.whenNone(() -> stack().dispatcher().later(work));
            }
            return answer.returned();
        }
    }

    /** Whatever a callout does wrong while it is asked about the closure, the socket is closed. */
    private void give(boolean abortive) {
        try {
            stack().close(transport, abortive);
        } finally {
            client.closed(this);
            registration.socketClosed();
        }
    }

    private boolean isDisconnected() {
        DuplexStream stream = transport.stream();
        return stream == null || (stream.isEnded() && events.inflow().isEmpty());
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
    public final String toString() {
        return "WSK socket #" + handle() + " (" + category + ")";
    }
}
