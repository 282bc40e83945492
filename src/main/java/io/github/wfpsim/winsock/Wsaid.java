package io.github.wfpsim.winsock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The extension functions that SIO_GET_EXTENSION_FUNCTION_POINTER knows, by their GUIDs; {@link
 * Winsock#extensionFunction} makes functions of the pointers that it stores.
 *
 * <p>Source: mswsock.h; LPFN_WSARECVMSG; AcceptEx function; LPFN_CONNECTEX (SDK). Requirements: UDP-18, OVL-01, OVL-06.
 */
public enum Wsaid {
    /** WSARecvMsg, an {@link LpfnWsaRecvMsg}. */
    WSAID_WSARECVMSG("f689d7c8-6f1f-436b-8a53-e54fe351c322"),
    /** WSASendMsg, an {@link LpfnWsaSendMsg}. */
    WSAID_WSASENDMSG("a441e712-754f-43ca-84a7-0dee44cf606d"),
    /** AcceptEx, an {@link LpfnAcceptEx}. */
    WSAID_ACCEPTEX("b5367df1-cbac-11cf-95ca-00805f48a192"),
    /** ConnectEx, an {@link LpfnConnectEx}. */
    WSAID_CONNECTEX("25a207b9-ddf3-4660-8ee9-76e58c74063e"),
    /** GetAcceptExSockaddrs, an {@link LpfnGetAcceptExSockaddrs}. */
    WSAID_GETACCEPTEXSOCKADDRS("b5367df2-cbac-11cf-95ca-00805f48a192");

    private static final int SIZEOF_GUID = 16;

    private final UUID guid;

    Wsaid(String guid) {
        this.guid = UUID.fromString(guid);
    }

    /** {@return the GUID} */
    public UUID guid() {
        return guid;
    }

    /**
     * Lays the GUID out in memory, for the input buffer of WSAIoctl: Data1, Data2 and Data3 little-endian, Data4 as it is
     * written.
     *
     * @return a new buffer of 16 bytes
     */
    public ByteBuffer bytes() {
        long high = guid.getMostSignificantBits();
        ByteBuffer bytes = ByteBuffer.allocate(SIZEOF_GUID).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
        return bytes.order(ByteOrder.BIG_ENDIAN)
                .putLong(guid.getLeastSignificantBits())
                .flip();
    }
}
