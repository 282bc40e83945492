package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static io.github.wfpsim.kernel.Bench.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.irp.Mm.LockOperation;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buffers of requests: chains of MDLs, and what may not be released while a request is pending. */
@Timeout(20)
class WskBufTest {

    private final Bench bench = Bench.throwing();
    private final Mm mm = bench.mm;

    private NonPagedBlock block(String text) {
        return NonPagedBlock.of(bench.pool.allocate(text.getBytes(StandardCharsets.US_ASCII), "Data"));
    }

    private Mdl mdl(PoolBlock block) {
        Mdl mdl = mm.ioAllocateMdl(block, (int) block.size());
        mm.mmBuildMdlForNonPagedPool(mdl);
        return mdl;
    }

    /** A chain of three MDLs over "abc", "d" and "efgh". */
    private Mdl chain() {
        Mdl first = mdl(block("abc"));
        Mdl second = mdl(block("d"));
        second.setNext(mdl(block("efgh")));
        first.setNext(second);
        return first;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
    }

    @Test
    void read_anyStretchFromAnyStart_givesTheBytesOfTheChain() {
        Mdl chain = chain();
        String all = "abcdefgh";
        for (int offset = 0; offset <= 3; offset++) {
            for (int length = 0; offset + length <= 8; length++) {
                WskBuf buffer = new WskBuf(chain, offset, length);
                for (int from = 0; from <= length; from++) {
                    ByteBuffer into = ByteBuffer.allocate(16);
                    assertThat(buffer.read(from, into)).isEqualTo(length - from);
                    assertThat(text(into)).isEqualTo(all.substring(offset + from, offset + length));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 8, 0, ABCDEFGH, ABCDEFGH, 8",
        "2, 4, 0, WXYZ,     abWXYZgh, 4",
        "2, 4, 1, WXYZ,     abcWXYgh, 3",
        "1, 7, 6, WXYZ,     abcdefgW, 1",
        "1, 3, 3, WXYZ,     abcdefgh, 0",
        "0, 8, 3, W,        abcWefgh, 1",
    })
    void write_changesTheBytesOfTheStretchOnly(int offset, int length, int to, String bytes, String after, int count) {
        Mdl chain = chain();
        ByteBuffer from = ByteBuffer.wrap(bytes.getBytes(StandardCharsets.US_ASCII));

        assertThat(new WskBuf(chain, offset, length).write(to, from)).isEqualTo(count);

        assertThat(from.position()).isEqualTo(count);
        ByteBuffer into = ByteBuffer.allocate(16);
        WskBuf.of(chain).read(0, into);
        assertThat(text(into)).isEqualTo(after);
    }

    @Test
    void stretch_outsideItsChain_isRefused() {
        Mdl chain = chain();

        for (long length : new long[] {9, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new WskBuf(chain, 0, length));
            assertThatIllegalArgumentException().isThrownBy(() -> new WskBuf(chain, 1, length));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new WskBuf(chain, 4, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new WskBuf(chain, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new WskBuf(null, 0, 1));
        assertThat(new WskBuf(null, 0, 0).read(0, ByteBuffer.allocate(4))).isZero();
        WskBuf buffer = WskBuf.of(chain);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> buffer.read(9, ByteBuffer.allocate(1)));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> buffer.write(-1, ByteBuffer.allocate(1)));
    }

    @Test
    void chain_inACircle_isRefused() {
        Mdl first = chain();
        Mdl second = first.next();

        assertThatIllegalArgumentException().isThrownBy(() -> second.setNext(first));
        assertThatIllegalArgumentException().isThrownBy(() -> first.setNext(first));
        assertThat(WskBuf.of(first).length()).isEqualTo(8);
        first.setNext(null);
        assertThat(WskBuf.of(first).length()).isEqualTo(3);
    }

    @Test
    void mdl_ofOtherMemory_isLockedFirst() {
        ByteBuffer readOnly = ByteBuffer.allocate(8).position(2).asReadOnlyBuffer();
        Mdl mdl = mm.ioAllocateMdl(readOnly, 4);

        assertThat(mdl.byteCount()).isEqualTo(4);
        assertThatIllegalArgumentException().isThrownBy(() -> mm.mmBuildMdlForNonPagedPool(mdl));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mm.mmProbeAndLockPages(mdl, LockOperation.IO_WRITE_ACCESS));
        assertFault(
                Fault.IRQL_TOO_HIGH,
                () -> bench.irql.runAt(
                        Irql.DISPATCH_LEVEL, () -> mm.mmProbeAndLockPages(mdl, LockOperation.IO_READ_ACCESS)));
        IrpRequest request = IrpRequest.begin(bench.io, bench.ownIrp((d, i, c) -> KEEP), "WskSend");
        assertThat(request.borrow(WskBuf.of(mdl))).isNull();
        mm.mmProbeAndLockPages(mdl, LockOperation.IO_READ_ACCESS);
        assertThat(request.borrow(WskBuf.of(mdl))).isNotNull();
        request.completeNow(NtStatus.STATUS_SUCCESS, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WskBuf.of(mdl).write(0, ByteBuffer.allocate(1)))
                .withMessageContaining("read-only");
        mm.mmUnlockPages(mdl);
        mm.ioFreeMdl(mdl);
        assertFault(Fault.POOL_DOUBLE_FREE, () -> mm.ioFreeMdl(mdl));
    }

    @Test
    void mdl_withABadLength_isRefused() {
        NonPagedBlock block = block("abc");
        for (int length : new int[] {0, -1, 4, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> mm.ioAllocateMdl(block, length));
        }
        assertThat(bench.pool.outstanding()).containsExactly(block);
    }

    @Test
    void mdl_showsTheMemoryItself() {
        NonPagedBlock block = block("abc");
        Mdl mdl = mdl(block);
        mm.mmGetSystemAddressForMdlSafe(mdl).put((byte) 'X');

        assertThat(block.bytes().get(0)).isEqualTo((byte) 'X');
        assertThat(mm.mmGetSystemAddressForMdlSafe(mdl).position()).isZero();
    }

    @Test
    void mdl_thatIsNotFreed_isFoundAtUnload() {
        NonPagedBlock block = block("abc");
        Mdl mdl = mdl(block);
        block.free();

        assertThat(bench.pool.outstanding())
                .singleElement()
                .extracting(PoolBlock::tag)
                .isEqualTo("Mdl ");
        assertFault(Fault.POOL_LEAK, bench.driver::unload);
        assertThat(mdl.byteCount()).isEqualTo(3);
    }

    @Test
    @Spec("WSKS-28")
    void mdlsBehindTheStretch_areNotLookedAt() {
        Mdl first = mdl(block("abc"));
        Mdl unlocked = mm.ioAllocateMdl(block("def"), 3);
        first.setNext(unlocked);
        IrpRequest request = IrpRequest.begin(bench.io, bench.ownIrp((d, i, c) -> KEEP), "WskSend");

        assertThat(request.borrow(new WskBuf(first, 0, 4))).isNull();
        assertThat(request.borrow(new WskBuf(first, 0, 3))).isNotNull();

        request.completeNow(NtStatus.STATUS_SUCCESS, 0);
    }

    // ---- while a request is pending

    private IrpRequest pendingWith(Mdl mdl) {
        IrpRequest request = IrpRequest.begin(bench.io, bench.ownIrp((d, i, c) -> KEEP), "WskReceive");
        assertThat(request.borrow(WskBuf.of(mdl))).isNotNull();
        request.pend(() -> {});
        return request;
    }

    @Test
    void mdlAndMemory_releasedWhilePending_areFaults() {
        NonPagedBlock block = block("abc");
        Mdl mdl = mdl(block);
        pendingWith(mdl);

        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, () -> mm.mmUnlockPages(mdl));
        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, () -> mm.ioFreeMdl(mdl));
        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, block::free);

        // Freed all the same: what follows from the fault is not reported again.
        assertThat(bench.pool.outstanding()).isEmpty();
    }

    @Test
    void buffer_isLentUntilTheRoutineRuns_andMayBeFreedThere() {
        NonPagedBlock block = block("abc");
        Mdl mdl = mdl(block);
        List<Boolean> lent = new ArrayList<>();
        IrpRequest request = IrpRequest.begin(
                bench.io,
                bench.ownIrp((device, irp, context) -> {
                    lent.add(block.isLent());
                    mm.mmUnlockPages(mdl);
                    mm.ioFreeMdl(mdl);
                    block.free();
                    bench.io.ioFreeIrp(irp);
                    return KEEP;
                }),
                "WskReceive");
        request.borrow(WskBuf.of(mdl));
        request.pend(() -> {});
        request.complete(NtStatus.STATUS_SUCCESS, 3);
        assertThat(block.isLent()).isTrue();
        bench.dispatcher.runAll();

        assertThat(lent).containsExactly(false);
        assertThat(bench.faults()).isEmpty();
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void poolBlock_usedAsItIs_isLentAndWritable() {
        NonPagedBlock block = block("abc");
        IrpRequest request = IrpRequest.begin(bench.io, bench.ownIrp((d, i, c) -> KEEP), "WskControlSocket");
        ByteBuffer memory = request.borrow(block);
        request.run(() -> {
            memory.put("xyz".getBytes(StandardCharsets.US_ASCII));
            return new IoStatus(NtStatus.STATUS_SUCCESS, 3);
        });
        block.write(0, (byte) 'q');
        assertThat(block.bytes().get(0)).isEqualTo((byte) 'q');
        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, block::free);
        bench.dispatcher.runAll();

        assertThat(block.bytes().get(0)).isEqualTo((byte) 'x');
        assertThat(block.isLent()).isFalse();
    }

    @Test
    void buffer_thatIsFreedBeforeTheRequest_isAFault() {
        NonPagedBlock block = block("abc");
        Mdl overFreed = mdl(block);
        Mdl freed = mdl(block("d"));
        mm.ioFreeMdl(freed);
        block.free();
        IrpRequest request = IrpRequest.begin(bench.io, bench.ownIrp((d, i, c) -> KEEP), "WskSend");

        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, () -> request.borrow(block));
        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, () -> request.borrow(WskBuf.of(overFreed)));
        assertFault(Fault.BUFFER_FREED_WHILE_PENDING, () -> request.borrow(WskBuf.of(freed)));

        request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        mm.ioFreeMdl(overFreed);
        assertThat(bench.pool.outstanding()).hasSize(1);
    }
}
