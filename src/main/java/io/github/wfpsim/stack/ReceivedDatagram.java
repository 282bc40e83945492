package io.github.wfpsim.stack;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram as its receiver gets it.
 *
 * @param source the sender as the receiver sees it
 * @param payload the bytes, read-only
 * @param records the redirect records, if it created a redirected flow that the receiver may query; else null
 * @param context the redirect context that goes with them, or null
 */
public record ReceivedDatagram(
        InetSocketAddress source,
        ByteBuffer payload,
        @Nullable ByteBuffer records,
        @Nullable ByteBuffer context) {}
