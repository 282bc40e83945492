package io.github.wfpsim.winsock;

/**
 * The WSAPROTOCOL_INFO structure of a socket that is handed to another process: {@link Winsock#wsaDuplicateSocket} makes it,
 * and {@link Winsock#wsaSocket(int, int, int, WsaProtocolInfo, int)} of that process makes a descriptor of it, once. How it
 * gets there is up to the program. Safe for use by many threads.
 *
 * <p>Source: WSAPROTOCOL_INFOW structure; WSADuplicateSocketW function (SDK). Requirements: WSA-73.
 */
public interface WsaProtocolInfo {

    /** {@return the address family, see {@link io.github.wfpsim.abi.AddressFamily#code()}} */
    int iAddressFamily();

    /** {@return the socket type, see {@link io.github.wfpsim.abi.SocketType#code()}} */
    int iSocketType();

    /** {@return the protocol, see {@link io.github.wfpsim.abi.IpProtocol#code()}} */
    int iProtocol();
}
