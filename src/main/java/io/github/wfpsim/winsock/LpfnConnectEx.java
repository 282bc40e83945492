package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A pointer to ConnectEx, found at run time as on Windows (LPFN_CONNECTEX; OVL-06). */
@FunctionalInterface
public interface LpfnConnectEx {

    /**
     * Does what {@link OverlappedWinsock#connectEx(SocketHandle, InetSocketAddress, ByteBuffer, int, OutUlong,
     * WsaOverlapped)} does.
     *
     * @param s a bound stream socket
     * @param name where to
     * @param lpSendBuffer first data; null for none
     * @param dwSendDataLength its size
     * @param lpdwBytesSent left alone; may be null
     * @param lpOverlapped the structure
     * @return false; the last error tells more
     */
    boolean connectEx(
            SocketHandle s,
            @Nullable InetSocketAddress name,
            @Nullable ByteBuffer lpSendBuffer,
            int dwSendDataLength,
            @Nullable OutUlong lpdwBytesSent,
            @Nullable WsaOverlapped lpOverlapped);
}
