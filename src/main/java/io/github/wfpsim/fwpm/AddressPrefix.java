package io.github.wfpsim.fwpm;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * The first bits of an address. The bits of an IPv4 address stand at the top of {@code high}.
 *
 * @param v4 whether it is one of an IPv4 address
 * @param length bits that count
 * @param high the first 64 bits, those that do not count being 0
 * @param low the last 64 bits, those that do not count being 0
 */
record AddressPrefix(boolean v4, int length, long high, long low) {

    private static final int BYTE_MASK = 0xFF;

    static AddressPrefix of(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        long high = bits(bytes, 0) & mask(length);
        long low = bits(bytes, Long.BYTES) & mask(length - Long.SIZE);
        return new AddressPrefix(address instanceof Inet4Address, length, high, low);
    }

    /** Eight bytes from a place on; 0 where there are none. */
    private static long bits(byte[] bytes, int from) {
        long bits = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            bits = bits << Byte.SIZE | (i < bytes.length ? bytes[i] & BYTE_MASK : 0);
        }
        return bits;
    }

    private static long mask(int length) {
        if (length <= 0) {
            return 0;
        }
        return length >= Long.SIZE ? -1L : -1L << (Long.SIZE - length);
    }
}
