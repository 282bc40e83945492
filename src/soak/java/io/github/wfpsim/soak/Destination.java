package io.github.wfpsim.soak;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** The context that callout and proxy agree on: IPv4 address and port of the first destination, in network order. */
final class Destination {

    private static final int IPV4_BYTES = 4;

    private Destination() {}

    static byte[] encode(InetSocketAddress destination) {
        return ByteBuffer.allocate(IPV4_BYTES + Short.BYTES)
                .put(destination.getAddress().getAddress())
                .putShort((short) destination.getPort())
                .array();
    }

    static InetSocketAddress decode(byte[] context) {
        ByteBuffer bytes = ByteBuffer.wrap(context);
        byte[] address = new byte[IPV4_BYTES];
        bytes.get(address);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), Short.toUnsignedInt(bytes.getShort()));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
