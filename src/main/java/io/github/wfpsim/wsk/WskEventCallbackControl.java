package io.github.wfpsim.wsk;

import java.util.Objects;
import java.util.UUID;

/**
 * Which events to switch, WSK_EVENT_CALLBACK_CONTROL: the input of socket option SO_WSK_EVENT_CALLBACK and of client
 * control code WSK_SET_STATIC_EVENT_CALLBACKS.
 *
 * <p>Source: WSK_EVENT_CALLBACK_CONTROL; SO_WSK_EVENT_CALLBACK (WDK). Requirements: WSKS-31, WSKS-34.
 *
 * @param npiId whose events: {@link #NPI_WSK_INTERFACE_ID}
 * @param eventMask {@link WskEventFlags}
 */
public record WskEventCallbackControl(UUID npiId, int eventMask) {

    /** Names the events of WSK itself; there are no extension interfaces here. */
    public static final UUID NPI_WSK_INTERFACE_ID = UUID.fromString("2227e803-8d8b-11d4-abad-009027719e09");

    /**
     * Takes whose events and which.
     *
     * @param npiId whose events
     * @param eventMask {@link WskEventFlags}
     */
    public WskEventCallbackControl {
        Objects.requireNonNull(npiId, "npiId must not be null: give NPI_WSK_INTERFACE_ID");
    }

    /**
     * {@return the request to switch events on}
     *
     * @param events one or several WSK_EVENT_* masks
     */
    public static WskEventCallbackControl enable(int events) {
        return new WskEventCallbackControl(NPI_WSK_INTERFACE_ID, events);
    }

    /**
     * {@return the request to switch one event off}
     *
     * @param event one WSK_EVENT_* mask
     */
    public static WskEventCallbackControl disable(int event) {
        return new WskEventCallbackControl(NPI_WSK_INTERFACE_ID, event | WskEventFlags.WSK_EVENT_DISABLE);
    }
}
