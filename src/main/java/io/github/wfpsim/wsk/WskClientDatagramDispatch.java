package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import org.jspecify.annotations.Nullable;

/**
 * Event callbacks of a datagram socket, WSK_CLIENT_DATAGRAM_DISPATCH. Source: WSK_CLIENT_DATAGRAM_DISPATCH (WDK).
 * Requirement: WSKS-29.
 *
 * @param wskReceiveFromEvent gets datagrams, or null
 */
public record WskClientDatagramDispatch(@Nullable WskReceiveFromEvent wskReceiveFromEvent)
        implements WskClientDispatch {

    /** Datagrams have come, PFN_WSK_RECEIVE_FROM_EVENT. Called when no WskReceiveFrom is pending. */
    @FunctionalInterface
    public interface WskReceiveFromEvent {

        /**
         * Takes the datagrams, keeps them for later, or refuses them.
         *
         * @param socketContext the socket's context
         * @param flags {@link WskEventFlags#WSK_FLAG_AT_DISPATCH_LEVEL} or 0
         * @param dataIndication a list of datagrams; null if the socket no longer works and should be closed
         * @return STATUS_SUCCESS; STATUS_PENDING to keep the list until WskRelease; STATUS_DATA_NOT_ACCEPTED to have
         *     them wait for WskReceiveFrom, which switches the event off, or, if it is static, to lose them
         */
        NtStatus receivedFrom(
                @Nullable Object socketContext, int flags, @Nullable WskDatagramIndication dataIndication);
    }
}
