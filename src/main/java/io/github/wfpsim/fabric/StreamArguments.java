package io.github.wfpsim.fabric;

import io.github.wfpsim.host.Deadline;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Checks what callers pass to a stream, before anything happens. */
final class StreamArguments {

    private StreamArguments() {}

    static void requireWritable(ByteBuffer into) {
        Objects.requireNonNull(into, "into must not be null: give a buffer with room");
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("into must not be read-only: give a buffer that bytes can be put into");
        }
    }

    static void requireSource(ByteBuffer from) {
        Objects.requireNonNull(from, "from must not be null: give the bytes to write");
    }

    static void require(Deadline deadline) {
        Objects.requireNonNull(deadline, "deadline must not be null: give Deadline.NEVER to wait without end");
    }

    static void require(Runnable next) {
        Objects.requireNonNull(next, "next must not be null: give what is to be called");
    }
}
