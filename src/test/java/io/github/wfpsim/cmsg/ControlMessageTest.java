package io.github.wfpsim.cmsg;

import static io.github.wfpsim.cmsg.WsaCmsgHdr.wsaCmsgFirstHdr;
import static io.github.wfpsim.cmsg.WsaCmsgHdr.wsaCmsgLen;
import static io.github.wfpsim.cmsg.WsaCmsgHdr.wsaCmsgSpace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layout of control messages against bytes written by hand, and the macros against what they say in C. */
class ControlMessageTest {

    private static final ControlMessage FIVE =
            ControlMessage.of(AncillaryType.IP_WFP_REDIRECT_RECORDS, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
    private static final ControlMessage ONE =
            ControlMessage.of(AncillaryType.IPV6_WFP_REDIRECT_CONTEXT, ByteBuffer.wrap(new byte[] {9}));

    /** SIZE_T cmsg_len 21, INT cmsg_level 0, INT cmsg_type 60, five bytes, three to fill up; then 17, 41, 70, one byte. */
    private static final String BY_HAND = "1500000000000000" + "00000000" + "3c000000" + "0102030405" + "000000"
            + "1100000000000000" + "29000000" + "46000000" + "09" + "00000000000000";

    private static ByteBuffer hex(String digits) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    }

