package io.github.wfpsim.sockets;

import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.winsock.SocketHandle;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the user-mode door keeps about one socket beside the kernel's half: modes and time-outs.
 *
 * <p>Mutable; every field is independent of the others, so volatile is enough. An entry is small: what few sockets have
 * is kept apart, and made when it is needed.
 */
final class SocketEntry {

    private static final AtomicReferenceFieldUpdater<SocketEntry, @Nullable OverlappedState> CALLS =
            AtomicReferenceFieldUpdater.newUpdater(SocketEntry.class, OverlappedState.class, "calls");

    private static final AtomicReferenceFieldUpdater<SocketEntry, @Nullable EventSelection> EVENTS =
            AtomicReferenceFieldUpdater.newUpdater(SocketEntry.class, EventSelection.class, "events");

    private static final AtomicReferenceFieldUpdater<SocketEntry, Tuning> TUNING =
            AtomicReferenceFieldUpdater.newUpdater(SocketEntry.class, Tuning.class, "tuning");

    private final SocketHandle handle;
    private final boolean overlapped;

    private volatile HostSocket kernel;
    private volatile @Nullable OverlappedState calls;
    private volatile @Nullable EventSelection events;
    private volatile Tuning tuning;
    private volatile boolean withoutContext;
    private volatile boolean givenUp;
    private volatile boolean nonBlocking;

    /** The options that are numbers; most sockets share those of a new one. */
    private record Tuning(
            int receiveTimeout, int sendTimeout, int linger, int sendBuffer, Map<StoredOption, Integer> stored) {

        private static final int DEFAULT_SEND_BUFFER = 65_536;
        static final Tuning OF_A_NEW_SOCKET = new Tuning(0, 0, 0, DEFAULT_SEND_BUFFER, Map.of());

        Tuning withReceiveTimeout(int milliseconds) {
            return new Tuning(milliseconds, sendTimeout, linger, sendBuffer, stored);
        }

        Tuning withSendTimeout(int milliseconds) {
            return new Tuning(receiveTimeout, milliseconds, linger, sendBuffer, stored);
        }

        Tuning withLinger(int onOffAndSeconds) {
            return new Tuning(receiveTimeout, sendTimeout, onOffAndSeconds, sendBuffer, stored);
        }

        Tuning withSendBuffer(int bytes) {
            return new Tuning(receiveTimeout, sendTimeout, linger, bytes, stored);
        }

        Tuning with(StoredOption option, int value) {
            Map<StoredOption, Integer> more = new EnumMap<>(StoredOption.class);
            more.putAll(stored);
            more.put(option, value);
            return new Tuning(receiveTimeout, sendTimeout, linger, sendBuffer, more);
        }
    }

    SocketEntry(SocketHandle handle, HostSocket kernel, boolean overlapped) {
        this(handle, kernel, overlapped, Tuning.OF_A_NEW_SOCKET);
    }

    private SocketEntry(SocketHandle handle, HostSocket kernel, boolean overlapped, Tuning tuning) {
        this.handle = handle;
        this.kernel = kernel;
        this.overlapped = overlapped;
        this.tuning = tuning;
    }

    /** A socket has one number, whoever speaks of it. */
    static SocketHandle handleOf(HostSocket kernel) {
        return new SocketHandle(kernel.endpointHandle());
    }

    /** Makes the entry of an accepted socket, which has the properties of its listener (WSA-47). */
    SocketEntry accepted(SocketHandle acceptedHandle, HostSocket acceptedKernel) {
        SocketEntry entry = new SocketEntry(acceptedHandle, acceptedKernel, overlapped, tuning);
        if (nonBlocking) {
            entry.nonBlocking = true;
        }
        return entry;
    }

    /** Takes the properties of the listener over that it comes from. */
    void takeOver(SocketEntry listener) {
        nonBlocking = listener.nonBlocking;
        tuning = listener.tuning;
    }

    SocketHandle handle() {
        return handle;
    }

    HostSocket kernel() {
        return kernel;
    }

    // ---- overlapped calls

    /** Becomes the connection that AcceptEx found for it; what the socket was before is gone. */
    HostSocket become(HostSocket connection) {
        HostSocket before = kernel;
        this.kernel = connection;
        this.withoutContext = true;
        EventSelection selected = events;
        if (selected != null) {
            selected.look();
        }
        return before;
    }

    /** Connected by ConnectEx or AcceptEx, and not brought up to it by SO_UPDATE_*_CONTEXT yet. */
    boolean isWithoutContext() {
        return withoutContext;
    }

    void setWithoutContext(boolean without) {
        this.withoutContext = without;
    }

    /** What overlapped calls need, made by the first. */
    private OverlappedState calls() {
        OverlappedState made = calls;
        if (made == null) {
            CALLS.compareAndSet(this, null, new OverlappedState());
            made = Objects.requireNonNull(calls, "once made, it stays");
        }
        return made;
    }

    /** Remembers a pending call until it is over. */
    void track(OverlappedRequest request) {
        calls().track(request);
    }

