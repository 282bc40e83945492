package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.winsock.Winsock;
import org.jspecify.annotations.Nullable;

/**
 * The options of setsockopt and getsockopt that are simulated; each value is four bytes.
 *
 * <p>Source: SOL_SOCKET Socket Options, IPPROTO_IP Socket Options, IPPROTO_IPV6 Socket Options (SDK). All others:
 * WSAENOPROTOOPT.
 */
final class SocketOptions {

    private static final int SIZEOF_DWORD = 4;

    private final HostStack stack;
    private final ErrorTranslation errors;

    SocketOptions(HostStack stack, ErrorTranslation errors) {
        this.stack = stack;
        this.errors = errors;
    }

    /** Whether memory of that size may hold an option: a DWORD or more, of the redirect types exactly one (UDP-08). */
    static boolean isSize(int level, int option, int size) {
        return AncillaryType.fromCode(level, option).isPresent() ? size == SIZEOF_DWORD : size >= SIZEOF_DWORD;
    }

    Win32Error set(SocketEntry entry, int level, int option, int value) {
        if (isV6Only(entry, level, option)) {
            return errors.of(entry.kernel().setV6Only(value != 0));
        }
        AncillaryType ancillary = ancillary(entry, level, option);
        if (ancillary != null) {
            entry.kernel().setAncillary(ancillary, value != 0);
            return Win32Error.NO_ERROR;
        }
        StoredOption stored = StoredOption.of(entry.kernel(), level, option);
        if (stored != null) {
            if (!stored.takes(value)) {
                return Win32Error.WSAEINVAL;
            }
            entry.store(stored, stored.kept(value));
            return Win32Error.NO_ERROR;
        }
        if (level != Winsock.SOL_SOCKET || !isOfType(entry, option)) {
            return Win32Error.WSAENOPROTOOPT;
        }
        switch (option) {
            case Winsock.SO_REUSEADDR -> {
                return errors.of(entry.kernel().setReusesAddress(value != 0));
            }
            case Winsock.SO_EXCLUSIVEADDRUSE -> {
                return errors.of(entry.kernel().setAddressExclusive(value != 0));
            }
            case Winsock.SO_BROADCAST -> entry.kernel().setMayBroadcast(value != 0);
            case Winsock.SO_RCVTIMEO -> entry.setReceiveTimeout(value);
            case Winsock.SO_SNDTIMEO -> entry.setSendTimeout(value);
            case Winsock.SO_LINGER -> entry.setLinger(value);
            case Winsock.SO_RCVBUF -> entry.kernel().setReceiveBuffer(value);
            case Winsock.SO_SNDBUF -> entry.setSendBuffer(value);
            default -> {
                return Win32Error.WSAENOPROTOOPT;
            }
        }
        return Win32Error.NO_ERROR;
    }

    Win32Error get(SocketEntry entry, int level, int option, OutUlong value) {
        if (isV6Only(entry, level, option)) {
            value.set(entry.kernel().isV6Only() ? 1 : 0);
            return Win32Error.NO_ERROR;
        }
        AncillaryType ancillary = ancillary(entry, level, option);
        if (ancillary != null) {
            value.set(entry.kernel().isAncillaryOn(ancillary) ? 1 : 0);
            return Win32Error.NO_ERROR;
        }
        StoredOption stored = StoredOption.of(entry.kernel(), level, option);
        if (stored != null) {
            value.set(entry.stored(stored));
            return Win32Error.NO_ERROR;
        }
        if (level != Winsock.SOL_SOCKET || !isOfType(entry, option)) {
            return Win32Error.WSAENOPROTOOPT;
        }
        switch (option) {
            case Winsock.SO_REUSEADDR -> value.set(entry.kernel().reusesAddress() ? 1 : 0);
            case Winsock.SO_EXCLUSIVEADDRUSE -> value.set(entry.kernel().isAddressExclusive() ? 1 : 0);
            case Winsock.SO_BROADCAST -> value.set(entry.kernel().mayBroadcast() ? 1 : 0);
            case Winsock.SO_ACCEPTCONN -> value.set(entry.kernel().isListening() ? 1 : 0);
            case Winsock.SO_TYPE -> value.set(entry.kernel().type().code());
            case Winsock.SO_RCVTIMEO -> value.set(entry.receiveTimeout());
            case Winsock.SO_SNDTIMEO -> value.set(entry.sendTimeout());
            case Winsock.SO_LINGER -> value.set(entry.linger());
            case Winsock.SO_RCVBUF -> value.set(entry.kernel().receiveBuffer());
            case Winsock.SO_SNDBUF -> value.set(entry.sendBuffer());
            case Winsock.SO_CONNECT_TIME -> value.set(stack.secondsConnected(entry.kernel()));
            case Winsock.SO_ERROR -> {
                NtStatus error = entry.kernel().takeError();
                value.set(error == null ? 0 : errors.ofConnect(error).code());
            }
            default -> {
                return Win32Error.WSAENOPROTOOPT;
            }
        }
        return Win32Error.NO_ERROR;
    }

    private static boolean isV6Only(SocketEntry entry, int level, int option) {
        return level == IpProtocol.IPPROTO_IPV6.code()
                && option == Winsock.IPV6_V6ONLY
                && entry.kernel().family() == AddressFamily.AF_INET6;
    }

    /** The redirect type that an option is on this socket, or null. */
    private @Nullable AncillaryType ancillary(SocketEntry entry, int level, int option) {
        return AncillaryType.fromCode(level, option)
                .filter(type -> stack.control().isSupported() && entry.kernel().hasAncillary(type))
                .orElse(null);
    }

    /** Some options are those of one type of socket. */
    private static boolean isOfType(SocketEntry entry, int option) {
        return switch (option) {
            case Winsock.SO_RCVBUF, Winsock.SO_BROADCAST -> entry.kernel().type() == SocketType.SOCK_DGRAM;
            case Winsock.SO_SNDBUF -> entry.kernel().type() != SocketType.SOCK_RAW;
            case Winsock.SO_ACCEPTCONN, Winsock.SO_CONNECT_TIME ->
                entry.kernel().type() == SocketType.SOCK_STREAM;
            default -> true;
        };
    }

    /** Whether an option brings a socket up to a connection that ConnectEx made; its value is not looked at. */
    static boolean updatesConnectContext(int level, int option) {
        return level == Winsock.SOL_SOCKET && option == Winsock.SO_UPDATE_CONNECT_CONTEXT;
    }

    /** Whether an option brings a socket up to a connection that AcceptEx took; its value is the listener. */
    static boolean updatesAcceptContext(int level, int option) {
        return level == Winsock.SOL_SOCKET && option == Winsock.SO_UPDATE_ACCEPT_CONTEXT;
    }

    /** The socket knows its connection from now on. */
    static Win32Error updateContext(SocketEntry entry) {
        if (!entry.kernel().isConnected()) {
            return Win32Error.WSAENOTCONN;
        }
        entry.setWithoutContext(false);
        return Win32Error.NO_ERROR;
    }
}
