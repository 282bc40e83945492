package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.chain.RedirectRecordCodec.Verdict;
import io.github.wfpsim.redirect.RecordForge;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Spec("REC-07")
class BlobForgeTest {

    private final RedirectRecordCodec codec = new RedirectRecordCodec(0);
    private final RecordForge forge = codec.forge();
    private final byte[] good = codec.encode(Chains.of(1, 2));
    private final byte[] before = good.clone();

    @AfterEach
    void goodRecord_isNeverChanged() {
        assertThat(good).isEqualTo(before);
    }

    private Verdict verdict(byte[] blob) {
        return codec.decode(ByteBuffer.wrap(blob), blob.length).verdict();
    }

    @Test
    void flipByte_isAltered() {
        assertThat(verdict(forge.flipByte(good, good.length - 1))).isEqualTo(Verdict.ALTERED);
    }

    @Test
    void cutTail_isTruncated() {
        assertThat(verdict(forge.cutTail(good, 1))).isEqualTo(Verdict.TRUNCATED);
        assertThat(verdict(forge.cutTail(good, good.length))).isEqualTo(Verdict.TRUNCATED);
        assertThat(forge.cutTail(good, 0)).isEqualTo(good);
        assertThat(forge.cutTail(good, 3)).isEqualTo(Arrays.copyOf(good, good.length - 3));
    }

    @Test
    void append_isTruncated() {
        byte[] longer = forge.append(good, (byte) 1, (byte) 2);
        assertThat(verdict(longer)).isEqualTo(Verdict.TRUNCATED);
        assertThat(longer).startsWith(good).endsWith(1, 2);
    }

    @Test
    void overflowInnerLength_overflows() {
        assertThat(verdict(forge.overflowInnerLength(good))).isEqualTo(Verdict.LENGTH_OVERFLOW);
    }

    @Test
    void retarget_isIntactForTheOtherProcess() {
        byte[] forged = forge.retarget(good, 77);

        RedirectChain chain =
                codec.decode(ByteBuffer.wrap(forged), forged.length).chain();
        assertThat(RedirectRights.isAddressedTo(chain, 77)).isTrue();
        assertThat(RedirectRights.isAddressedTo(chain, Chains.TARGET_PID)).isFalse();
    }

    @Test
    void reissueElsewhere_isForeign() {
        assertThat(verdict(forge.reissueElsewhere(good))).isEqualTo(Verdict.FOREIGN_HOST);

        RedirectRecordCodec padding = new RedirectRecordCodec(2000);
        assertThat(padding.forge().reissueElsewhere(padding.encode(Chains.of(1))))
                .hasSize(2000);
    }

    @Test
    void forging_fromABadRecord_saysWhatToDo() {
        byte[] bad = forge.flipByte(good, 50);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> forge.retarget(bad, 1))
                .withMessageContaining("start from a record of this machine")
                .withMessageContaining("ALTERED");
    }

    @Test
    void forging_withBadArguments_saysWhich() {
        assertThatNullPointerException()
                .isThrownBy(() -> forge.cutTail(null, 1))
                .withMessageContaining("blob");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> forge.cutTail(good, good.length + 1))
                .withMessageContaining("cannot cut");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> forge.cutTail(good, -1))
                .withMessageContaining("cannot cut");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> forge.overflowInnerLength(new byte[39]))
                .withMessageContaining("start from a record");
        assertThat(forge.overflowInnerLength(new byte[40])).hasSize(40);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> forge.flipByte(good, -1));
    }
}
