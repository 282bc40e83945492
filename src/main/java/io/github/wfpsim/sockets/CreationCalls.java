package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaProtocolInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * socket, WSASocket and WSADuplicateSocket: judges what is asked for and gives the process a descriptor.
 *
 * <p>Source: socket function, WSASocketW function, WSADuplicateSocketW function (SDK). Requirement: WSA-73.
 */
final class CreationCalls {

    private final HostStack stack;
    private final ProcessEntry process;
    private final Caller caller;
    private final SocketTable sockets;

    CreationCalls(HostStack stack, ProcessEntry process, Caller caller, SocketTable sockets) {
        this.stack = stack;
        this.process = process;
        this.caller = caller;
        this.sockets = sockets;
    }

    /** Makes a socket with overlapped calls. */
    SocketHandle socket(AddressFamily af, SocketType type, IpProtocol protocol) {
        Objects.requireNonNull(af, "af must not be null: give AF_INET or AF_INET6");
        Objects.requireNonNull(type, "type must not be null: give SOCK_STREAM or another");
        Objects.requireNonNull(protocol, "protocol must not be null: give IPPROTO_TCP or another");
        Win32Error offline = caller.refusalOffline();
        Win32Error refusal = offline == Win32Error.NO_ERROR ? refusalOfType(type, protocol.code()) : offline;
        return refusal == Win32Error.NO_ERROR ? open(af, type, protocol, true) : caller.invalid(refusal);
    }

    /** Makes a socket of codes. */
    SocketHandle socket(int af, int type, int protocol, int dwFlags) {
        Win32Error refusal = refusalToOpen(af, type, protocol, dwFlags);
        if (refusal != Win32Error.NO_ERROR) {
            return caller.invalid(refusal);
        }
        return open(
                AddressFamily.fromCode(af).orElseThrow(),
                SocketType.fromCode(type).orElseThrow(),
                IpProtocol.fromCode(protocol).orElseThrow(),
                (dwFlags & Winsock.WSA_FLAG_OVERLAPPED) != 0);
    }

    /** Makes a descriptor for another process. */
    int duplicate(SocketHandle s, int dwProcessId, @Nullable Out<WsaProtocolInfo> lpProtocolInfo) {
        SocketEntry entry = caller.findOnline(s);
        if (entry == null) {
            return Winsock.SOCKET_ERROR;
        }
        if (lpProtocolInfo == null) {
            return caller.fail(Win32Error.WSAEFAULT);
        }
        ProcessEntry target = stack.process(dwProcessId).orElse(null);
        if (target == null || !stack.share(entry.kernel(), target)) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        lpProtocolInfo.set(new DuplicatedSocket(entry, target));
        return 0;
    }

    /** Takes the descriptor that another process made for this one. */
    SocketHandle take(int af, int type, int protocol, WsaProtocolInfo lpProtocolInfo, int dwFlags) {
        Win32Error offline = caller.refusalOffline();
        if (offline != Win32Error.NO_ERROR) {
            return caller.invalid(offline);
        }
        DuplicatedSocket duplicate = DuplicatedSocket.of(lpProtocolInfo);
        boolean fits = duplicate.fits(af, type, protocol)
                && (dwFlags & ~(Winsock.WSA_FLAG_OVERLAPPED | Winsock.WSA_FLAG_NO_HANDLE_INHERIT)) == 0;
        SocketEntry entry = fits ? duplicate.take(process) : null;
        if (entry == null) {
            return caller.invalid(Win32Error.WSAEINVAL);
        }
        SocketHandle handle = sockets.addDescriptor(entry);
        return handle == null ? caller.invalid(Win32Error.WSANOTINITIALISED) : handle;
    }

    private SocketHandle open(AddressFamily af, SocketType type, IpProtocol protocol, boolean hasOverlapped) {
        IpProtocol effective = protocol.code() == 0 ? defaultProtocol(type) : protocol;
        HostSocket kernel = stack.open(process, af, type, effective);
        SocketEntry entry = new SocketEntry(SocketEntry.handleOf(kernel), kernel, hasOverlapped);
        return sockets.add(entry) ? entry.handle() : caller.invalid(Win32Error.WSANOTINITIALISED);
    }

    private Win32Error refusalToOpen(int af, int type, int protocol, int dwFlags) {
        Win32Error offline = caller.refusalOffline();
        if (offline != Win32Error.NO_ERROR) {
            return offline;
        }
        if ((dwFlags & ~(Winsock.WSA_FLAG_OVERLAPPED | Winsock.WSA_FLAG_NO_HANDLE_INHERIT)) != 0) {
            return Win32Error.WSAEINVAL;
        }
        if (AddressFamily.fromCode(af).isEmpty()) {
            return Win32Error.WSAEAFNOSUPPORT;
        }
        if (SocketType.fromCode(type).isEmpty()) {
            return Win32Error.WSAESOCKTNOSUPPORT;
        }
        if (IpProtocol.fromCode(protocol).isEmpty()) {
            return Win32Error.WSAEPROTONOSUPPORT;
        }
        return refusalOfType(SocketType.fromCode(type).get(), protocol);
    }

    private Win32Error refusalOfType(SocketType type, int protocol) {
        return switch (type) {
            case SOCK_STREAM, SOCK_DGRAM ->
                protocol == 0 || protocol == defaultProtocol(type).code()
                        ? Win32Error.NO_ERROR
                        : Win32Error.WSAEPROTOTYPE;
            // TCP/IP Raw Sockets: only members of the Administrators group may create them.
            case SOCK_RAW -> process.token().isElevated() ? Win32Error.NO_ERROR : Win32Error.WSAEACCES;
        };
    }

    private static IpProtocol defaultProtocol(SocketType type) {
        return switch (type) {
            case SOCK_STREAM -> IpProtocol.IPPROTO_TCP;
            case SOCK_DGRAM -> IpProtocol.IPPROTO_UDP;
            case SOCK_RAW -> IpProtocol.IPPROTO_IP;
        };
    }
}
