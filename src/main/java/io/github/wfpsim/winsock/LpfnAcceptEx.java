package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A pointer to AcceptEx, found at run time as on Windows (LPFN_ACCEPTEX; OVL-01). */
@FunctionalInterface
public interface LpfnAcceptEx {

    /**
     * Does what {@link OverlappedWinsock#acceptEx(SocketHandle, SocketHandle, ByteBuffer, int, int, int, OutUlong,
     * WsaOverlapped)} does.
     *
     * @param sListenSocket the listener
     * @param sAcceptSocket the socket that becomes the connection
     * @param lpOutputBuffer receives data and addresses
     * @param dwReceiveDataLength bytes for data
     * @param dwLocalAddressLength bytes for the local address
     * @param dwRemoteAddressLength bytes for the peer's address
     * @param lpdwBytesReceived receives the count if the call succeeds at once; may be null
     * @param lpOverlapped the structure
     * @return true if it has succeeded at once
     */
    boolean acceptEx(
            SocketHandle sListenSocket,
            SocketHandle sAcceptSocket,
            @Nullable ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            @Nullable OutUlong lpdwBytesReceived,
            @Nullable WsaOverlapped lpOverlapped);
}
