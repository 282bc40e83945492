package io.github.wfpsim.winsock;

import java.util.Objects;

/**
 * One socket that WSAPoll looks at: the WSAPOLLFD structure.
 *
 * <p>Not safe for use by several threads at once. Source: WSAPOLLFD structure (SDK). Requirements: NBIO-08 to NBIO-12.
 */
public final class WsaPollFd {

    /** Bytes, a datagram or a connection can be taken without waiting. */
    public static final int POLLRDNORM = 0x0100;

    /** Out-of-band data can be read without waiting; it may be asked for and never comes here. */
    public static final int POLLRDBAND = 0x0200;

    /** {@link #POLLRDNORM} and {@link #POLLRDBAND}. */
    public static final int POLLIN = 0x0300;

    /** Priority data can be read; the provider of Windows refuses to be asked for it. */
    public static final int POLLPRI = 0x0400;

    /** A send would not wait. */
    public static final int POLLWRNORM = 0x0010;

    /** The same as {@link #POLLWRNORM}. */
    public static final int POLLOUT = 0x0010;

    /** Out-of-band data can be sent; the provider of Windows refuses to be asked for it. */
    public static final int POLLWRBAND = 0x0020;

    /** Comes unasked: the connection was reset, or the connect failed. */
    public static final int POLLERR = 0x0001;

    /** Comes unasked: the peer has ended its direction, the connection was reset, or the connect failed. */
    public static final int POLLHUP = 0x0002;

    /** Comes unasked: there is no such socket. */
    public static final int POLLNVAL = 0x0004;

    private final SocketHandle fd;
    private final int events;
    private int revents;

    /**
     * Creates a structure whose revents is 0.
     *
     * @param fd the socket; one with a negative number, such as {@link SocketHandle#INVALID_SOCKET}, is passed over
     * @param events what to ask for: {@link #POLLRDNORM}, {@link #POLLRDBAND}, {@link #POLLWRNORM}, or 0
     */
    public WsaPollFd(SocketHandle fd, int events) {
        this.fd = Objects.requireNonNull(fd, "fd must not be null: INVALID_SOCKET stands for none");
        this.events = events;
    }

    /** {@return the socket} */
    public SocketHandle fd() {
        return fd;
    }

    /** {@return the flags that are asked for} */
    public int events() {
        return events;
    }

    /**
     * {@return the flags that the last WSAPoll found; 0 if the socket is ready for nothing that was asked for, and has
     * no error}
     */
    public int revents() {
        return revents;
    }

    /**
     * Stores what was found, as WSAPoll does.
     *
     * @param flags the flags
     */
    public void setRevents(int flags) {
        this.revents = flags;
    }

    @Override
    public String toString() {
        return String.format("WSAPOLLFD[%s, events 0x%04X, revents 0x%04X]", fd, events, revents);
    }
}
