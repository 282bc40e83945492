package io.github.wfpsim.chain;

import io.github.wfpsim.redirect.RedirectRecord;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the entries of one chain. The opposite of {@link RecordReader}. Not for sharing. */
final class RecordWriter {

    /** Ids, provider, both processes, length of the application id, lineage, depth and locality. */
    private static final int FIXED_BYTES = 5 * Long.BYTES + 5 * Integer.BYTES;

    /** Port, scope and length of an address. */
    private static final int ADDRESS_BYTES = 3 * Integer.BYTES;

    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    private final RedirectChain chain;
    private final byte[][] appIds;
    private final int size;

    RecordWriter(RedirectChain chain) {
        this.chain = chain;
        this.appIds = new byte[chain.size()][];
        int bytes = 0;
        for (int i = 0; i < appIds.length; i++) {
            RedirectRecord entry = chain.get(i);
            appIds[i] = entry.originalAppId().getBytes(StandardCharsets.UTF_8);
            bytes += FIXED_BYTES + appIds[i].length;
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
            write(chain.get(i), appIds[i], out);
        }
    }

    private static void write(RedirectRecord entry, byte[] appId, ByteBuffer out) {
        out.putLong(entry.id())
                .putLong(entry.handleId())
                .putLong(entry.providerId().getMostSignificantBits())
                .putLong(entry.providerId().getLeastSignificantBits())
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
