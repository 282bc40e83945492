package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientDatagramDispatch.WskReceiveFromEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAcceptSocket;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The events of one socket, and what it has received ahead of its requests. Made and used by the kernel door only. Safe
 * for use by many threads.
 */
@SuppressWarnings("exports")
public final class SocketEvents {

    /** A connection that WskAcceptEvent decides about. Implemented by the kernel door. */
    public interface Accepted {

        /** {@return the socket as the driver gets it} */
        WskAcceptSocket socket();

        /**
         * The driver keeps it.
         *
         * @param context what its callbacks get
         * @param dispatch its callbacks
         */
        void keep(@Nullable Object context, @Nullable WskClientConnectionDispatch dispatch);

        /** The driver refuses it. */
        void refuse();
    }

    /**
     * What the socket's door does for it.
     *
     * @param accepts those who wait to accept, or null if it does not listen
     * @param receives those who wait for data, or null if it is not connected
     * @param accept makes a socket of an accepted connection
     */
    public record Door(
            Supplier<@Nullable Turns> accepts,
            Supplier<@Nullable Turns> receives,
            Function<HostSocket, Accepted> accept) {}

    private final EventHost host;
    private final HostSocket kernel;
    private final Door door;
    private final int staticEvents;
    private final Callbacks callbacks;
    private final Loans loans;
    private final Inflow inflow = new Inflow();
    private final Inbox inbox;
    private final AtomicReference<@Nullable ListenEvents> listening = new AtomicReference<>();
    private final AtomicReference<@Nullable ConnectionEvents> connected = new AtomicReference<>();
    private final AtomicReference<@Nullable DatagramEvents> datagrams = new AtomicReference<>();
    private volatile @Nullable Object context;
    private volatile @Nullable WskClientDispatch dispatch;
    private volatile int inherited;

    /**
     * Creates the events of a socket, all off.
     *
     * @param host what they work with
     * @param kernel the socket
     * @param door its door
     * @param staticEvents events that are on as soon as the socket can have them
     */
    public SocketEvents(EventHost host, HostSocket kernel, Door door, int staticEvents) {
        this.host = Objects.requireNonNull(host, "host must not be null");
        this.kernel = Objects.requireNonNull(kernel, "kernel must not be null");
        this.door = Objects.requireNonNull(door, "door must not be null");
        this.staticEvents = staticEvents;
        this.callbacks = new Callbacks(host);
        this.loans = new Loans(host);
        this.inbox = new Inbox(host.stack(), kernel);
    }