    @ParameterizedTest
    @CsvSource({"0, 16, 16", "1, 17, 24", "7, 23, 24", "8, 24, 24", "9, 25, 32", "174, 190, 192"})
    @Spec("UDP-09")
    void macros_countHeaderAndData_withAndWithoutWhatFillsUp(int data, int len, int space) {
        assertThat(wsaCmsgLen(data)).isEqualTo(len);
        assertThat(wsaCmsgSpace(data)).isEqualTo(space);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void macros_refuseWhatIsNoSize(int data) {
        assertThatIllegalArgumentException().isThrownBy(() -> wsaCmsgLen(data)).withMessageContaining("" + data);
        assertThatIllegalArgumentException().isThrownBy(() -> wsaCmsgSpace(data));
    }

    @Test
    @Spec("UDP-09")
    void writer_laysMessagesOutAs64BitWindowsDoes() {
        assertThat(ControlWriter.bufferOf(FIVE, ONE)).isEqualTo(hex(BY_HAND));
        assertThat(ControlMessage.parse(hex(BY_HAND)).orElseThrow()).containsExactly(FIVE, ONE);
    }

    @Test
    @Spec("UDP-09")
    void walk_findsEachHeaderAndItsData_fromTheBuffersPositionOn() {
        ByteBuffer control = ByteBuffer.allocate(100).position(10);
        control.put(hex(BY_HAND)).limit(control.position()).position(10);

        WsaCmsgHdr first = Objects.requireNonNull(wsaCmsgFirstHdr(control));
        assertThat(List.of(first.cmsgLen(), (long) first.cmsgLevel(), (long) first.cmsgType()))
                .containsExactly(21L, 0L, 60L);
        assertThat(first.wsaCmsgData()).isEqualTo(FIVE.data());
        WsaCmsgHdr second = Objects.requireNonNull(first.wsaCmsgNxtHdr());
        assertThat(List.of(second.cmsgLen(), (long) second.cmsgLevel(), (long) second.cmsgType()))
                .containsExactly(17L, 41L, 70L);
        assertThat(second.wsaCmsgData()).isEqualTo(ONE.data());
        assertThat(second.wsaCmsgNxtHdr()).isNull();
        assertThat(control.position()).isEqualTo(10);
    }

    @Test
    void headerWrittenByHand_asInC_isReadBack() {
        ByteBuffer control = ByteBuffer.allocate(wsaCmsgSpace(5));
        WsaCmsgHdr header = Objects.requireNonNull(wsaCmsgFirstHdr(control)).set(wsaCmsgLen(5), 0, 60);
        header.wsaCmsgData().put(FIVE.data());

        assertThat(ControlMessage.parse(control).orElseThrow()).containsExactly(FIVE);
        assertThat(header).hasToString("WSACMSGHDR[cmsg_len 21, cmsg_level 0, cmsg_type 60]");
        assertThatIllegalStateException()
                .isThrownBy(() -> Objects.requireNonNull(wsaCmsgFirstHdr(control.asReadOnlyBuffer()))
                        .set(1, 2, 3));
    }

    @Test
    void emptyBuffer_hasNoMessages_andAShortOneNoHeader() {
        assertThat(wsaCmsgFirstHdr(null)).isNull();
        assertThat(wsaCmsgFirstHdr(ByteBuffer.allocate(15))).isNull();
        assertThat(ControlMessage.parse(ByteBuffer.allocate(0)).orElseThrow()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00", // no room for a header
                "0000000000000000" + "00000000" + "3c000000", // cmsg_len 0
                "0f00000000000000" + "00000000" + "3c000000", // less than a header
                "1100000000000000" + "00000000" + "3c000000", // more than there is
                "ffffffffffffffff" + "00000000" + "3c000000", // a SIZE_T has no sign
                "1000000001000000" + "00000000" + "3c000000", // more than 32 bits
                "1000000000000000" + "00000000" + "3c000000" + "0000000000000000" + "00000000" + "3c000000"
            })
    @Spec("UDP-14")
    void malformedData_isNoListOfMessages(String bytes) {
        assertThat(ControlMessage.parse(hex(bytes))).isEmpty();
    }

    @Test
    void bytesBehindTheLastMessage_thatHoldNoHeader_areNoMessage() {
        assertThat(ControlMessage.parse(hex("1000000000000000" + "00000000" + "3c000000" + "ff".repeat(15)))
                        .orElseThrow())
                .hasSize(1);
    }

    @Test
    @Spec("UDP-10")
    void writer_takesAMessageWholeOrNotAtAll() {
        for (int room = 0; room < 60; room++) {
            ByteBuffer control = ByteBuffer.allocate(room);
            ControlWriter writer = new ControlWriter(control);

            boolean five = writer.append(FIVE);
            boolean one = writer.append(ONE);

            assertThat(five).as("%s bytes", room).isEqualTo(room >= wsaCmsgLen(5));
            int second = five ? wsaCmsgSpace(5) : 0;
            assertThat(one).as("%s bytes", room).isEqualTo(room >= second + wsaCmsgLen(1));
            int all = second + (one ? wsaCmsgSpace(1) : 0);
            assertThat(writer.length()).isEqualTo(Math.min(room, all));
            assertThat(ControlMessage.parse(control.limit(writer.length())).orElseThrow())
                    .hasSize((five ? 1 : 0) + (one ? 1 : 0));
        }
    }

    @Test
    void writer_leavesNoStaleBytesBetween_andTouchesNothingBehind() {
        ByteBuffer control = ByteBuffer.wrap(HexFormat.of().parseHex("5a".repeat(52)));
        ControlWriter writer = new ControlWriter(control);
        writer.append(FIVE);
        writer.append(ONE);

        assertThat(control.slice(0, 48)).isEqualTo(hex(BY_HAND));
        assertThat(control.slice(48, 4)).isEqualTo(hex("5a5a5a5a"));
        assertThatIllegalArgumentException().isThrownBy(() -> new ControlWriter(control.asReadOnlyBuffer()));
    }

    @Test
    void anyBytes_areRead_withoutAnException() {
        Random random = new Random(4);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            for (int i = 1; i < Math.min(8, bytes.length); i++) {
                bytes[i] = 0; // lengths that are plausible lead deeper
            }
            ControlMessage.parse(ByteBuffer.wrap(bytes)).ifPresent(messages -> {
                for (ControlMessage message : messages) {
                    assertThat(message.data().remaining()).isLessThan(64);
                }
            });
            for (WsaCmsgHdr it = wsaCmsgFirstHdr(ByteBuffer.wrap(bytes)); it != null; it = it.wsaCmsgNxtHdr()) {
                assertThat(it.wsaCmsgData().remaining()).isLessThan(64);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AncillaryType.class)
    @Spec("UDP-02")
    void types_areFoundByLevelAndNumber(AncillaryType type) {
        assertThat(AncillaryType.fromCode(type.level().code(), type.code())).contains(type);
        assertThat(AncillaryType.fromCode(IpProtocol.IPPROTO_UDP.code(), type.code()))
                .isEmpty();
        assertThat(ControlMessage.of(type, ByteBuffer.allocate(0)).ancillaryType())
                .contains(type);
        boolean v4 = type.name().startsWith("IP_");
        assertThat(type.family()).isEqualTo(v4 ? AddressFamily.AF_INET : AddressFamily.AF_INET6);
        assertThat(type.isRecords() ? AncillaryType.recordsOf(type.family()) : AncillaryType.contextOf(type.family()))
                .isEqualTo(type);
    }

    @Test
    void message_keepsItsOwnCopyOfTheData() {
        ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2});
        ControlMessage message = new ControlMessage(1, 2, data);
        data.put(0, (byte) 7);
        message.data().get();

        assertThat(message.data()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(message.data().isReadOnly()).isTrue();
        assertThat(message.ancillaryType()).isEmpty();
    }
}
