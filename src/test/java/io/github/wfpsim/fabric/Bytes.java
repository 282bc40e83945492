package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Short forms of what tests of streams do all the time. */
final class Bytes {

    private Bytes() {}

    static ByteBuffer of(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void write(DuplexStream stream, String text) throws IOException, InterruptedException {
        stream.write(of(text), Deadline.NEVER);
    }

    /** Reads so many bytes, or fewer at the end of the stream. */
    static String read(DuplexStream stream, int count) throws IOException, InterruptedException {
        ByteBuffer into = ByteBuffer.allocate(count);
        int read = 0;
        while (into.hasRemaining() && read >= 0) {
            read = stream.read(into, Deadline.NEVER);
        }
        return text(into);
    }

    static String tryRead(DuplexStream stream) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(1024);
        stream.tryRead(into);
        return text(into);
    }

    static int readOne(DuplexStream stream) throws IOException, InterruptedException {
        return stream.read(ByteBuffer.allocate(1), Deadline.NEVER);
    }

    private static String text(ByteBuffer filled) {
        return StandardCharsets.ISO_8859_1.decode(filled.flip()).toString();
    }
}
