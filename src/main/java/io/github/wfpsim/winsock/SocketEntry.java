package io.github.wfpsim.winsock;

import io.github.wfpsim.overlapped.OverlappedRequest;
import io.github.wfpsim.overlapped.PortBinding;
import io.github.wfpsim.stack.KernelSocket;
import io.github.wfpsim.stack.Turns;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the user-mode door keeps about one socket beside the kernel's half: modes and time-outs.
 *
 * <p>Mutable; every field is independent of the others, so volatile is enough.
 */
final class SocketEntry {

    /** SO_SNDBUF of a new socket, in bytes. */
    private static final int DEFAULT_SEND_BUFFER = 65_536;

    private final SocketHandle handle;
    private final boolean overlapped;
    private final Set<OverlappedRequest> pending = ConcurrentHashMap.newKeySet(1);
    private final AtomicReference<@Nullable PortBinding> port = new AtomicReference<>();
    private final AtomicReference<@Nullable OverlappedRequest> accepting = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> accepts = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> receives = new AtomicReference<>();
    private final AtomicReference<@Nullable Turns> sends = new AtomicReference<>();

    private volatile KernelSocket kernel;
    private volatile boolean withoutContext;
    private volatile boolean givenUp;

    private volatile boolean nonBlocking;
    private volatile int receiveTimeout;
    private volatile int sendTimeout;
    private volatile int linger;
    private volatile int sendBuffer = DEFAULT_SEND_BUFFER;

    SocketEntry(SocketHandle handle, KernelSocket kernel, boolean overlapped) {
        this.handle = handle;
        this.kernel = kernel;
        this.overlapped = overlapped;
    }

    /** Makes the entry of an accepted socket, which has the properties of its listener (WSA-47). */
    SocketEntry accepted(SocketHandle acceptedHandle, KernelSocket acceptedKernel) {
        SocketEntry entry = new SocketEntry(acceptedHandle, acceptedKernel, overlapped);
        entry.takeOver(this);
        return entry;
    }

    /** Takes the properties of the listener over that it comes from. */
    void takeOver(SocketEntry listener) {
        nonBlocking = listener.nonBlocking;
        receiveTimeout = listener.receiveTimeout;
        sendTimeout = listener.sendTimeout;
        linger = listener.linger;
    }

    SocketHandle handle() {
        return handle;
    }

    KernelSocket kernel() {
        return kernel;
    }

    // ---- overlapped calls

    /** Becomes the connection that AcceptEx found for it; what the socket was before is gone. */
    KernelSocket become(KernelSocket connection) {
        KernelSocket before = kernel;
        this.kernel = connection;
        this.withoutContext = true;
        return before;
    }

    /** Connected by ConnectEx or AcceptEx, and not brought up to it by SO_UPDATE_*_CONTEXT yet. */
    boolean isWithoutContext() {
        return withoutContext;
    }

    void setWithoutContext(boolean without) {
        this.withoutContext = without;
    }

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

    /** Ends what is pending, since the socket is closed; also the AcceptEx of a listener that has this socket. */
    void giveUp() {
        givenUp = true;
        pending().forEach(OverlappedRequest::cancel);
        OverlappedRequest accept = accepting.get();
        if (accept != null) {
            accept.cancel();
        }
    }

    /** Where completions go; null if nowhere. */
    @Nullable
    PortBinding port() {
        return port.get();
    }

    /** Associates a port; false if there is one. */
    boolean associate(PortBinding binding) {
        return port.compareAndSet(null, binding);
    }

    /** Those who wait to accept, made by the first. */
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

    /** The overlapped attribute: set by socket, and by WSASocket with its flag (WSA-47). */
    boolean isOverlapped() {
        return overlapped;
    }

    boolean isNonBlocking() {
        return nonBlocking;
    }

    void setNonBlocking(boolean on) {
        this.nonBlocking = on;
    }

    /** SO_RCVTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int receiveTimeout() {
        return receiveTimeout;
    }

    void setReceiveTimeout(int milliseconds) {
        this.receiveTimeout = milliseconds;
    }

    /** SO_SNDTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int sendTimeout() {
        return sendTimeout;
    }

    void setSendTimeout(int milliseconds) {
        this.sendTimeout = milliseconds;
    }

    /** The LINGER structure as one number: l_onoff in the low half, l_linger in the high one. */
    int linger() {
        return linger;
    }

    void setLinger(int onOffAndSeconds) {
        this.linger = onOffAndSeconds;
    }

    /** SO_SNDBUF, in bytes; limits what waits to be sent in non-blocking mode. */
    int sendBuffer() {
        return sendBuffer;
    }

    void setSendBuffer(int bytes) {
        this.sendBuffer = bytes;
    }

    /** Lingering is on with time 0: closing throws the connection away (closesocket function, table). */
    boolean closesAbortively() {
        int value = linger;
        return (value & 0xFFFF) != 0 && value >>> 16 == 0;
    }

    /** True from the moment the socket is given up, which is before the calls that wait on it are woken. */
    boolean isClosed() {
        return givenUp || kernel.isClosed();
    }
}
