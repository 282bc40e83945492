package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectRecord;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads the entries of a blob. Every length passes {@link #require}; a bad one ends in {@link Malformed}. */
final class RecordReader {

    /** A sin6_scope_id of 0 names no scope; Java has another number for that. */
    private static final int UNSCOPED = -1;

    /** Thrown inside the codec only. */
    static final class Malformed extends Exception {

        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private final ByteBuffer in;

    RecordReader(ByteBuffer entries) {
        this.in = entries;
    }

    boolean isAtEnd() {
        return !in.hasRemaining();
    }

    RedirectRecord readRecord() throws Malformed {
        return new RedirectRecord(
                readLong(),
                readLong(),
                new UUID(readLong(), readLong()),
                readText(),
                readInt(),
                readInt(),
                readText(),
                readAddress(),
                readAddress(),
                readLong(),
                readInt(),
                readInt() != 0);
    }

    private long readLong() throws Malformed {
        require(Long.BYTES);
        return in.getLong();
    }

    private int readInt() throws Malformed {
        require(Integer.BYTES);
        return in.getInt();
    }

    private String readText() throws Malformed {
        return new String(readBytes(readInt()), StandardCharsets.UTF_8);
    }

    private InetSocketAddress readAddress() throws Malformed {
        int port = readInt();
        int scope = readInt();
        byte[] address = readBytes(readInt());
        if (port < 0 || port > 0xFFFF) {
            throw new Malformed("port");
        }
        try {
            InetAddress ip = address.length == 16
                    ? Inet6Address.getByAddress(null, address, scope == 0 ? UNSCOPED : scope)
                    : InetAddress.getByAddress(address);
            return new InetSocketAddress(ip, port);
        } catch (UnknownHostException wrongLength) {
            throw new Malformed("address");
        }
    }

    private byte[] readBytes(int length) throws Malformed {
        require(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private void require(int length) throws Malformed {
        if (length < 0 || length > in.remaining()) {
            throw new Malformed("length");
        }
    }
}
