package io.github.wfpsim.winsock;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A set of sockets for {@link Winsock#select}: the fd_set structure with its macros.
 *
 * <p>Not safe for use by several threads at once. Source: select function (SDK). Requirements: NBIO-03, NBIO-07.
 */
public final class FdSet {

    /** The most sockets in a set; further ones are not added. */
    public static final int FD_SETSIZE = 64;

    private final List<SocketHandle> sockets = new ArrayList<>();

    /** Creates an empty set, as FD_ZERO leaves it. */
    public FdSet() {}

    /**
     * Adds a socket unless it is in the set or the set is full, FD_SET.
     *
     * @param fd the socket
     * @return this set
     */
    public FdSet fdSet(SocketHandle fd) {
        require(fd);
        if (sockets.size() < FD_SETSIZE && !sockets.contains(fd)) {
            sockets.add(fd);
        }
        return this;
    }

    /**
     * Takes a socket out, FD_CLR; does nothing if it is not in the set.
     *
     * @param fd the socket
     */
    public void fdClr(SocketHandle fd) {
        sockets.remove(require(fd));
    }

    /** Takes all sockets out, FD_ZERO. */
    public void fdZero() {
        sockets.clear();
    }

    /**
     * Tells whether a socket is in the set, FD_ISSET.
     *
     * @param fd the socket
     * @return true if so
     */
    public boolean fdIsSet(SocketHandle fd) {
        return sockets.contains(require(fd));
    }

    /** {@return the sockets of the set in the order in which they were added, members fd_count and fd_array} */
    public List<SocketHandle> fdArray() {
        return List.copyOf(sockets);
    }

    private static SocketHandle require(SocketHandle fd) {
        return Objects.requireNonNull(fd, "fd must not be null: give a socket");
    }

    @Override
    public String toString() {
        return "fd_set" + sockets;
    }
}
