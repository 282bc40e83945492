package io.github.wfpsim.winsock;

/**
 * A manual-reset event, WSAEVENT: {@link Kernel32#wsaCreateEvent} makes it not signalled. Safe for use by many
 * threads.
 *
 * <p>Source: WSACreateEvent function; WSASetEvent function; WSAResetEvent function (SDK). Requirement: WSA-50.
 */
public interface WsaEvent extends AutoCloseable {

    /**
     * Signals the event, WSASetEvent.
     *
     * @return false if it is closed
     */
    boolean set();

    /**
     * Takes the signal back, WSAResetEvent.
     *
     * @return false if it is closed
     */
    boolean reset();

    /** {@return whether it is signalled} */
    boolean isSignalled();

    /** {@return whether it was closed} */
    boolean isClosed();

    /** Closes the event, WSACloseEvent; who waits for it waits no longer. A second call does nothing. */
    @Override
    void close();
}
