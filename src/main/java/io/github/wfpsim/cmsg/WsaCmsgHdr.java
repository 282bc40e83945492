package io.github.wfpsim.cmsg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A pointer to a control header inside a control buffer, with the macros that walk from one to the next: WSACMSGHDR as
 * 64-bit Windows lays it out, {@code SIZE_T cmsg_len; INT cmsg_level; INT cmsg_type}, little-endian, followed by the data.
 * It has no bytes of its own: reading and writing go to the buffer.
 *
 * <pre>{@code
 * for (WsaCmsgHdr it = wsaCmsgFirstHdr(control); it != null; it = it.wsaCmsgNxtHdr()) {
 *     if (it.cmsgType() == AncillaryType.IP_WFP_REDIRECT_RECORDS.code()) {
 *         use(it.wsaCmsgData());
 *     }
 * }
 * }</pre>
 *
 * <p>As safe for use by many threads as the buffer is. Source: WSACMSGHDR structure, WSAMSG structure (SDK).
 * Requirements: UDP-01, UDP-09.
 */
public final class WsaCmsgHdr {

    /** sizeof(WSACMSGHDR) on 64-bit Windows, in bytes. */
    public static final int SIZEOF_WSACMSGHDR = 16;

    /** MAX_NATURAL_ALIGNMENT and TYPE_ALIGNMENT(WSACMSGHDR) on 64-bit Windows. */
    private static final int ALIGNMENT = 8;

    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;

    private final ByteBuffer control;
    private final int offset;

    private WsaCmsgHdr(ByteBuffer control, int offset) {
        this.control = control;
        this.offset = offset;
    }

    /**
     * Tells what cmsg_len says of a message (WSA_CMSG_LEN): header and data.
     *
     * @param length number of data bytes
     * @return the number of bytes, without what fills up behind the data
     * @throws IllegalArgumentException if the length is negative or no buffer is that large
     */
    public static int wsaCmsgLen(int length) {
        return SIZEOF_WSACMSGHDR + requireSize(length);
    }

    /**
     * Tells how much of a control buffer a message takes (WSA_CMSG_SPACE): header, data, and up to 7 bytes that fill up.
     *
     * @param length number of data bytes
     * @return the number of bytes, a multiple of 8
     * @throws IllegalArgumentException if the length is negative or no buffer is that large
     */
    public static int wsaCmsgSpace(int length) {
        return SIZEOF_WSACMSGHDR + (int) aligned(requireSize(length));
    }

    private static int requireSize(int length) {
        if (length < 0 || length > Integer.MAX_VALUE - SIZEOF_WSACMSGHDR - ALIGNMENT) {
            throw new IllegalArgumentException(
                    "length " + length + " is no size of control data: give the number of its bytes, 0 or more");
        }
        return length;
    }

    static long aligned(long length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Points to the first header (WSA_CMSG_FIRSTHDR).
     *
     * @param control the control buffer from position to limit, which do not move; null for none
     * @return the header; null if there is no room for one
     */
    public static @Nullable WsaCmsgHdr wsaCmsgFirstHdr(@Nullable ByteBuffer control) {
        return control == null || control.remaining() < SIZEOF_WSACMSGHDR
                ? null
                : new WsaCmsgHdr(control.slice().order(ByteOrder.LITTLE_ENDIAN), 0);
    }

    /**
     * {@return the header behind this message (WSA_CMSG_NXTHDR); null if the buffer has no room for another one, or if
     * {@link #cmsgLen()} is less than a header, on which the macro would turn on the spot}
     */
    public @Nullable WsaCmsgHdr wsaCmsgNxtHdr() {
        long length = cmsgLen();
        if (length < SIZEOF_WSACMSGHDR || length > control.limit() - offset) {
            return null;
        }
        long next = offset + aligned(length);
        return next + SIZEOF_WSACMSGHDR > control.limit() ? null : new WsaCmsgHdr(control, (int) next);
    }

    /** {@return cmsg_len, bytes of header and data, a SIZE_T; from 2<sup>63</sup> on negative} */
    public long cmsgLen() {
        return control.getLong(offset);
    }

    /** {@return cmsg_level, the protocol that the message comes from, such as IPPROTO_IP} */
    public int cmsgLevel() {
        return control.getInt(offset + CMSG_LEVEL);
    }

    /** {@return cmsg_type, which means something together with the level} */
    public int cmsgType() {
        return control.getInt(offset + CMSG_TYPE);
    }

    /**
     * Writes the three members.
     *
     * @param cmsgLen what {@link #wsaCmsgLen} says of the data
     * @param cmsgLevel the protocol
     * @param cmsgType the type
     * @return this header
     * @throws IllegalStateException if the buffer is read-only
     */
    public WsaCmsgHdr set(long cmsgLen, int cmsgLevel, int cmsgType) {
        if (control.isReadOnly()) {
            throw new IllegalStateException("the control buffer is read-only: give one that can be written");
        }
        control.putLong(offset, cmsgLen).putInt(offset + CMSG_LEVEL, cmsgLevel).putInt(offset + CMSG_TYPE, cmsgType);
        return this;
    }

    /**
     * {@return a view of the data (WSA_CMSG_DATA) in little-endian order from position 0 on, as far as {@link
     * #cmsgLen()} and the buffer say that there are some}
     */
    public ByteBuffer wsaCmsgData() {
        int room = control.limit() - offset - SIZEOF_WSACMSGHDR;
        long said = cmsgLen() - SIZEOF_WSACMSGHDR;
        int size = said < 0 ? 0 : (int) Math.min(said, room);
        return control.slice(offset + SIZEOF_WSACMSGHDR, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether header and data lie within the buffer. */
    boolean isSound() {
        long length = cmsgLen();
        return length >= SIZEOF_WSACMSGHDR && length <= control.limit() - offset;
    }

    @Override
    public String toString() {
        return "WSACMSGHDR[cmsg_len " + cmsgLen() + ", cmsg_level " + cmsgLevel() + ", cmsg_type " + cmsgType() + "]";
    }
}
