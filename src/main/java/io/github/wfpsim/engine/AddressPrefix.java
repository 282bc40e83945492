package io.github.wfpsim.engine;

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
        return new AddressPrefix(
                address instanceof Inet4Address, length, high(bytes) & highMask(length), low(bytes) & lowMask(length));
    }

    /** Whether two addresses of one family have the first bits in common. */
    static boolean agree(InetAddress one, InetAddress other, int length) {
        byte[] bytes = one.getAddress();
        byte[] others = other.getAddress();
        return ((high(bytes) ^ high(others)) & highMask(length)) == 0
                && ((low(bytes) ^ low(others)) & lowMask(length)) == 0;
    }

    /** The first 64 bits of an address; those of an IPv4 address at the top. */
    static long high(byte... address) {
        return address.length == Integer.BYTES ? (long) fourBytes(address, 0) << Integer.SIZE : eightBytes(address, 0);
    }

    /** The last 64 bits of an address; 0 for an IPv4 address. */
    static long low(byte... address) {
        return address.length == Integer.BYTES ? 0 : eightBytes(address, Long.BYTES);
    }

    /** Which of the first 64 bits count. */
    static long highMask(int length) {
        return mask(length);
    }

    /** Which of the last 64 bits count. */
    static long lowMask(int length) {
        return mask(length - Long.SIZE);
    }

    private static long eightBytes(byte[] bytes, int from) {
        return ((long) fourBytes(bytes, from) << Integer.SIZE)
                | Integer.toUnsignedLong(fourBytes(bytes, from + Integer.BYTES));
    }

    // No loop: so the compiler sees that the copy which an IPv4 address hands out is not needed.
    private static int fourBytes(byte[] bytes, int from) {
        return (bytes[from] << (3 * Byte.SIZE))
                | ((bytes[from + 1] & BYTE_MASK) << (2 * Byte.SIZE))
                | ((bytes[from + 2] & BYTE_MASK) << Byte.SIZE)
                | (bytes[from + 3] & BYTE_MASK);
    }

    private static long mask(int length) {
        if (length <= 0) {
            return 0;
        }
        return length >= Long.SIZE ? -1L : -1L << (Long.SIZE - length);
    }
}
