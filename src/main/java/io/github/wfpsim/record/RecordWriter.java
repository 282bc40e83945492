package io.github.wfpsim.record;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Writes the entries of a blob, in the order in which {@link RecordReader} reads them. */
final class RecordWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    byte[] write(RedirectChain chain) {
        try {
            for (RedirectRecord entry : chain.records()) {
                writeRecord(entry);
            }
        } catch (IOException impossible) {
            throw new AssertionError("memory does not fail", impossible);
        }
        return bytes.toByteArray();
    }

    private void writeRecord(RedirectRecord entry) throws IOException {
        out.writeLong(entry.id());
        out.writeLong(entry.handleId());
        out.writeLong(entry.providerId().getMostSignificantBits());
        out.writeLong(entry.providerId().getLeastSignificantBits());
        out.writeInt(entry.targetPid());
        out.writeInt(entry.originPid());
        writeBytes(entry.originalAppId().getBytes(StandardCharsets.UTF_8));
        writeAddress(entry.originalDestination());
        writeAddress(entry.redirectedTo());
        out.writeLong(entry.lineage());
        out.writeInt(entry.hopDepth());
        out.writeInt(entry.local() ? 1 : 0);
    }

    private void writeAddress(InetSocketAddress address) throws IOException {
        out.writeInt(address.getPort());
        out.writeInt(address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0);
        writeBytes(address.getAddress().getAddress());
    }

    private void writeBytes(byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }
}
