package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;

/**
 * The options of setsockopt and getsockopt that are simulated; each value is four bytes.
 *
 * <p>Source: SOL_SOCKET Socket Options, IPPROTO_IPV6 Socket Options (SDK). All others: WSAENOPROTOOPT.
 */
final class SocketOptions {

    private final ErrorTranslation errors;

    SocketOptions(ErrorTranslation errors) {
        this.errors = errors;
    }

    Win32Error set(SocketEntry entry, int level, int option, int value) {
        if (isV6Only(entry, level, option)) {
            return errors.of(entry.kernel().setV6Only(value != 0));
        }
        if (level != Winsock.SOL_SOCKET) {
            return Win32Error.WSAENOPROTOOPT;
        }
        switch (option) {
            case Winsock.SO_RCVTIMEO -> entry.setReceiveTimeout(value);
            case Winsock.SO_SNDTIMEO -> entry.setSendTimeout(value);
            case Winsock.SO_LINGER -> entry.setLinger(value);
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
        if (level != Winsock.SOL_SOCKET) {
            return Win32Error.WSAENOPROTOOPT;
        }
        switch (option) {
            case Winsock.SO_RCVTIMEO -> value.set(entry.receiveTimeout());
            case Winsock.SO_SNDTIMEO -> value.set(entry.sendTimeout());
            case Winsock.SO_LINGER -> value.set(entry.linger());
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
}
