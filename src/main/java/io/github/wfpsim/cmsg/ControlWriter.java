package io.github.wfpsim.cmsg;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Puts messages into a control buffer one behind the other, each where WSA_CMSG_NXTHDR expects it (UDP-09).
 *
 * <p>Not safe for use by several threads at once.
 */
public final class ControlWriter {

    private final ByteBuffer control;
    private int end;

    /**
     * Starts at the buffer's position.
     *
     * @param control the buffer up to its limit; neither position nor limit moves
     * @throws IllegalArgumentException if it is read-only
     */
    public ControlWriter(ByteBuffer control) {
        Objects.requireNonNull(control, "control must not be null: give a buffer with WSA_CMSG_SPACE for each message");
        if (control.isReadOnly()) {
            throw new IllegalArgumentException("control is read-only: give a buffer that can be written");
        }
        this.control = control.slice();
    }

    /**
     * Makes a control buffer of the messages.
     *
     * @param messages the messages in their order
     * @return a new buffer that holds them and nothing else
     */
    public static ByteBuffer bufferOf(ControlMessage... messages) {
        Objects.requireNonNull(messages, "messages must not be null: give none for an empty buffer");
        int space = 0;
        for (ControlMessage message : messages) {
            space += WsaCmsgHdr.wsaCmsgSpace(requireMessage(message).data().remaining());
        }
        ByteBuffer buffer = ByteBuffer.allocate(space);
        ControlWriter writer = new ControlWriter(buffer);
        for (ControlMessage message : messages) {
            writer.append(message);
        }
        return buffer;
    }

    /**
     * Writes a message behind the others, if all of it has room; its last bytes to fill up need none.
     *
     * @param message the message
     * @return false if it has no room, in which case nothing is written
     */
    public boolean append(ControlMessage message) {
        ByteBuffer data = requireMessage(message).data();
        long start = WsaCmsgHdr.aligned(end);
        long length = (long) WsaCmsgHdr.SIZEOF_WSACMSGHDR + data.remaining();
        if (start + length > control.limit()) {
            return false;
        }
        WsaCmsgHdr header = WsaCmsgHdr.wsaCmsgFirstHdr(control.slice((int) start, control.limit() - (int) start));
        Objects.requireNonNull(header, "there is room").set(length, message.level(), message.type());
        header.wsaCmsgData().put(data);
        fillUp((int) (start + length));
        return true;
    }

    /** Leaves no stale bytes between messages. */
    private void fillUp(int behindData) {
        end = (int) Math.min(WsaCmsgHdr.aligned(behindData), control.limit());
        for (int i = behindData; i < end; i++) {
            control.put(i, (byte) 0);
        }
    }

    private static ControlMessage requireMessage(ControlMessage message) {
        return Objects.requireNonNull(message, "message must not be null: leave it out instead");
    }

    /**
     * {@return how many bytes of the buffer are used, Control.len of a received WSAMSG: WSA_CMSG_SPACE of each message;
     * of the last one WSA_CMSG_LEN if no more has room}
     */
    public int length() {
        return end;
    }
}
