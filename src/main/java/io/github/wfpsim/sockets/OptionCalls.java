package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * setsockopt and getsockopt: judges memory and sizes; what an option does is a matter of {@link SocketOptions}.
 *
 * <p>Source: setsockopt function, getsockopt function (SDK). Requirements: WSA-61, OVL-05.
 */
final class OptionCalls {

    private final Caller caller;
    private final SocketOptions options;

    OptionCalls(Caller caller, SocketOptions options) {
        this.caller = caller;
        this.options = options;
    }

    int set(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, int optlen) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (SocketOptions.updatesConnectContext(level, optname)) {
            return caller.result(SocketOptions.updateContext(entry));
        }
        if (SocketOptions.updatesAcceptContext(level, optname)) {
            boolean sound = optval != null && optlen >= Long.BYTES && optlen <= optval.remaining();
            return optval == null || !sound
                    ? caller.fail(Win32Error.WSAEFAULT)
                    : updateAcceptContext(
                            entry,
                            optval.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong());
        }
        if (optval == null || !SocketOptions.isSize(level, optname, optlen) || optlen > optval.remaining()) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        int value = optval.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt();
        return caller.result(options.set(entry, level, optname, value));
    }

    int set(SocketHandle s, int level, int optname, int optval) {
        SocketEntry entry = caller.find(s);
        if (entry != null && SocketOptions.updatesConnectContext(level, optname)) {
            return caller.result(SocketOptions.updateContext(entry));
        }
        if (entry != null && SocketOptions.updatesAcceptContext(level, optname)) {
            return updateAcceptContext(entry, optval);
        }
        return entry == null ? Winsock.SOCKET_ERROR : caller.result(options.set(entry, level, optname, optval));
    }

    /** The socket takes the properties of its listener over, and knows its connection from now on (OVL-05). */
    private int updateAcceptContext(SocketEntry entry, long listening) {
        SocketEntry listener = caller.find(new SocketHandle(listening));
        if (listener == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (!listener.kernel().isListening()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        Win32Error error = SocketOptions.updateContext(entry);
        if (error == Win32Error.NO_ERROR) {
            entry.takeOver(listener);
        }
        return caller.result(error);
    }

    int get(SocketHandle s, int level, int optname, @Nullable OutUlong optval) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        return optval == null
                ? caller.fail(Win32Error.WSAEFAULT)
                : caller.result(options.get(entry, level, optname, optval));
    }

    int get(SocketHandle s, int level, int optname, @Nullable ByteBuffer optval, @Nullable OutUlong optlen) {
        SocketEntry entry = caller.find(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        boolean sound = optval != null
                && optlen != null
                && !optval.isReadOnly()
                && SocketOptions.isSize(level, optname, optlen.value())
                && optlen.value() <= optval.remaining();
        if (!sound) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        OutUlong value = new OutUlong();
        Win32Error error = options.get(entry, level, optname, value);
        if (error == Win32Error.NO_ERROR) {
            Objects.requireNonNull(optval, "judged before")
                    .duplicate()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value.value());
            Objects.requireNonNull(optlen, "judged before").set(Integer.BYTES);
        }
        return caller.result(error);
    }
}
