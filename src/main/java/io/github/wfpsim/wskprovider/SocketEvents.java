package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientDatagramDispatch.WskReceiveFromEvent;
import io.github.wfpsim.wsk.WskClientDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The events of one socket, and what it has received ahead of its requests. Safe for use by many threads. */
final class SocketEvents {

    private final KernelSocket socket;
    private final int staticEvents;
    private final Callbacks callbacks;
    private final Loans loans;
    private final Inspections inspections;
    private final Inflow inflow = new Inflow();
    private final Inbox inbox;
    private final AtomicReference<@Nullable ListenEvents> listening = new AtomicReference<>();
    private final AtomicReference<@Nullable ConnectionEvents> connected = new AtomicReference<>();
    private final AtomicReference<@Nullable DatagramEvents> datagrams = new AtomicReference<>();
    private final AtomicBoolean deathTold = new AtomicBoolean();
    private volatile EventTable table = EventTable.NONE;
    private volatile int inherited;

    /** All off; the static ones come on as soon as the socket can have them (WSKS-34). */
    SocketEvents(KernelSocket socket, int staticEvents) {
        this.socket = socket;
        this.staticEvents = staticEvents;
        this.callbacks = new Callbacks(socket.client().provider());
        this.loans = new Loans(socket.client());
        this.inspections = new Inspections(socket, this);
        this.inbox = new Inbox(socket.stack(), socket.transport());
    }

    Callbacks callbacks() {
        return callbacks;
    }

    /** What the driver has been shown and has not given back. */
    Loans loans() {
        return loans;
    }

    Inspections inspections() {
        return inspections;
    }

    /** Bytes that a callback refused. */
    Inflow inflow() {
        return inflow;
    }

    Inbox inbox() {
        return inbox;
    }

    EventTable table() {
        return table;
    }

    /** Gives the socket its callbacks, once, before they are switched on. */
    void adopt(@Nullable Object context, @Nullable WskClientDispatch dispatch) {
        this.table = new EventTable(context, dispatch);
    }

    private HostSocket transport() {
        return socket.transport();
    }

    // ---- switching

    /** Switches static events on that the socket has become ready for: after bind, listen, connect and accept. */
    void ready() {
        if (staticEvents != 0) {
            enable(staticEvents & table.eventsOf(transport()));
        }
    }

