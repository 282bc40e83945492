package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.chain.RedirectRecordCodec.Decoded;
import io.github.wfpsim.chain.RedirectRecordCodec.Verdict;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectRecordCodecTest {

    private static final int USUAL_FIRST_BUFFER = 1024;
    private static final int ULONG_MAX = -1;
    private static final int MACHINES = 4096;

    /** More than are kept. */
    private static final int FORGOTTEN = 3_000;

    private final RedirectRecordCodec codec = new RedirectRecordCodec(0);

    private Decoded decode(byte[] blob) {
        return codec.decode(ByteBuffer.wrap(blob), blob.length);
    }

    @Test
    void decode_whatWasEncoded_givesTheChainBack() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            RedirectChain chain = Chains.random(random);

            assertThat(decode(codec.encode(chain))).isEqualTo(new Decoded(Verdict.INTACT, chain));
        }
    }

    /** The blobs issued last are known again without being read; these are read. */
    @Test
    @Spec("REC-03")
    void decode_ofRecordsIssuedLongAgo_readsEachFieldBack() throws Exception {
        Random random = new Random(2);
        List<RedirectChain> chains = new ArrayList<>();
        for (int i = 0; i < FORGOTTEN; i++) {
            chains.add(RedirectChain.empty().append(anyRecord(random)).append(anyRecord(random)));
        }
        List<byte[]> blobs = chains.stream().map(codec::encode).toList();
        for (int i = 0; i < FORGOTTEN; i++) {
            assertThat(decode(blobs.get(i))).isEqualTo(new Decoded(Verdict.INTACT, chains.get(i)));
        }
    }

    /** So that blobs have to be read. */
    private void forgetAllIssued() {
        Random random = new Random(3);
        for (int i = 0; i < FORGOTTEN; i++) {
            codec.encode(Chains.random(random));
        }
    }

    /** A length that just fits 32 bits is too long for the bytes that are there, but no overflow. */
    @Test
    @Spec("REC-38")
    void decode_lengthsThatJustFit32Bits_areTruncated() {
        byte[] blob = codec.encode(Chains.of(1));
        assertThat(codec.decode(ByteBuffer.wrap(blob), 0xFFFF_FFFFL).verdict()).isEqualTo(Verdict.TRUNCATED);

        ByteBuffer.wrap(blob).putInt(4, (int) (0xFFFF_FFFFL - 40 - 32));
        assertThat(decode(blob).verdict()).isEqualTo(Verdict.TRUNCATED);
        ByteBuffer.wrap(blob).putInt(4, (int) (0xFFFF_FFFFL - 40 - 31));
        assertThat(decode(blob).verdict()).isEqualTo(Verdict.LENGTH_OVERFLOW);
    }

    private static RedirectRecord anyRecord(Random random) throws UnknownHostException {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(address);
        address[0] = 0x20; // No v4-mapped ones.
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByAddress(address), random.nextInt(65_536));
        return new RedirectRecord(
                random.nextLong(),
                random.nextLong(),
                new UUID(random.nextLong(), random.nextLong()),
                "vendor" + random.nextInt() + ".sys",
                random.nextInt(),
                random.nextInt(),
                "\\device\\é" + random.nextInt(),
                any,
                new InetSocketAddress(any.getAddress(), random.nextInt(65_536)),
                random.nextLong(),
                random.nextInt(),
                random.nextBoolean());
    }

    /** Who knows the layout but not the key cannot issue: neither without a key nor with an empty one. */
    @Test
    @Spec("REC-06")
    void recordWhoseTagWasMadeWithoutTheKey_isAltered() throws Exception {
        byte[] blob = codec.encode(Chains.of(1));
        int tagged = blob.length - 32;
        for (int keyBytes : new int[] {0, 32, 64}) {
            byte[] forged = blob.clone();
            forged[tagged - 1] ^= 1;
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(new byte[keyBytes]);
            digest.update(forged, 0, tagged);
            System.arraycopy(digest.digest(), 0, forged, tagged, 32);

            assertThat(decode(forged).verdict()).isEqualTo(Verdict.ALTERED);
        }
    }

    @Test
    void decode_ofIpv6Addresses_givesThemNoScope() {
        RedirectChain chain = RedirectChain.empty().append(Chains.record(1, 1, AddressFamily.AF_INET6, Chains.APP));

        byte[] blob = codec.encode(chain);
        forgetAllIssued();
        RedirectRecord decoded = decode(blob).chain().records().get(0);

        assertThat(IpAddress.text(decoded.originalDestination())).isEqualTo("[2001:db8::1]:443");
        assertThat(IpAddress.text(decoded.redirectedTo())).isEqualTo("[::1]:8080");
    }

    @Test
    @Spec("REC-06")
    void decode_ofAnotherMachinesBlobOfAnIssuedChain_isForeign() {
        RedirectChain chain = Chains.of(1);
        byte[] own = codec.encode(chain);
        for (int i = 0; i < MACHINES; i++) {
            byte[] foreign = new RedirectRecordCodec(0).encode(chain);

            // Every byte may be that of the own blob: by chance also those that a look-up goes by.
            assertThat(decode(foreign).verdict()).isEqualTo(Verdict.FOREIGN_HOST);
            assertThat(decode(own).verdict()).isEqualTo(Verdict.INTACT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-04")
    void chainOfOne_fitsTheUsualFirstBufferAndEachRedirectAddsToIt(AddressFamily family) {
        String longestPath = "c".repeat(260);
        RedirectChain chain = RedirectChain.empty();
        int before = 0;
        for (int length = 1; length <= 10; length++) {
            chain = chain.append(Chains.record(length, length, family, longestPath));
            int size = codec.encode(chain).length;

            assertThat(size).isGreaterThan(before);
            if (length == 1) {
                assertThat(size).isLessThan(USUAL_FIRST_BUFFER);
            }
            before = size;
        }
        assertThat(before).as("ten redirects").isGreaterThan(USUAL_FIRST_BUFFER);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 300, 1024, 1500, 1_000_000})
    @Spec("REC-04")
    void minimumRecordSize_padsAndStillDecodes(int minimum) {
        RedirectRecordCodec padding = new RedirectRecordCodec(minimum);
        RedirectChain chain = Chains.of(1);

        byte[] blob = padding.encode(chain);

        assertThat(blob.length).isEqualTo(Math.max(minimum, codec.encode(Chains.of(1)).length));
        assertThat(padding.decode(ByteBuffer.wrap(blob), blob.length).chain()).isEqualTo(chain);
    }

    @Test
    @Spec("REC-05")
    void encode_again_givesEqualBytes() {
        assertThat(codec.encode(Chains.of(1, 2))).isEqualTo(codec.encode(Chains.of(1, 2)));
    }

    @Test
    @Spec("REC-05")
    void encode_onAnotherMachine_givesTheSameLength() {
        assertThat(new RedirectRecordCodec(0).encode(Chains.of(1, 2))).hasSameSizeAs(codec.encode(Chains.of(1, 2)));
    }

    @Test
    void encode_oneChainOnTwoMachines_givesEachItsOwnBlob() {
        RedirectChain chain = Chains.of(1);
        RedirectRecordCodec other = new RedirectRecordCodec(0);

        byte[] foreign = other.encode(chain);
        byte[] own = codec.encode(chain);

        assertThat(decode(own).verdict()).isEqualTo(Verdict.INTACT);
        assertThat(decode(foreign).verdict()).isEqualTo(Verdict.FOREIGN_HOST);
    }

    @Test
    @Spec("REC-06")
    void decode_anyOtherByteAnywhere_isRefused() {
        byte[] good = codec.encode(Chains.of(1, 2));
        for (int i = 0; i < good.length; i++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] bad = good.clone();
                bad[i] ^= (byte) (1 << bit);

                assertThat(decode(bad).verdict()).as("byte %d, bit %d", i, bit).isNotEqualTo(Verdict.INTACT);
            }
        }
    }

    @Test
    @Spec("REC-06")
    void decode_behindAGoodBlob_judgesTheBytesThatAreThere() {
        byte[] good = codec.encode(Chains.of(1, 2));
        byte[] bad = good.clone();
        bad[good.length / 2] ^= 1;
        ByteBuffer both = ByteBuffer.allocate(2 * good.length);

        both.put(good).put(bad).position(good.length);
        assertThat(codec.decode(both, good.length).verdict()).isEqualTo(Verdict.ALTERED);
        both.clear().put(bad).put(good).position(good.length);
        assertThat(codec.decode(both, good.length).verdict()).isEqualTo(Verdict.INTACT);
    }

    @Test
    @Spec("REC-06")
    void decode_ofAChainWithoutRedirects_isNoRecord() {
        assertThat(decode(codec.encode(RedirectChain.empty())).verdict()).isEqualTo(Verdict.MALFORMED);
    }

    @Test
    void decode_everyLengthButTheTrueOne_isTruncated() {
        byte[] good = codec.encode(Chains.of(1));
        for (int length = 0; length < good.length; length++) {
            assertThat(codec.decode(ByteBuffer.wrap(good), length).verdict()).isEqualTo(Verdict.TRUNCATED);
        }
        assertThat(codec.decode(ByteBuffer.wrap(good), good.length + 1).verdict())
                .isEqualTo(Verdict.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x1_0000_0000L, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    @Spec("REC-38")
    void decode_declaredLengthBeyond32Bits_overflowsWhateverTheContent(long length) {
        assertThat(codec.decode(ByteBuffer.wrap(codec.encode(Chains.of(1))), length)
                        .verdict())
                .isEqualTo(Verdict.LENGTH_OVERFLOW);
        assertThat(codec.decode(ByteBuffer.allocate(0), length).verdict()).isEqualTo(Verdict.LENGTH_OVERFLOW);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 12})
    @Spec("REC-38")
    void decode_innerLengthsBeyond32Bits_overflowBeforeIntegrityIsAsked(int lengthField) {
        byte[] blob = codec.encode(Chains.of(1)).clone();
        ByteBuffer.wrap(blob).putInt(lengthField, ULONG_MAX);

        assertThat(decode(blob).verdict()).isEqualTo(Verdict.LENGTH_OVERFLOW);
    }

    @Test
    void decode_fromAnyKindOfBuffer_readsFromItsPositionAndLeavesItAlone() {
        byte[] blob = codec.encode(Chains.of(1));
        ByteBuffer direct = ByteBuffer.allocateDirect(blob.length + 20).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(7, blob).position(7);

        assertThat(codec.decode(direct, blob.length).verdict()).isEqualTo(Verdict.INTACT);
        assertThat(codec.decode(direct.asReadOnlyBuffer().position(7), blob.length)
                        .verdict())
                .isEqualTo(Verdict.INTACT);

        assertThat(direct.position()).isEqualTo(7);
        assertThat(direct.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }
}
