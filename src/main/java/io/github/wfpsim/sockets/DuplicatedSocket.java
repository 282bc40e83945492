package io.github.wfpsim.sockets;

import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaProtocolInfo;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that a process may take once. It counts from the moment that WSADuplicateSocket made it: the socket stays
 * open for it.
 *
 * <p>Source: WSADuplicateSocketW function (SDK). Requirements: WSA-73.
 */
final class DuplicatedSocket implements WsaProtocolInfo {

    private final SocketEntry entry;
    private final ProcessEntry target;
    private final AtomicBoolean taken = new AtomicBoolean();

    DuplicatedSocket(SocketEntry entry, ProcessEntry target) {
        this.entry = entry;
        this.target = target;
    }

    /** The structure as this room knows it; it comes from WSADuplicateSocket. */
    static DuplicatedSocket of(WsaProtocolInfo info) {
        if (info instanceof DuplicatedSocket own) {
            return own;
        }
        throw new IllegalArgumentException(info + " duplicates no socket: give what wsaDuplicateSocket stored");
    }

    /** Whether the arguments of WSASocket ask for this socket. */
    boolean fits(int af, int type, int protocol) {
        return fits(af, iAddressFamily()) && fits(type, iSocketType()) && fits(protocol, iProtocol());
    }

    private static boolean fits(int asked, int own) {
        return asked == Winsock.FROM_PROTOCOL_INFO || asked == own;
    }

    /** Takes the descriptor; null if it was taken, is another process's, or the socket is gone. */
    @Nullable
    SocketEntry take(ProcessEntry process) {
        return process == target && !entry.isClosed() && taken.compareAndSet(false, true) ? entry : null;
    }

    @Override
    public int iAddressFamily() {
        return entry.kernel().family().code();
    }

    @Override
    public int iSocketType() {
        return entry.kernel().type().code();
    }

    @Override
    public int iProtocol() {
        return entry.kernel().protocol().code();
    }
}
