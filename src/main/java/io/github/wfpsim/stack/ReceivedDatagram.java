package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A datagram as its receiver gets it.
 *
 * @param source the sender as the receiver sees it
 * @param payload the bytes, read-only
 * @param records the redirect records, if it created a redirected flow that the receiver may query and the receiver has
 *     switched them on; else null
 * @param context the redirect context under the same conditions, or null
 */
public record ReceivedDatagram(
        InetSocketAddress source,
        ByteBuffer payload,
        @Nullable ByteBuffer records,
        @Nullable ByteBuffer context) {

    /** The control messages that come with it, records first (UDP-09). */
    public List<ControlMessage> control() {
        AddressFamily family = CarriedRecords.familyOf(source);
        List<ControlMessage> messages = new ArrayList<>(2);
        if (records != null) {
            messages.add(ControlMessage.of(AncillaryType.recordsOf(family), records));
        }
        if (context != null) {
            messages.add(ControlMessage.of(AncillaryType.contextOf(family), context));
        }
        return messages;
    }
}
