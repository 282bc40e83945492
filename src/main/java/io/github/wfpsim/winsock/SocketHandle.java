package io.github.wfpsim.winsock;

/**
 * A socket descriptor, the SOCKET of the C headers: an opaque number that one process uses for one socket.
 *
 * <p>Numbers are multiples of 4, unique on their machine, never reused; stories and faults speak of a socket by the
 * same number. A handle is good only with the {@link Winsock}
 * that issued it; everywhere else, and after closesocket, calls fail with {@code WSAENOTSOCK} (WSA-26). Making one up is
 * allowed, as in C, and gives the same answer.
 *
 * <p>Source: Socket Data Type - 2 (SDK).
 *
 * @param value the number
 */
public record SocketHandle(long value) {

    /** What calls return that could not create a socket: all bits set. */
    public static final SocketHandle INVALID_SOCKET = new SocketHandle(-1);

    @Override
    public String toString() {
        return value == -1 ? "INVALID_SOCKET" : "#" + Long.toUnsignedString(value);
    }
}
