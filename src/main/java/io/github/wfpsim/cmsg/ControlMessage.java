package io.github.wfpsim.cmsg;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One control message, away from any buffer. Immutable.
 *
 * @param level cmsg_level
 * @param type cmsg_type
 * @param data its data from position to limit; a copy of those given, read-only
 */
public record ControlMessage(int level, int type, ByteBuffer data) {

    /**
     * Copies the data.
     *
     * @param level cmsg_level
     * @param type cmsg_type
     * @param data the data from position to limit, which do not move
     */
    public ControlMessage {
        Objects.requireNonNull(data, "data must not be null: give an empty buffer for a message without data");
        data = ByteBuffer.allocate(data.remaining())
                .put(data.duplicate())
                .flip()
                .asReadOnlyBuffer();
    }

    /**
     * Makes a message of a type that is simulated.
     *
     * @param type level and type
     * @param data the data from position to limit, which do not move
     * @return the message
     */
    public static ControlMessage of(AncillaryType type, ByteBuffer data) {
        Objects.requireNonNull(type, "type must not be null: give IP_WFP_REDIRECT_RECORDS or another");
        return new ControlMessage(type.level().code(), type.code(), data);
    }

    /** {@return the data, each time as a new read-only view} */
    @Override
    public ByteBuffer data() {
        return data.duplicate();
    }

    /** {@return the type; empty if it is none that is simulated} */
    public Optional<AncillaryType> ancillaryType() {
        return AncillaryType.fromCode(level, type);
    }

    /**
     * Reads all messages of a control buffer, as the macros walk through it.
     *
     * @param control the buffer from position to limit, which do not move
     * @return the messages in their order; empty if the buffer has bytes but no room for a header, or if a length
     *     is less than a header or reaches beyond the buffer (UDP-14)
     */
    public static Optional<List<ControlMessage>> parse(ByteBuffer control) {
        Objects.requireNonNull(control, "control must not be null: give an empty buffer for no messages");
        List<ControlMessage> messages = new ArrayList<>();
        @Nullable WsaCmsgHdr header = WsaCmsgHdr.wsaCmsgFirstHdr(control);
        if (header == null && control.hasRemaining()) {
            return Optional.empty();
        }
        for (; header != null; header = header.wsaCmsgNxtHdr()) {
            if (!header.isSound()) {
                return Optional.empty();
            }
            messages.add(new ControlMessage(header.cmsgLevel(), header.cmsgType(), header.wsaCmsgData()));
        }
        return Optional.of(List.copyOf(messages));
    }
}
