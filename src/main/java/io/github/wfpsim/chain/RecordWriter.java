package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectRecord;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the entries of one chain. The opposite of {@link RecordReader}. Not for sharing. */
final class RecordWriter {

    /** Ids, provider, both processes, lengths of both texts, lineage, depth and locality. */
    private static final int FIXED_BYTES = 5 * Long.BYTES + 6 * Integer.BYTES;

    /** Port, scope and length of an address. */
    private static final int ADDRESS_BYTES = 3 * Integer.BYTES;

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    private final RedirectChain chain;
    private final byte[][] drivers;
    private final byte[][] appIds;
    private final int size;

    RecordWriter(RedirectChain chain) {
        this.chain = chain;
        this.drivers = new byte[chain.size()][];
        this.appIds = new byte[chain.size()][];
        int bytes = 0;
        for (int i = 0; i < appIds.length; i++) {
            RedirectRecord entry = chain.get(i);
            appIds[i] = entry.originalAppId().getBytes(StandardCharsets.UTF_8);
            drivers[i] = entry.driver().getBytes(StandardCharsets.UTF_8);
            bytes += FIXED_BYTES + drivers[i].length + appIds[i].length;
            bytes += sizeOf(entry.originalDestination()) + sizeOf(entry.redirectedTo());
        }
        this.size = bytes;
    }

    private static int sizeOf(InetSocketAddress address) {
        return ADDRESS_BYTES + (address.getAddress() instanceof Inet6Address ? V6_BYTES : V4_BYTES);
    }

    /** How many bytes {@link #write} puts. */
    int size() {
        return size;
    }

    void write(ByteBuffer out) {
        for (int i = 0; i < appIds.length; i++) {
            write(chain.get(i), drivers[i], appIds[i], out);
        }
    }

    private static void write(RedirectRecord entry, byte[] driver, byte[] appId, ByteBuffer out) {
        out.putLong(entry.id())
                .putLong(entry.handleId())
                .putLong(entry.providerId().getMostSignificantBits())
                .putLong(entry.providerId().getLeastSignificantBits())
                .putInt(driver.length)
                .put(driver)
                .putInt(entry.targetPid())
                .putInt(entry.originPid())
                .putInt(appId.length)
                .put(appId);
        write(entry.originalDestination(), out);
        write(entry.redirectedTo(), out);
        out.putLong(entry.lineage()).putInt(entry.hopDepth()).putInt(entry.local() ? 1 : 0);
    }

    private static void write(InetSocketAddress address, ByteBuffer out) {
        byte[] bytes = address.getAddress().getAddress();
        out.putInt(address.getPort())
                .putInt(address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0)
                .putInt(bytes.length)
                .put(bytes);
    }
}