    List<OverlappedRequest> pending() {
        OverlappedState made = calls;
        return made == null ? List.of() : made.pending();
    }

    /** Keeps the socket for the connection of an AcceptEx; false if another one has it. */
    boolean reserveFor(OverlappedRequest accept) {
        return calls().reserveFor(accept);
    }

    /** Whether an AcceptEx that goes on has the socket. */
    boolean isReserved() {
        OverlappedState made = calls;
        return made != null && made.isReserved();
    }

    /** Ends what is pending, since the socket is closed; also the AcceptEx of a listener that has this socket. */
    void giveUp() {
        givenUp = true;
        // Whoever makes it after this look sees the socket closed.
        OverlappedState made = calls;
        if (made != null) {
            made.cancelAll();
        }
        EventSelection selected = events;
        if (selected != null) {
            selected.select(null, 0);
        }
    }

    // ---- network events

    /** What WSAEventSelect wants of this socket, made by the first call. */
    EventSelection events(ErrorTranslation errors) {
        EventSelection made = events;
        if (made == null) {
            EVENTS.compareAndSet(this, null, new EventSelection(this, errors));
            made = Objects.requireNonNull(events, "once made, it stays");
        }
        return made;
    }

    /** Whether WSAEventSelect keeps the socket non-blocking. */
    boolean hasEventsSelected() {
        EventSelection selected = events;
        return selected != null && selected.isActive();
    }

    /** Makes the record of an accepted socket, which has the events of its listener (WSA-71). */
    void inheritEvents(SocketEntry listener, ErrorTranslation errors) {
        EventSelection selected = listener.events;
        if (selected != null) {
            events(errors).inherit(selected);
        }
    }

    /** A call was made after which these events may be recorded again. */
    void enable(int networkEvents) {
        EventSelection selected = events;
        if (selected != null) {
            selected.enable(networkEvents);
        }
    }

    /** A connect is about to begin; answers what {@link #notConnecting} takes if it does not. */
    int connecting() {
        EventSelection selected = events;
        return selected == null ? 0 : selected.connecting();
    }

    /** A connect was refused at once. */
    void notConnecting(int enabledEvents) {
        EventSelection selected = events;
        if (selected != null) {
            selected.notConnecting(enabledEvents);
        }
    }

    /** Where completions go; null if nowhere. */
    @Nullable
    PortBinding port() {
        OverlappedState made = calls;
        return made == null ? null : made.port();
    }

    /** Associates a port; false if there is one. */
    boolean associate(PortBinding binding) {
        return calls().associate(binding);
    }

    /** Those who wait to accept, made by the first. */
    @Nullable
    Turns accepts(Supplier<@Nullable Turns> maker) {
        return calls().accepts(maker);
    }

    @Nullable
    Turns receives(Supplier<@Nullable Turns> maker) {
        return calls().receives(maker);
    }

    @Nullable
    Turns sends(Supplier<@Nullable Turns> maker) {
        return calls().sends(maker);
    }

    /** The overlapped attribute: set by socket, and by WSASocket with its flag (WSA-47). */
    boolean isOverlapped() {
        return overlapped;
    }

    private void tune(UnaryOperator<Tuning> change) {
        TUNING.updateAndGet(this, change);
    }

    boolean isNonBlocking() {
        return nonBlocking;
    }

    void setNonBlocking(boolean on) {
        this.nonBlocking = on;
    }

    /** SO_RCVTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int receiveTimeout() {
        return tuning.receiveTimeout();
    }

    void setReceiveTimeout(int milliseconds) {
        tune(own -> own.withReceiveTimeout(milliseconds));
    }

    /** SO_SNDTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int sendTimeout() {
        return tuning.sendTimeout();
    }

    void setSendTimeout(int milliseconds) {
        tune(own -> own.withSendTimeout(milliseconds));
    }

    /** The LINGER structure as one number: l_onoff in the low half, l_linger in the high one. */
    int linger() {
        return tuning.linger();
    }

    void setLinger(int onOffAndSeconds) {
        tune(own -> own.withLinger(onOffAndSeconds));
    }

    /** SO_SNDBUF, in bytes; limits what waits to be sent in non-blocking mode. */
    int sendBuffer() {
        return tuning.sendBuffer();
    }

    void setSendBuffer(int bytes) {
        tune(own -> own.withSendBuffer(bytes));
    }

    /** An option that only tunes the transport, or its value at first. */
    int stored(StoredOption option) {
        return tuning.stored().getOrDefault(option, option.atFirst());
    }

    void store(StoredOption option, int value) {
        tune(own -> own.with(option, value));
    }

    /** Lingering is on with time 0: closing throws the connection away (closesocket function, table). */
    boolean closesAbortively() {
        int value = tuning.linger();
        return (value & 0xFFFF) != 0 && value >>> 16 == 0;
    }

    /** True from the moment the socket is given up, which is before the calls that wait on it are woken. */
    boolean isClosed() {
        HostSocket looked = kernel;
        // What an AcceptEx has just put another one in place of is closed too.
        return givenUp || (looked.isClosed() && looked == kernel);
    }
}
