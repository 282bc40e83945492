package io.github.wfpsim.winsock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * The extension functions that SIO_GET_EXTENSION_FUNCTION_POINTER knows, by their GUIDs.
 *
 * <p>Source: mswsock.h; LPFN_WSARECVMSG; AcceptEx function; LPFN_CONNECTEX (SDK). Requirements: UDP-18, OVL-01, OVL-06.
 */
public enum Wsaid {
    /** WSARecvMsg; its pointer is what {@link Winsock#lpfnWsaRecvMsg} takes. */
    WSAID_WSARECVMSG("f689d7c8-6f1f-436b-8a53-e54fe351c322", 0x00007FFB_5C021A40L),
    /** WSASendMsg; its pointer is what {@link Winsock#lpfnWsaSendMsg} takes. */
    WSAID_WSASENDMSG("a441e712-754f-43ca-84a7-0dee44cf606d", 0x00007FFB_5C0223B0L),
    /** AcceptEx; its pointer is what {@link Winsock#lpfnAcceptEx} takes. */
    WSAID_ACCEPTEX("b5367df1-cbac-11cf-95ca-00805f48a192", 0x00007FFB_5C01C8E0L),
    /** ConnectEx; its pointer is what {@link Winsock#lpfnConnectEx} takes. */
    WSAID_CONNECTEX("25a207b9-ddf3-4660-8ee9-76e58c74063e", 0x00007FFB_5C01D350L),
    /** GetAcceptExSockaddrs; its pointer is what {@link Winsock#lpfnGetAcceptExSockaddrs} takes. */
    WSAID_GETACCEPTEXSOCKADDRS("b5367df2-cbac-11cf-95ca-00805f48a192", 0x00007FFB_5C01CC70L);

    /** sizeof(GUID). */
    static final int SIZEOF_GUID = 16;

    private final UUID guid;
    private final long pointer;

    Wsaid(String guid, long pointer) {
        this.guid = UUID.fromString(guid);
        this.pointer = pointer;
    }

    /**
     * Returns the GUID.
     *
     * @return the GUID of the Windows header
     */
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

    /** What stands for the function's address; any number that no caller would guess does. */
    long pointer() {
        return pointer;
    }

    /** Finds the function whose GUID a buffer holds, from its position on. */
    static Optional<Wsaid> of(ByteBuffer memory) {
        ByteBuffer asked = memory.slice(memory.position(), SIZEOF_GUID);
        return Arrays.stream(values())
                .filter(known -> known.bytes().equals(asked))
                .findFirst();
    }
}
