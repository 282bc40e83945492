package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One process as it calls Winsock: finds its sockets, or says why not, and keeps the last error of each of its threads.
 * Failures store a code, successes leave it alone.
 *
 * <p>Requirements: WSA-02, WSA-03.
 */
final class Caller {

    private final HostStack stack;
    private final SocketTable sockets;
    private final ThreadLocal<int[]> lastError = ThreadLocal.withInitial(() -> new int[1]);

    Caller(HostStack stack, SocketTable sockets) {
        this.stack = stack;
        this.sockets = sockets;
    }

    // ---- sockets

    /** Finds a socket; null after a failure, whose code is the last error. */
    @Nullable
    SocketEntry find(SocketHandle s) {
        SocketEntry entry = sockets.find(checked(s));
        if (!sockets.isInitialised()) {
            fail(Win32Error.WSANOTINITIALISED);
            return null;
        }
        if (entry == null) {
            fail(Win32Error.WSAENOTSOCK);
        }
        return entry;
    }

    /** As find, for calls that need the network. */
    @Nullable
    SocketEntry findOnline(SocketHandle s) {
        if (sockets.isInitialised() && !stack.isNetworkUp()) {
            fail(Win32Error.WSAENETDOWN);
            return null;
        }
        return find(s);
    }

    /** Finds a socket and leaves the last error alone. */
    @Nullable
    SocketEntry findQuietly(SocketHandle s) {
        return sockets.isInitialised() ? sockets.find(checked(s)) : null;
    }

    /** What keeps a call from running that needs the network and no particular socket. */
    Win32Error refusalOffline() {
        if (!sockets.isInitialised()) {
            return Win32Error.WSANOTINITIALISED;
        }
        return stack.isNetworkUp() ? Win32Error.NO_ERROR : Win32Error.WSAENETDOWN;
    }

    static SocketHandle checked(SocketHandle s) {
        return Objects.requireNonNull(s, "s must not be null: a socket that could not be created is INVALID_SOCKET");
    }

    static InetSocketAddress resolved(InetSocketAddress name) {
        if (name.isUnresolved()) {
            throw new IllegalArgumentException(IpAddress.text(name)
                    + " is unresolved: build it from an InetAddress, names are not looked up here");
        }
        return name;
    }

    // ---- the last error

    int lastError() {
        return lastError.get()[0];
    }

    void setLastError(int code) {
        lastError.get()[0] = code;
    }

    // ---- network events

    /** After any receive, however it ended, the next bytes are news (WSA-69). */
    static int received(SocketEntry entry, int result) {
        entry.enable(WsaNetworkEvents.FD_READ);
        return result;
    }

    /** After a send that would have blocked, room is news (WSA-70). */
    int sent(SocketEntry entry, int result) {
        if (result == Winsock.SOCKET_ERROR && lastError() == Win32Error.WSAEWOULDBLOCK.code()) {
            entry.enable(WsaNetworkEvents.FD_WRITE);
        }
        return result;
    }

    // ---- results

    /** 0 without error, else SOCKET_ERROR. */
    int result(Win32Error error) {
        return error == Win32Error.NO_ERROR ? 0 : fail(error);
    }

    int fail(Win32Error error) {
        setLastError(error.code());
        return Winsock.SOCKET_ERROR;
    }

    /** As fail, for calls that give a socket. */
    SocketHandle invalid(Win32Error error) {
        setLastError(error.code());
        return SocketHandle.INVALID_SOCKET;
    }
}
