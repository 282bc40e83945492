package io.github.wfpsim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** The addresses of a machine that was given none, from the ranges for documentation (RFC 5737, RFC 3849). */
final class DefaultAddresses {

    private static final byte[] V4 = {(byte) 192, 0, 2, 2};
    private static final byte[] V6 = {0x20, 0x01, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

    static List<InetAddress> all() {
        try {
            return List.of(InetAddress.getByAddress(V4), InetAddress.getByAddress(V6));
        } catch (UnknownHostException impossible) {
            throw new AssertionError("addresses of 4 and 16 bytes are always legal", impossible);
        }
    }

    private DefaultAddresses() {}
}
