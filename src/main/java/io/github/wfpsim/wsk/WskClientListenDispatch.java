package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Event callbacks of a listening socket, WSK_CLIENT_LISTEN_DISPATCH. Source: WSK_CLIENT_LISTEN_DISPATCH (WDK).
 * Requirements: WSKS-14 to WSKS-17.
 *
 * @param wskAcceptEvent hears of connections, or null
 * @param wskInspectEvent decides about connections that ask to be let in, or null; needs SO_CONDITIONAL_ACCEPT
 * @param wskAbortEvent hears that one that is being inspected went away, or null
 */
public record WskClientListenDispatch(
        @Nullable WskAcceptEvent wskAcceptEvent,
        @Nullable WskInspectEvent wskInspectEvent,
        @Nullable WskAbortEvent wskAbortEvent)
        implements WskClientDispatch {

    /** A connection has come, PFN_WSK_ACCEPT_EVENT. Called when no WskAccept is pending (WSKS-14). */
    @FunctionalInterface
    public interface WskAcceptEvent {

        /**
         * Takes the connection or not.
         *
         * @param socketContext the listener's context
         * @param flags {@link WskEventFlags#WSK_FLAG_AT_DISPATCH_LEVEL} or 0
         * @param localAddress where it came in, valid for this call only; null with acceptSocket
         * @param remoteAddress where it came from, valid for this call only; null with acceptSocket
         * @param acceptSocket the new socket, a {@link WskStreamSocket} from a stream socket that listens; null if the
         *     listener no longer works and should be closed
         * @param acceptSocketContext receives what the new socket's callbacks get
         * @param acceptSocketDispatch receives the new socket's callbacks
         * @return STATUS_SUCCESS to keep the socket; STATUS_REQUEST_NOT_ACCEPTED to have it closed, as any failure does
         */
        NtStatus accepted(
                @Nullable Object socketContext,
                int flags,
                @Nullable SockaddrRef localAddress,
                @Nullable SockaddrRef remoteAddress,
                @Nullable WskConnectionSocket acceptSocket,
                Out<Object> acceptSocketContext,
                Out<WskClientConnectionDispatch> acceptSocketDispatch);
    }

    /** A connection asks to be let in, PFN_WSK_INSPECT_EVENT (WSKS-17). */
    @FunctionalInterface
    public interface WskInspectEvent {

        /**
         * Decides, or says that the decision comes later by WskInspectComplete.
         *
         * @param socketContext the listener's context
         * @param localAddress where it comes in, valid for this call only; null with inspectId
         * @param remoteAddress where it comes from, valid for this call only; null with inspectId
         * @param inspectId names the request; null if the listener no longer works and should be closed
         * @return the decision; not looked at without inspectId
         */
        WskInspectAction inspect(
                @Nullable Object socketContext,
                @Nullable SockaddrRef localAddress,
                @Nullable SockaddrRef remoteAddress,
                @Nullable WskInspectId inspectId);
    }

    /** A connection that is being inspected went away, PFN_WSK_ABORT_EVENT (WSKS-17). */
    @FunctionalInterface
    public interface WskAbortEvent {

        /**
         * Hears of it.
         *
         * @param socketContext the listener's context
         * @param inspectId which one
         * @return STATUS_SUCCESS
         */
        NtStatus aborted(@Nullable Object socketContext, WskInspectId inspectId);
    }

    /** What to do with a connection that asks to be let in, WSK_INSPECT_ACTION, in the order of wsk.h (WDK). */
    public enum WskInspectAction {
        /** Refuse it. */
        WskInspectReject,
        /** Let it in. */
        WskInspectAccept,
        /** Decide later, by WskInspectComplete. */
        WskInspectPend
    }

    /**
     * Names a connection that asks to be let in, WSK_INSPECT_ID (WSKS-17).
     *
     * @param key a number
     * @param serialNumber another one
     */
    public record WskInspectId(long key, int serialNumber) {}

    /**
     * {@return a table that takes connections without inspecting them}
     *
     * @param wskAcceptEvent hears of connections
     */
    public static WskClientListenDispatch accepting(WskAcceptEvent wskAcceptEvent) {
        Objects.requireNonNull(wskAcceptEvent, "wskAcceptEvent must not be null: give the callback");
        return new WskClientListenDispatch(wskAcceptEvent, null, null);
    }
}