    HostSocket kernel() {
        return kernel;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    Loans loans() {
        return loans;
    }

    Inbox inbox() {
        return inbox;
    }

    @Nullable
    Object context() {
        return context;
    }

    boolean isStatic(int event) {
        return (staticEvents & event) != 0;
    }

    Accepted accept(HostSocket connection) {
        return door.accept().apply(connection);
    }

    /**
     * Gives the socket its callbacks, once, before they are switched on.
     *
     * @param newContext what they get
     * @param newDispatch the table
     */
    public void adopt(@Nullable Object newContext, @Nullable WskClientDispatch newDispatch) {
        this.context = newContext;
        this.dispatch = newDispatch;
    }

    // ---- switching

    /** Switches static events on that the socket has become ready for: after bind, listen, connect and accept. */
    public void ready() {
        if (staticEvents != 0) {
            enable(staticEvents & supported());
        }
    }

    /**
     * Switches events on.
     *
     * @param events masks
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER for events that the socket or its table does not have;
     *     STATUS_INVALID_DEVICE_STATE if it is too early for them
     */
    public NtStatus enable(int events) {
        if (!isReady()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        int has = kernel.isListening() ? supported() | WskEventFlags.OF_CONNECTIONS : supported();
        if (events == 0 || (events & ~has) != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (kernel.isListening()) {
            inherited |= events & WskEventFlags.OF_CONNECTIONS;
        }
        callbacks.enable(events);
        start();
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Switches an event off.
     *
     * @param event one mask
     * @param whenReturned called later, if a callback runs now, when it has returned
     * @return STATUS_SUCCESS; STATUS_EVENT_PENDING if a callback runs now; STATUS_INVALID_PARAMETER for several events
     *     or one that the socket does not have; STATUS_INVALID_DEVICE_REQUEST for a static one, and for a
     *     connection's at a listener; STATUS_INVALID_DEVICE_STATE if it is too early
     */
    public NtStatus disable(int event, Runnable whenReturned) {
        if (!isReady()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        int has = kernel.isListening() ? supported() | WskEventFlags.OF_CONNECTIONS : supported();
        if (Integer.bitCount(event) != 1 || (event & ~has) != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (isStatic(event) || (kernel.isListening() && (event & WskEventFlags.OF_CONNECTIONS) != 0)) {
            return NtStatus.STATUS_INVALID_DEVICE_REQUEST;
        }
        callbacks.disable(event);
        return callbacks.awaitReturn(event, whenReturned) ? NtStatus.STATUS_EVENT_PENDING : NtStatus.STATUS_SUCCESS;
    }

    /** Listeners and datagram sockets have to be bound, connections connected (WSKS-32). */
    private boolean isReady() {
        return kernel.isListening()
                || kernel.stream() != null
                || (dispatch instanceof WskClientDatagramDispatch && kernel.isBound());
    }

    /** The events that the socket has a callback for. */
    private int supported() {
        int events = 0;
        WskClientListenDispatch listen = listenDispatch();
        if (listen != null && listen.wskAcceptEvent() != null && kernel.isListening()) {
            events |= WskEventFlags.WSK_EVENT_ACCEPT;
        }
        WskClientConnectionDispatch connection = connectionDispatch();
        if (connection != null && kernel.stream() != null) {
            events |= connection.wskReceiveEvent() == null ? 0 : WskEventFlags.WSK_EVENT_RECEIVE;
            events |= connection.wskDisconnectEvent() == null ? 0 : WskEventFlags.WSK_EVENT_DISCONNECT;
            events |= connection.wskSendBacklogEvent() == null ? 0 : WskEventFlags.WSK_EVENT_SEND_BACKLOG;
        }
        if (dispatch instanceof WskClientDatagramDispatch table && table.wskReceiveFromEvent() != null) {
            events |= WskEventFlags.WSK_EVENT_RECEIVE_FROM;
        }
        return events;
    }

    private @Nullable WskClientListenDispatch listenDispatch() {
        WskClientDispatch table = dispatch;
        if (table instanceof WskClientStreamDispatch both) {
            return both.listen();
        }
        return table instanceof WskClientListenDispatch listen ? listen : null;
    }

    private @Nullable WskClientConnectionDispatch connectionDispatch() {
        WskClientDispatch table = dispatch;
        if (table instanceof WskClientStreamDispatch both) {
            return both.connect();
        }
        return table instanceof WskClientConnectionDispatch connection ? connection : null;
    }

    /**
     * Tells which events an accepted socket has from the start (WSKS-16).
     *
     * @return masks of connections
     */
    public int inherited() {
        return inherited;
    }

    /**
     * Switches on what an accepted socket has from the start, as far as it has callbacks.
     *
     * @param events masks
     */
    public void inherit(int events) {
        int has = (events | staticEvents) & supported();
        if (has != 0) {
            enable(has);
        }
    }

    // ---- calling

    private void start() {
        Turns accepts = kernel.isListening() ? door.accepts().get() : null;
        ListenEvents listen = listenEvents();
        if (accepts != null && listen != null) {
            listen.start(accepts);
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
        WskClientListenDispatch table = listenDispatch();
        return table == null ? null : made(listening, () -> new ListenEvents(host, this, table));
    }

    private @Nullable ConnectionEvents connectionEvents() {
        WskClientConnectionDispatch table = connectionDispatch();
        DuplexStream stream = kernel.stream();
        Turns turns = stream == null ? null : door.receives().get();
        return table == null || stream == null || turns == null
                ? null
                : made(connected, () -> new ConnectionEvents(host, this, table, inflow, stream, turns));
    }

    private @Nullable DatagramEvents datagramEvents() {
        WskReceiveFromEvent event =
                dispatch instanceof WskClientDatagramDispatch table ? table.wskReceiveFromEvent() : null;
        Turns turns = event == null ? null : door.receives().get();
        return event == null || turns == null
                ? null
                : made(datagrams, () -> new DatagramEvents(host, this, event, turns));
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
    public void receiveCalled() {
        ConnectionEvents events = connected.get();
        if (events != null) {
            events.resume();
        }
    }

    /** The network went down: a listener no longer works. */
    public void networkWentDown() {
        ListenEvents events = listening.get();
        if (events != null && kernel.isListening()) {
            host.stack().dispatcher().offer(events::died);
        }
    }

    // ---- receiving ahead

    /**
     * Reads what is there, first what a callback refused.
     *
     * @param stream the socket's
     * @param into where bytes go
     * @return as {@link DuplexStream#tryRead}
     * @throws IOException as that
     */
    public int tryRead(DuplexStream stream, ByteBuffer into) throws IOException {
        ConnectionEvents events = inflow.isEmpty() ? null : connected.get();
        int count = inflow.tryRead(stream, into);
        if (events != null) {
            // It may have given up until there is room here again, or until the end is all that is left.
            events.start();
        }
        return count;
    }

    /**
     * Tells whether bytes wait that a callback refused.
     *
     * @return true if so
     */
    public boolean hasUnread() {
        return !inflow.isEmpty();
    }

    /**
     * Receives the oldest datagram, if there is one, first one that a callback refused.
     *
     * @param takesRecords whether redirect records can be taken
     * @param received receives it
     * @return as {@link io.github.wfpsim.stack.Datagrams#tryReceive}
     */
    public NtStatus tryReceive(boolean takesRecords, Out<ReceivedDatagram> received) {
        return inbox.tryReceive(takesRecords, received);
    }

    /**
     * Lets datagrams of one peer in only (WSKS-30).
     *
     * @param peer whose; null for all
     */
    public void filter(@Nullable InetSocketAddress peer) {
        inbox.filter(peer);
    }

    /**
     * Takes a retained list back, WskRelease.
     *
     * @param indication its first piece
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER after a fault that was not thrown
     */
    public NtStatus release(WskDataIndication indication) {
        return loans.release(indication.loan());
    }

    /**
     * Takes a retained list back, WskRelease.
     *
     * @param indication its first datagram
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER after a fault that was not thrown
     */
    public NtStatus release(WskDatagramIndication indication) {
        return loans.release(indication.loan());
    }

    // ---- inspecting

    /**
     * Has connections inspected before they are let in, or no longer; before the socket is bound (WSKS-17).
     *
     * @param on whether
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER without WskInspectEvent; STATUS_INVALID_DEVICE_STATE if bound
     */
    public NtStatus setConditionalAccept(boolean on) {
        ListenEvents events = listenEvents();
        if (kernel.isBound()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (on && (events == null || !events.canInspect())) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (on && events != null) {
            callbacks.enable(Callbacks.INSPECTION);
            host.stack().setInspector(kernel, events::inspect);
        } else {
            callbacks.disable(Callbacks.INSPECTION);
            host.stack().setInspector(kernel, null);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    /**
     * Tells whether connections are inspected.
     *
     * @return true after conditional accept was switched on
     */
    public boolean isConditionalAccept() {
        return callbacks.isEnabled(Callbacks.INSPECTION);
    }

    /**
     * Ends an inspection that was pended.
     *
     * @param id which
     * @param accept whether it is let in
     * @return STATUS_SUCCESS; STATUS_NOT_FOUND if there is no such one
     */
    public NtStatus completeInspection(WskInspectId id, boolean accept) {
        ListenEvents events = listening.get();
        return events != null && events.settle(id, accept) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_NOT_FOUND;
    }

    // ---- closing

    /**
     * Lets no more callbacks start, and goes on when those that run have returned (WSKS-11).
     *
     * @param whenQuiet what follows, on this thread or on that of the last callback
     */
    public void close(Runnable whenQuiet) {
        callbacks.close();
        host.stack().setInspector(kernel, null);
        ListenEvents listen = listening.get();
        if (listen != null) {
            listen.close();
        }
        if (!callbacks.awaitReturnOfAll(whenQuiet)) {
            whenQuiet.run();
        }
    }

    /**
     * Looks for indications that the driver has kept, and takes them away: a fault each. Before {@link #close}.
     *
     * @param socket its name, for faults
     */
    public void findLeaks(String socket) {
        loans.close(socket);
    }
}
