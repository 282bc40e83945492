package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import org.jspecify.annotations.Nullable;

/**
 * Event callbacks of a connection, WSK_CLIENT_CONNECTION_DISPATCH. Source: WSK_CLIENT_CONNECTION_DISPATCH (WDK).
 * Requirements: WSKS-24, WSKS-25, WSKS-27.
 *
 * @param wskReceiveEvent gets data, or null
 * @param wskDisconnectEvent hears that the peer has disconnected, or null
 * @param wskSendBacklogEvent hears of another ideal send backlog, or null; <b>stored</b>: the backlog never changes here
 */
public record WskClientConnectionDispatch(
        @Nullable WskReceiveEvent wskReceiveEvent,
        @Nullable WskDisconnectEvent wskDisconnectEvent,
        @Nullable WskSendBacklogEvent wskSendBacklogEvent)
        implements WskClientDispatch {

    /** Data has come, PFN_WSK_RECEIVE_EVENT. Called when no WskReceive is pending (WSKS-24). */
    @FunctionalInterface
    public interface WskReceiveEvent {

        /**
         * Takes the data, or a part, or keeps it for later, or refuses it.
         *
         * @param socketContext the socket's context
         * @param flags {@link WskEventFlags#WSK_FLAG_AT_DISPATCH_LEVEL} or 0
         * @param dataIndication a list of pieces; null if the socket no longer works and should be closed
         * @param bytesIndicated bytes in the list
         * @param bytesAccepted may be set to how many bytes were taken, if not all
         * @return STATUS_SUCCESS after taking all or a part; STATUS_PENDING to keep the list until WskRelease;
         *     STATUS_DATA_NOT_ACCEPTED to take nothing. After a part or nothing, the next call comes after WskReceive
         */
        NtStatus received(
                @Nullable Object socketContext,
                int flags,
                @Nullable WskDataIndication dataIndication,
                long bytesIndicated,
                Out<Long> bytesAccepted);
    }

    /** The peer has disconnected, PFN_WSK_DISCONNECT_EVENT (WSKS-27). */
    @FunctionalInterface
    public interface WskDisconnectEvent {

        /**
         * Hears of it. After a graceful end of the peer this side may still send.
         *
         * @param socketContext the socket's context
         * @param flags {@link WskEventFlags#WSK_FLAG_ABORTIVE}, {@link WskEventFlags#WSK_FLAG_AT_DISPATCH_LEVEL}
         * @return STATUS_SUCCESS
         */
        NtStatus disconnected(@Nullable Object socketContext, int flags);
    }

    /** The ideal send backlog has changed, PFN_WSK_SEND_BACKLOG_EVENT. */
    @FunctionalInterface
    public interface WskSendBacklogEvent {

        /**
         * Hears of it.
         *
         * @param socketContext the socket's context
         * @param idealBacklogSize bytes
         * @return STATUS_SUCCESS
         */
        NtStatus backlogChanged(@Nullable Object socketContext, long idealBacklogSize);
    }
}
