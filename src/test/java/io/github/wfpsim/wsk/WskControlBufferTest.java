package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.driver.PoolBlock;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Memory for WskControlSocket stays where it was, whatever happens to the buffer that it was made of. */
class WskControlBufferTest {

    @Test
    void memory_beginsWhereTheBufferStoodThen() {
        ByteBuffer bytes = ByteBuffer.allocate(8).position(4);
        WskControlBuffer buffer = WskControlBuffer.of(bytes);
        bytes.clear();

        buffer.memory().put(0, (byte) 7);

        assertThat(bytes.get(4)).isEqualTo((byte) 7);
        assertThat(buffer.memory().remaining()).isEqualTo(4);
        assertThat(buffer.block()).isEmpty();
    }

    @Test
    void readOnlyMemory_staysSo() {
        assertThat(WskControlBuffer.of(ByteBuffer.allocate(1).asReadOnlyBuffer())
                        .memory()
                        .isReadOnly())
                .isTrue();
    }

    @Test
    void block_isAllOfIt() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            PoolBlock block = bench.block(16);

            assertThat(WskControlBuffer.of(block).memory().remaining()).isEqualTo(16);
            assertThat(WskControlBuffer.of(block).block()).containsSame(block);
            bench.unload();
        }
    }
}
