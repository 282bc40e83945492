package io.github.wfpsim.winsock;

import java.util.Objects;

/**
 * What has happened at a socket since it was asked last: the WSANETWORKEVENTS structure, which {@link
 * Winsock#wsaEnumNetworkEvents} fills.
 *
 * <p>Not safe for use by several threads at once. Source: WSANETWORKEVENTS structure; WSAEventSelect function (SDK).
 * Requirements: WSA-67 to WSA-72.
 */
public final class WsaNetworkEvents {

    /** Index of the error code of {@link #FD_READ}. */
    public static final int FD_READ_BIT = 0;

    /** Bytes or a datagram can be received. */
    public static final int FD_READ = 1 << FD_READ_BIT;

    /** Index of the error code of {@link #FD_WRITE}. */
    public static final int FD_WRITE_BIT = 1;

    /** There is room to send: first, and again after a send that would have blocked. */
    public static final int FD_WRITE = 1 << FD_WRITE_BIT;

    /** Index of the error code of {@link #FD_OOB}. */
    public static final int FD_OOB_BIT = 2;

    /** Out-of-band data can be received; it may be asked for and never comes here. */
    public static final int FD_OOB = 1 << FD_OOB_BIT;

    /** Index of the error code of {@link #FD_ACCEPT}. */
    public static final int FD_ACCEPT_BIT = 3;

    /** A connection can be accepted. */
    public static final int FD_ACCEPT = 1 << FD_ACCEPT_BIT;

    /** Index of the error code of {@link #FD_CONNECT}. */
    public static final int FD_CONNECT_BIT = 4;

    /** A connect has ended; its error code tells how. */
    public static final int FD_CONNECT = 1 << FD_CONNECT_BIT;

    /** Index of the error code of {@link #FD_CLOSE}. */
    public static final int FD_CLOSE_BIT = 5;

    /** The peer has ended its direction and all was received, or the connection was reset. */
    public static final int FD_CLOSE = 1 << FD_CLOSE_BIT;

    /** How many kinds of events there are; those above {@link #FD_CLOSE} may be asked for and never come here. */
    public static final int FD_MAX_EVENTS = 10;

    /** All kinds of events. */
    public static final int FD_ALL_EVENTS = (1 << FD_MAX_EVENTS) - 1;

    private final int[] errorCodes = new int[FD_MAX_EVENTS];
    private int networkEvents;

    /** Creates a structure of zeros. */
    public WsaNetworkEvents() {
        // Zeros are what Java begins with.
    }

    /** {@return the events that have happened, lNetworkEvents} */
    public int networkEvents() {
        return networkEvents;
    }

    /**
     * {@return the error code of an event, iErrorCode: a Winsock code, 0 for none; left alone unless the event has happened}
     *
     * @param bit index of the event, such as {@link #FD_CLOSE_BIT}
     * @throws IndexOutOfBoundsException if there is no such event
     */
    public int errorCode(int bit) {
        return errorCodes[Objects.checkIndex(bit, FD_MAX_EVENTS)];
    }

    /**
     * Fills the structure, as WSAEnumNetworkEvents does.
     *
     * @param events what has happened
     * @param codes one error code for each event; only those of events that have happened are taken
     */
    public void fill(int events, int[] codes) {
        Objects.requireNonNull(codes, "codes must not be null: give FD_MAX_EVENTS error codes");
        networkEvents = events;
        for (int bit = 0; bit < FD_MAX_EVENTS; bit++) {
            if ((events & 1 << bit) != 0) {
                errorCodes[bit] = codes[bit];
            }
        }
    }
}
