package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Out;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What WSASendMsg sends and WSARecvMsg receives: the WSAMSG structure. A new one is all zero.
 *
 * <p>Not safe for use by several threads at once. Source: WSAMSG structure (SDK). Requirements: UDP-01, UDP-21.
 */
public final class WsaMsg {

    /** Flag on input of WSARecvMsg: the datagram is shown, and stays to be received. */
    public static final int MSG_PEEK = 0x2;

    /** Flag on output: the datagram was longer than the buffers, and its rest is lost. */
    public static final int MSG_TRUNC = 0x0100;

    /** Flag on output: a control message was longer than the control buffer, and is lost. */
    public static final int MSG_CTRUNC = 0x0200;

    private @Nullable Out<InetSocketAddress> name;
    private List<@Nullable ByteBuffer> lpBuffers = List.of();
    private @Nullable ByteBuffer controlBuf;
    private int controlLen;
    private int dwFlags;

    /** Creates a structure that is all zero. */
    public WsaMsg() {
        // Every member has its zero.
    }

    /** {@return where the remote address is, as {@link #setName} was given; null if there is none} */
    public @Nullable Out<InetSocketAddress> name() {
        return name;
    }

    /**
     * Says where the remote address is.
     *
     * @param address holds the destination, or receives the sender; null if not wanted
     * @return this structure
     */
    public WsaMsg setName(@Nullable Out<InetSocketAddress> address) {
        this.name = address;
        return this;
    }

    /**
     * Says where to send to.
     *
     * @param destination the destination
     * @return this structure
     */
    public WsaMsg setName(InetSocketAddress destination) {
        Objects.requireNonNull(destination, "destination must not be null: leave the name out for the socket's peer");
        Out<InetSocketAddress> cell = Out.empty();
        cell.set(destination);
        return setName(cell);
    }

    /** {@return the payload's buffers, the array of WSABUF, not modifiable} */
    public List<@Nullable ByteBuffer> lpBuffers() {
        return lpBuffers;
    }

    /**
     * Says where the payload is: lpBuffers and dwBufferCount.
     *
     * @param buffers each from position to limit; the position moves behind what was sent or stored. A null one has a
     *     length but no memory
     * @return this structure
     */
    public WsaMsg setLpBuffers(@Nullable ByteBuffer... buffers) {
        Objects.requireNonNull(buffers, "buffers must not be null: give none for a datagram without payload");
        List<@Nullable ByteBuffer> copy = new ArrayList<>();
        Collections.addAll(copy, buffers);
        this.lpBuffers = Collections.unmodifiableList(copy);
        return this;
    }

    /** {@return Control.buf, the control buffer; null if there is none} */
    public @Nullable ByteBuffer controlBuf() {
        return controlBuf;
    }

    /**
     * {@return Control.len, a number of bytes and an ULONG; WSARecvMsg stores here how many bytes of control messages
     * came}
     */
    public int controlLen() {
        return controlLen;
    }

    /**
     * Says where the control messages are.
     *
     * @param buf the memory, from its position on, which does not move; null for none
     * @param len its size in bytes, an ULONG
     * @return this structure
     */
    public WsaMsg setControl(@Nullable ByteBuffer buf, int len) {
        this.controlBuf = buf;
        this.controlLen = len;
        return this;
    }

    /**
     * Says where the control messages are.
     *
     * @param buf the memory from position to limit, which do not move
     * @return this structure
     */
    public WsaMsg setControl(ByteBuffer buf) {
        Objects.requireNonNull(buf, "buf must not be null: leave the control data out if there is none");
        return setControl(buf, buf.remaining());
    }

    /**
     * {@return a view of the control messages that are there, after WSARecvMsg of those that came: Control.len bytes,
     * as far as the buffer has that many; empty without a buffer}
     */
    public ByteBuffer control() {
        ByteBuffer buf = controlBuf;
        if (buf == null || controlLen == 0) {
            return ByteBuffer.allocate(0);
        }
        long size = Math.min(Integer.toUnsignedLong(controlLen), buf.remaining());
        return buf.slice(buf.position(), (int) size);
    }

    /** {@return the flags, after WSARecvMsg {@link #MSG_TRUNC}, {@link #MSG_CTRUNC}, both or 0} */
    public int dwFlags() {
        return dwFlags;
    }

    /**
     * Sets the flags. WSARecvMsg wants 0 or {@link #MSG_PEEK}: reset them before the structure is used again.
     *
     * @param flags the flags
     * @return this structure
     */
    public WsaMsg setDwFlags(int flags) {
        this.dwFlags = flags;
        return this;
    }

    @Override
    public String toString() {
        return "WSAMSG[name " + name + ", " + lpBuffers.size() + " buffers, Control.len "
                + Integer.toUnsignedString(controlLen) + ", dwFlags 0x" + Integer.toHexString(dwFlags) + "]";
    }
}
