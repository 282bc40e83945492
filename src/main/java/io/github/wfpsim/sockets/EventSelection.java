package io.github.wfpsim.sockets;

import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_ACCEPT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_ALL_EVENTS;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CLOSE;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_CONNECT;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_MAX_EVENTS;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_READ;
import static io.github.wfpsim.winsock.WsaNetworkEvents.FD_WRITE;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Readiness;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What WSAEventSelect keeps of one socket: the event, what is wanted, and the record of what has happened.
 *
 * <p>An event that was recorded is recorded again only after a call has enabled it; then at once, if its condition still
 * holds. Under the private lock it only looks, records and signals: nobody that a signal wakes runs in it.
 *
 * <p>Source: WSAEventSelect function; WSAEnumNetworkEvents function (SDK). Requirements: WSA-67 to WSA-72.
 */
final class EventSelection {

    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final SocketEntry entry;
    private final ErrorTranslation errors;
    private final Runnable watcher = this::look;
    private final Object lock = new Object();
    private final int[] codes = new int[FD_MAX_EVENTS];
    private @Nullable HostSocket watched;
    private @Nullable ManualResetEvent event;
    private int wanted;
    private int enabled;
    private int recorded;

    EventSelection(SocketEntry entry, ErrorTranslation errors) {
        this.entry = entry;
        this.errors = errors;
    }

    /** Wants these events, told by this one, instead of those before; the record is empty again. */
    void select(@Nullable ManualResetEvent told, int events) {
        select(told, events, FD_ALL_EVENTS);
    }

    private void select(@Nullable ManualResetEvent told, int events, int first) {
        synchronized (lock) {
            event = told;
            wanted = events;
            enabled = first;
            recorded = 0;
        }
        look();
    }

    /** Wants what the listener wants that the socket comes from; that it is connected is no news. */
    void inherit(EventSelection listener) {
        ManualResetEvent told;
        int events;
        synchronized (listener.lock) {
            told = listener.event;
            events = listener.wanted;
        }
        if (events != 0) {
            select(told, events, FD_ALL_EVENTS & ~FD_CONNECT);
        }
    }

    boolean isActive() {
        synchronized (lock) {
            return wanted != 0;
        }
    }

    /** A call was made that enables events; they are recorded at once if their condition holds. */
    void enable(int events) {
        synchronized (lock) {
            enabled |= events;
        }
        look();
    }

    /** A connect begins: its end, and that there is room then, are news. Answers what has been news only since. */
    int connecting() {
        synchronized (lock) {
            int more = (FD_CONNECT | FD_WRITE) & ~enabled;
            enabled |= more;
            return more;
        }
    }

    /** The connect was refused at once, which its call tells: what {@link #connecting} answered is no news. */
    void notConnecting(int more) {
        synchronized (lock) {
            enabled &= ~more;
        }
    }

    /** Tells what was recorded and forgets it, and resets an event, as one step. */
    void enumerate(@Nullable ManualResetEvent toReset, WsaNetworkEvents out) {
        synchronized (lock) {
            out.fill(recorded, codes);
            recorded = 0;
            if (toReset != null) {
                toReset.reset();
            }
        }
    }

    /** Looks at the socket, which may have changed. */
    void look() {
        synchronized (lock) {
            HostSocket kernel = entry.kernel();
            watch(wanted == 0 || entry.isClosed() ? null : kernel);
            if (watched == null) {
                return;
            }
            Readiness now = kernel.readiness();
            boolean listens = kernel.isListening();
            note(FD_ACCEPT, listens && now.hasInput(), 0);
            note(FD_READ, !listens && now.hasInput(), 0);
            note(FD_WRITE, now.isWritable() && !now.isAborted(), 0);
            noteConnect(kernel, now);
            note(FD_CLOSE, now.isEnded() && !now.hasInput(), now.isEnded() ? endOf(kernel) : 0);
            arm(kernel, now);
        }
    }

    private void noteConnect(HostSocket kernel, Readiness now) {
        NtStatus failure = now.hasConnectFailed() ? kernel.error() : null;
        if (failure != null) {
            note(FD_CONNECT, true, errors.ofConnect(failure).code());
        } else {
            note(FD_CONNECT, kernel.isConnected(), 0);
        }
    }

    /** How the connection has ended: 0, or what a receive would fail with. */
    private int endOf(HostSocket kernel) {
        DuplexStream stream = kernel.stream();
        try {
            if (stream != null) {
                stream.tryRead(NO_ROOM.duplicate());
            }
            return 0;
        } catch (IOException failure) {
            return errors.of(failure, entry).code();
        }
    }

    private void note(int bit, boolean happens, int code) {
        if (!happens || (wanted & enabled & bit) == 0) {
            return;
        }
        enabled &= ~bit;
        recorded |= bit;
        codes[Integer.numberOfTrailingZeros(bit)] = code;
        if (event != null) {
            event.set();
        }
    }

    /** Asks to be called for what has not happened; for what has, a watch would call at once and again. */
    private void arm(HostSocket kernel, Readiness now) {
        int open = wanted & enabled;
        if ((open & (FD_READ | FD_ACCEPT)) != 0 && !now.isReadable()) {
            kernel.watch().armRead();
        }
        if ((open & FD_WRITE) != 0 && !now.isWritable()) {
            kernel.watch().armWrite();
        }
        if ((open & FD_CLOSE) != 0 && !now.isEnded()) {
            kernel.watch().armEnd();
        }
    }

    /** AcceptEx gives a socket another kernel's half. */
    private void watch(@Nullable HostSocket kernel) {
        HostSocket before = watched;
        if (before == kernel) {
            return;
        }
        watched = kernel;
        if (before != null) {
            before.watch().leave(watcher);
        }
        if (kernel != null) {
            kernel.watch().join(watcher);
        }
    }
}