    /**
     * Switches events on: STATUS_INVALID_PARAMETER for those that the socket or its table does not have,
     * STATUS_INVALID_DEVICE_STATE if it is too early for them.
     */
    NtStatus enable(int events) {
        if (!isReady()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (events == 0 || (events & ~switchable()) != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (transport().isListening()) {
            inherited |= events & EventOption.OF_CONNECTIONS;
        }
        callbacks.enable(events);
        start();
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Switches one event off, and tells when a callback that runs now has returned, which STATUS_EVENT_PENDING says. Refuses
     * as {@link #enable} does, and with STATUS_INVALID_DEVICE_REQUEST a static event and a connection's at a listener.
     */
    NtStatus disable(int event, Runnable whenReturned) {
        if (!isReady()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (Integer.bitCount(event) != 1 || (event & ~switchable()) != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (isStatic(event) || (transport().isListening() && (event & EventOption.OF_CONNECTIONS) != 0)) {
            return NtStatus.STATUS_INVALID_DEVICE_REQUEST;
        }
        callbacks.disable(event);
        return callbacks.awaitReturn(event, whenReturned) ? NtStatus.STATUS_EVENT_PENDING : NtStatus.STATUS_SUCCESS;
    }

    boolean isStatic(int event) {
        return (staticEvents & event) != 0;
    }

    /** Listeners and datagram sockets have to be bound, connections connected (WSKS-32). */
    private boolean isReady() {
        return transport().isListening()
                || transport().stream() != null
                || (table.isOfDatagrams() && transport().isBound());
    }

    /** A listener switches the events of the connections that it accepts, too. */
    private int switchable() {
        int own = table.eventsOf(transport());
        return transport().isListening() ? own | EventOption.OF_CONNECTIONS : own;
    }

    /** The events that an accepted socket has from the start (WSKS-16). */
    int inherited() {
        return inherited;
    }

    /** Switches on what an accepted socket has from the start, as far as it has callbacks. */
    void inherit(int events) {
        int has = (events | staticEvents) & table.eventsOf(transport());
        if (has != 0) {
            enable(has);
        }
    }

    // ---- calling

    /** Calls a callback with its context; false if it is switched off. */
    boolean call(int event, Consumer<@Nullable Object> callback) {
        return callbacks.call(event, () -> callback.accept(table.context()));
    }

    /** The flag that tells callbacks their level. */
    int levelFlag() {
        return socket.client().provider().levelFlag();
    }

    private void start() {
        ListenEvents listen = listenEvents();
        if (listen != null) {
            listen.start();
        }
        ConnectionEvents connection = connectionEvents();
        if (connection != null) {
            connection.start();
        }
        DatagramEvents datagram = datagramEvents();
        if (datagram != null) {
            datagram.start();
        }
    }

    private @Nullable ListenEvents listenEvents() {
        WskClientListenDispatch dispatch = table.listen();
        Turns turns = transport().isListening() ? socket.accepts() : null;
        return dispatch == null || turns == null
                ? null
                : made(listening, () -> new ListenEvents(socket, this, dispatch.wskAcceptEvent(), turns));
    }

    private @Nullable ConnectionEvents connectionEvents() {
        WskClientConnectionDispatch dispatch = table.connection();
        DuplexStream stream = transport().stream();
        Turns turns = stream == null ? null : socket.receives();
        return dispatch == null || stream == null || turns == null
                ? null
                : made(connected, () -> new ConnectionEvents(this, dispatch, inflow, stream, turns));
    }

    private @Nullable DatagramEvents datagramEvents() {
        WskReceiveFromEvent event = table.receiveFrom();
        Turns turns = event == null ? null : socket.receives();
        return event == null || turns == null ? null : made(datagrams, () -> new DatagramEvents(this, event, turns));
    }

    private static <T> T made(AtomicReference<@Nullable T> place, Supplier<T> maker) {
        T there = place.get();
        if (there == null) {
            place.compareAndSet(null, maker.get());
            there = place.get();
        }
        return Objects.requireNonNull(there);
    }

    /** Goes on with WskReceiveEvent after a WskReceive (WSKS-25). */
    void receiveCalled() {
        ConnectionEvents events = connected.get();
        if (events != null) {
            events.resume();
        }
    }

    /** The network went down: a listener that has callbacks no longer works. */
    void networkWentDown() {
        if (transport().isListening() && (listening.get() != null || inspections.isOn())) {
            socket.stack().dispatcher().offer(this::listenerDied);
        }
    }

    /** The listener no longer works: tells its callbacks so, once. */
    void listenerDied() {
        ListenEvents events = listening.get();
        if (events != null) {
            events.stop();
        }
        if (deathTold.compareAndSet(false, true)) {
            if (events != null) {
                events.tellDied();
            }
            inspections.tellDied();
        }
    }

    /** Reads what has come, as {@link DuplexStream#tryRead}, first what a callback refused. */
    int tryRead(DuplexStream stream, ByteBuffer into) throws IOException {
        ConnectionEvents events = inflow.isEmpty() ? null : connected.get();
        int count = inflow.tryRead(stream, into);
        if (events != null) {
            // It may have given up until there is room here again, or until the end is all that is left.
            events.start();
        }
        return count;
    }

    // ---- closing

    /** Lets no more callbacks start, and goes on when those that run have returned, on this thread or on theirs (WSKS-11). */
    void close(Runnable whenQuiet) {
        callbacks.close();
        ListenEvents events = listening.get();
        if (events != null) {
            events.stop();
        }
        inspections.close();
        if (!callbacks.awaitReturnOfAll(whenQuiet)) {
            whenQuiet.run();
        }
    }
}
