package io.github.wfpsim.sockets;

import io.github.wfpsim.winsock.LpfnAcceptEx;
import io.github.wfpsim.winsock.LpfnConnectEx;
import io.github.wfpsim.winsock.LpfnGetAcceptExSockaddrs;
import io.github.wfpsim.winsock.LpfnWsaRecvMsg;
import io.github.wfpsim.winsock.LpfnWsaSendMsg;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.Wsaid;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The functions that SIO_GET_EXTENSION_FUNCTION_POINTER finds, and the numbers that stand for their addresses.
 *
 * <p>Requirements: UDP-18, UDP-29, OVL-01.
 */
final class ExtensionFunctions {

    /** sizeof(GUID). */
    static final int SIZEOF_GUID = 16;

    private final Map<Class<?>, Wsaid> ids = Map.of(
            LpfnWsaRecvMsg.class, Wsaid.WSAID_WSARECVMSG,
            LpfnWsaSendMsg.class, Wsaid.WSAID_WSASENDMSG,
            LpfnAcceptEx.class, Wsaid.WSAID_ACCEPTEX,
            LpfnConnectEx.class, Wsaid.WSAID_CONNECTEX,
            LpfnGetAcceptExSockaddrs.class, Wsaid.WSAID_GETACCEPTEXSOCKADDRS);
    private final Map<Wsaid, Object> functions;

    ExtensionFunctions(OverlappedWinsock overlapped, LpfnWsaRecvMsg wsaRecvMsg) {
        LpfnWsaSendMsg wsaSendMsg = overlapped::wsaSendMsg;
        LpfnAcceptEx acceptEx = overlapped::acceptEx;
        LpfnConnectEx connectEx = overlapped::connectEx;
        LpfnGetAcceptExSockaddrs getAcceptExSockaddrs = overlapped::getAcceptExSockaddrs;
        this.functions = Map.of(
                Wsaid.WSAID_WSARECVMSG, wsaRecvMsg,
                Wsaid.WSAID_WSASENDMSG, wsaSendMsg,
                Wsaid.WSAID_ACCEPTEX, acceptEx,
                Wsaid.WSAID_CONNECTEX, connectEx,
                Wsaid.WSAID_GETACCEPTEXSOCKADDRS, getAcceptExSockaddrs);
    }

    /** The function of that type, if the pointer is its own. */
    <F> F cast(Class<F> type, long pointer) {
        Objects.requireNonNull(type, "type must not be null: give LpfnAcceptEx.class or another Lpfn");
        Wsaid id = ids.get(type);
        if (id == null || pointer != pointerTo(id)) {
            throw new IllegalArgumentException(String.format(
                    "pointer 0x%016X is not that of %s: give what SIO_GET_EXTENSION_FUNCTION_POINTER stored",
                    pointer, id == null ? "any " + type.getSimpleName() : id));
        }
        return Objects.requireNonNull(type.cast(functions.get(id)), "every id has its function");
    }

    /** What stands for the function's address; any number that no caller would guess does. */
    static long pointerTo(Wsaid id) {
        return switch (id) {
            case WSAID_WSARECVMSG -> 0x00007FFB_5C021A40L;
            case WSAID_WSASENDMSG -> 0x00007FFB_5C0223B0L;
            case WSAID_ACCEPTEX -> 0x00007FFB_5C01C8E0L;
            case WSAID_CONNECTEX -> 0x00007FFB_5C01D350L;
            case WSAID_GETACCEPTEXSOCKADDRS -> 0x00007FFB_5C01CC70L;
        };
    }

    /** Finds the function whose GUID a buffer holds, from its position on. */
    static Optional<Wsaid> of(ByteBuffer memory) {
        ByteBuffer asked = memory.slice(memory.position(), SIZEOF_GUID);
        return Stream.of(Wsaid.values())
                .filter(known -> known.bytes().equals(asked))
                .findFirst();
    }
}
