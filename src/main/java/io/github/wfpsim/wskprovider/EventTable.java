package io.github.wfpsim.wskprovider;

import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientDatagramDispatch;
import io.github.wfpsim.wsk.WskClientDatagramDispatch.WskReceiveFromEvent;
import io.github.wfpsim.wsk.WskClientDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch;
import io.github.wfpsim.wsk.WskClientStreamDispatch;
import io.github.wfpsim.wsk.WskEventFlags;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks that a driver has given a socket.
 *
 * @param context what they get
 * @param dispatch the driver's table; null for none
 */
record EventTable(@Nullable Object context, @Nullable WskClientDispatch dispatch) {

    static final EventTable NONE = new EventTable(null, null);

    boolean isOfDatagrams() {
        return dispatch instanceof WskClientDatagramDispatch;
    }

    @Nullable
    WskClientListenDispatch listen() {
        if (dispatch instanceof WskClientStreamDispatch both) {
            return both.listen();
        }
        return dispatch instanceof WskClientListenDispatch listen ? listen : null;
    }

    @Nullable
    WskClientConnectionDispatch connection() {
        if (dispatch instanceof WskClientStreamDispatch both) {
            return both.connect();
        }
        return dispatch instanceof WskClientConnectionDispatch connection ? connection : null;
    }

    @Nullable
    WskReceiveFromEvent receiveFrom() {
        return dispatch instanceof WskClientDatagramDispatch table ? table.wskReceiveFromEvent() : null;
    }

    /** The events that a socket can have now and has a callback for. */
    int eventsOf(HostSocket socket) {
        int events = receiveFrom() == null ? 0 : WskEventFlags.WSK_EVENT_RECEIVE_FROM;
        WskClientListenDispatch listen = listen();
        if (listen != null && listen.wskAcceptEvent() != null && socket.isListening()) {
            events |= WskEventFlags.WSK_EVENT_ACCEPT;
        }
        WskClientConnectionDispatch connection = connection();
        if (connection != null && socket.stream() != null) {
            events |= connection.wskReceiveEvent() == null ? 0 : WskEventFlags.WSK_EVENT_RECEIVE;
            events |= connection.wskDisconnectEvent() == null ? 0 : WskEventFlags.WSK_EVENT_DISCONNECT;
            events |= connection.wskSendBacklogEvent() == null ? 0 : WskEventFlags.WSK_EVENT_SEND_BACKLOG;
        }
        return events;
    }
}
