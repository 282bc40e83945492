package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.irp.WskBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Buffers that do not keep what they promise. */
@Timeout(20)
class WskBufferTest {

    private final WskBench bench = new WskBench(AddressFamily.AF_INET);
    private WskConnectionSocket near = bench.connection(0);
    private WskConnectionSocket far = near;

    private void connect() {
        WskListenSocket listener = bench.listener(8080, 0);
        near = bench.bound(0);
        bench.succeed(irp -> near.wskConnect(bench.local(8080), 0, irp));
        far = bench.accept(listener);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Mdl mdl(int size) {
        PoolBlock block = bench.block(size);
        Mdl mdl = bench.driver.mm().ioAllocateMdl(block, size);
        bench.driver.mm().mmBuildMdlForNonPagedPool(mdl);
        return mdl;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    @Spec("WSKS-28")
    void receive_intoReadOnlyMemory_isInvalid_andTheDataStays() {
        connect();
        Mdl readOnly = bench.driver.mm().ioAllocateMdl(ByteBuffer.allocate(8).asReadOnlyBuffer(), 8);
        bench.driver.mm().mmProbeAndLockPages(readOnly, Mm.LockOperation.IO_READ_ACCESS);
        bench.succeed(irp -> near.wskSend(bench.buffer(text("hello")), 0, irp));

        assertThat(bench.run(irp -> far.wskReceive(WskBuf.of(readOnly), 0, irp)))
                .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

        WskBuf buffer = bench.buffer(5);
        bench.succeed(irp -> far.wskReceive(buffer, 0, irp));
        assertThat(WskBench.bytes(buffer, 5)).isEqualTo(text("hello"));
    }

    @Test
    @Spec("WSKS-28")
    void chain_thatIsLinkedAnewWhileARequestIsPending_isUsedAsItWas() {
        connect();
        Mdl first = mdl(4);
        Mdl second = mdl(4);
        first.setNext(second);
        WskBench.Sent receive = bench.send(irp -> far.wskReceive(WskBuf.of(first), WskFlags.WSK_FLAG_WAITALL, irp));

        first.setNext(null);
        bench.succeed(irp -> near.wskSend(bench.buffer(text("ping")), 0, irp));
        bench.succeed(irp -> near.wskSend(bench.buffer(text("pong")), 0, irp));

        assertThat(receive.outcome().information()).isEqualTo(8);
        assertThat(WskBench.bytes(WskBuf.of(second), 4)).isEqualTo(text("pong"));
    }

    @Test
    @Spec("WSKS-28")
    void chain_thatWasCutBeforeTheCall_isInvalid() {
        connect();
        Mdl first = mdl(4);
        first.setNext(mdl(4));
        WskBuf both = WskBuf.of(first);
        first.setNext(null);

        assertThat(bench.run(irp -> near.wskSend(both, 0, irp))).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        assertThat(bench.run(irp -> far.wskReceive(both, 0, irp))).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-29")
    void datagram_toAnUnresolvedAddress_isInvalid(CompletionMode mode) {
        try (WskBench other =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            WskDatagramSocket socket =
                    (WskDatagramSocket) other.socket(WskFlags.WSK_FLAG_DATAGRAM_SOCKET, 2, WskBench.UDP, 0);
            other.succeed(irp -> socket.wskBind(other.any(), 0, irp));
            InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 80);

            assertThat(other.run(irp -> socket.wskSendTo(other.buffer(4), 0, nowhere, 0, null, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        }
    }
}
