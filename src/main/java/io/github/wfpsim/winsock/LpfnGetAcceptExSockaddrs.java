package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A pointer to GetAcceptExSockaddrs, found at run time as on Windows (LPFN_GETACCEPTEXSOCKADDRS; OVL-03). */
@FunctionalInterface
public interface LpfnGetAcceptExSockaddrs {

    /**
     * Does what {@link OverlappedWinsock#getAcceptExSockaddrs} does.
     *
     * @param lpOutputBuffer the buffer of AcceptEx
     * @param dwReceiveDataLength as in the call
     * @param dwLocalAddressLength as in the call
     * @param dwRemoteAddressLength as in the call
     * @param localSockaddr receives the local address
     * @param remoteSockaddr receives the peer's address
     */
    void getAcceptExSockaddrs(
            ByteBuffer lpOutputBuffer,
            int dwReceiveDataLength,
            int dwLocalAddressLength,
            int dwRemoteAddressLength,
            Out<InetSocketAddress> localSockaddr,
            Out<InetSocketAddress> remoteSockaddr);
}
