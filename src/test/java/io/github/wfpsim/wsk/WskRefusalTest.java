package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.Sockaddr;
import io.github.wfpsim.winsock.SimSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arguments that kernel sockets refuse, before anything has changed. */
@Timeout(20)
class WskRefusalTest {

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSKS-07", "WSKS-13", "WSKS-19", "WSKS-21"})
    void reservedFlags_areInvalid_andNothingStarts(CompletionMode mode) {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            bench.sim.network().listen(bench.remote(10));
            WskConnectionSocket socket = bench.connection(0);
            WskListenSocket unbound = (WskListenSocket) bench.socket(1, 1, WskBench.TCP, 0);
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);

            assertThat(List.of(
                            bench.run(irp -> socket.wskBind(bench.any(), 1, irp)),
                            bench.run(irp -> unbound.wskBind(bench.any(), 1, irp)),
                            bench.run(irp -> listener.wskAccept(1, null, null, null, null, irp)),
                            bench.run(irp -> bench.npi.wskSocketConnect(
                                    1, WskBench.TCP, bench.any(), bench.remote(10), 1, null, null, 0, irp))))
                    .containsOnly(NtStatus.STATUS_INVALID_PARAMETER);
            bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> unbound.wskBind(bench.any(), 0, irp));
            assertThat(bench.run(irp -> socket.wskConnect(bench.remote(10), 1, irp)))
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            bench.succeed(irp -> socket.wskConnect(bench.remote(10), 0, irp));
        }
    }

    @Test
    @Spec({"WSKS-07", "WSKS-21", "WSKS-29"})
    void addressesThatAreNotResolved_areInvalid() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            InetSocketAddress name = InetSocketAddress.createUnresolved("origin.example", 80);
            WskConnectionSocket socket = bench.bound(0);
            WskDatagramSocket datagrams = (WskDatagramSocket) bench.socket(4, 2, WskBench.UDP, 0);
            bench.succeed(irp -> datagrams.wskBind(bench.any(), 0, irp));

            assertThat(List.of(
                            bench.run(irp -> bench.connection(0).wskBind(name, 0, irp)),
                            bench.run(irp -> socket.wskConnect(name, 0, irp)),
                            bench.run(irp -> datagrams.wskSendTo(bench.buffer(1), 0, name, 0, null, irp)),
                            bench.run(irp -> bench.npi.wskSocketConnect(
                                    1, WskBench.TCP, name, bench.remote(10), 0, null, null, 0, irp)),
                            bench.run(irp -> bench.npi.wskSocketConnect(
                                    1, WskBench.TCP, bench.any(), name, 0, null, null, 0, irp))))
                    .containsOnly(NtStatus.STATUS_INVALID_PARAMETER);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSKS-28", "WSKS-29"})
    void receiveIntoReadOnlyMemory_isInvalid_andLosesNothing(CompletionMode mode) throws Exception {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            SimSocket client = bench.app.winsock().tcpSocket(bench.family).connect(bench.proxyAddress);
            WskConnectionSocket accepted = bench.accept(listener);
            WskDatagramSocket datagrams = (WskDatagramSocket) bench.socket(4, 2, WskBench.UDP, 0);
            bench.succeed(irp -> datagrams.wskBind(bench.any(), 0, irp));
            client.send(new byte[3]);
            Mdl mdl = bench.driver.mm().ioAllocateMdl(ByteBuffer.allocate(4).asReadOnlyBuffer(), 4);
            bench.driver.mm().mmProbeAndLockPages(mdl, Mm.LockOperation.IO_READ_ACCESS);

            assertThat(List.of(
                            bench.run(irp -> accepted.wskReceive(WskBuf.of(mdl), 0, irp)),
                            bench.run(irp -> datagrams.wskReceiveFrom(WskBuf.of(mdl), 0, null, null, null, null, irp))))
                    .containsOnly(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.send(irp -> accepted.wskReceive(bench.buffer(9), 0, irp))
                            .outcome()
                            .information())
                    .isEqualTo(3);

            bench.driver.mm().mmUnlockPages(mdl);
            bench.driver.mm().ioFreeMdl(mdl);
        }
    }

    @Test
    @Spec("WSKS-30")
    void fixedPeer_needsAPort_andTakesNoOutput() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskDatagramSocket socket = (WskDatagramSocket) bench.socket(4, 2, WskBench.UDP, 0);
            bench.succeed(irp -> socket.wskBind(bench.any(), 0, irp));
            InetSocketAddress peer = bench.remote(10);

            assertThat(List.of(
                            setPeer(bench, socket, Sockaddr.bytesOf(new InetSocketAddress(peer.getAddress(), 0)), null),
                            setPeer(bench, socket, Sockaddr.bytesOf(peer), new OutUlong()),
                            setPeer(bench, socket, Sockaddr.bytesOf(peer).limit(15), null),
                            setPeer(bench, socket, Sockaddr.bytesOf(new InetSocketAddress("2001:db8::1", 80)), null)))
                    .containsOnly(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(bench.run(irp -> socket.wskSendTo(bench.buffer(1), 0, null, 0, null, irp)))
                    .as("still no peer")
                    .isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        }
    }

    private static NtStatus setPeer(WskBench bench, WskSocket socket, ByteBuffer peer, @Nullable OutUlong returned) {
        return bench.run(irp -> socket.wskControlSocket(
                WskControlRequestType.WskIoctl,
                ControlCode.SIO_WSK_SET_REMOTE_ADDRESS.code(),
                0,
                peer.remaining(),
                WskControlBuffer.of(peer),
                0,
                null,
                returned,
                irp));
    }

    @Test
    @Spec({"WSKS-02", "WSKS-05"})
    void socket_whileTheNetworkIsDown_isNotReady() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);

            assertThat(bench.run(irp -> bench.npi.wskSocket(2, 1, WskBench.TCP, 2, null, null, 0, irp)))
                    .isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);

            bench.unload();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }
}
