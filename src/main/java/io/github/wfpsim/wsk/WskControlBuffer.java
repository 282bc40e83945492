package io.github.wfpsim.wsk;

import io.github.wfpsim.driver.PoolBlock;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Memory that {@link WskSocket#wskControlSocket} reads or writes, where C has PVOID InputBuffer and OutputBuffer. Immutable;
 * what it refers to is not.
 */
public final class WskControlBuffer {

    private final @Nullable PoolBlock block;
    private final @Nullable ByteBuffer bytes;

    private WskControlBuffer(@Nullable PoolBlock block, @Nullable ByteBuffer bytes) {
        this.block = block;
        this.bytes = bytes;
    }

    /**
     * {@return a pool block, all of it, which is watched while a request has it}
     *
     * @param block the block
     */
    public static WskControlBuffer of(PoolBlock block) {
        return new WskControlBuffer(
                Objects.requireNonNull(block, "block must not be null: give a block or no buffer"), null);
    }

    /**
     * {@return other memory, such as that of the driver's image}
     *
     * @param bytes from its position on, as it is now: what its caller does with position and limit later is no matter
     */
    public static WskControlBuffer of(ByteBuffer bytes) {
        Objects.requireNonNull(bytes, "bytes must not be null: give memory or no buffer");
        return new WskControlBuffer(null, bytes.slice());
    }

    /** {@return the block; empty for other memory} */
    public Optional<PoolBlock> block() {
        return Optional.ofNullable(block);
    }

    /** {@return the memory itself, at position 0} */
    public ByteBuffer memory() {
        return block != null ? block.memory() : Objects.requireNonNull(bytes).duplicate();
    }
}
