package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.winsock.SimSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The main job by a proxy in a driver: accept, ask, set, connect on, relay, end. */
@Timeout(20)
class KernelProxyTest {

    private static final byte[] CONTEXT = "who asked".getBytes(StandardCharsets.UTF_8);
    private static final int ROOMY = 1024;

    @ParameterizedTest
    @MethodSource("io.github.wfpsim.wsk.WskBench#familiesAndModes")
    @Spec({"WSK-01", "WSK-06", "WSK-13", "WSK-16", "WSK-30", "WSK-33", "WSK-42", "WSKS-18", "WSKS-37"})
    void kernelProxy_linksItsOnwardConnection(AddressFamily family, CompletionMode mode) throws Exception {
        try (WskBench bench = new WskBench(family, SimOptions.defaults().completionMode(mode))) {
            InetSocketAddress origin = bench.remote(10);
            RemoteServer server = bench.sim.network().listen(origin);
            bench.redirectApp(bench.proxyAddress, bench.sim.system(), CONTEXT);
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            SimSocket client = bench.app.winsock().tcpSocket(family).connect(origin);

            WskConnectionSocket accepted = bench.accept(listener);
            PoolBlock records = bench.block(ROOMY);
            OutUlong size = new OutUlong();
            bench.succeed(
                    irp -> query(accepted, ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, records, size, irp));
            PoolBlock context = bench.block(ROOMY);
            OutUlong contextSize = new OutUlong();
            bench.succeed(irp ->
                    query(accepted, ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT, context, contextSize, irp));
            assertThat(contextSize.value()).isEqualTo(CONTEXT.length);
            assertThat(context.memory().limit(CONTEXT.length)).isEqualTo(ByteBuffer.wrap(CONTEXT));

            WskConnectionSocket onward = bench.connection(0);
            bench.succeed(irp -> onward.wskControlSocket(
                    WskControlRequestType.WskIoctl,
                    ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                    0,
                    size.value(),
                    WskControlBuffer.of(records),
                    0,
                    null,
                    null,
                    irp));
            bench.succeed(irp -> onward.wskBind(bench.any(), 0, irp));
            bench.succeed(irp -> onward.wskConnect(origin, 0, irp));
            DuplexStream far = Objects.requireNonNull(server.accept(Deadline.NEVER));

            client.outputStream().write("ping".getBytes(StandardCharsets.UTF_8));
            WskBuf buffer = bench.buffer(ROOMY);
            long count = bench.send(irp -> accepted.wskReceive(buffer, 0, irp))
                    .outcome()
                    .information();
            assertThat(count).isEqualTo(4);
            WskBuf ping = new WskBuf(buffer.mdl(), 0, count);
            assertThat(bench.send(irp -> onward.wskSend(ping, 0, irp)).outcome().information())
                    .isEqualTo(4);
            ByteBuffer seen = ByteBuffer.allocate(4);
            assertThat(far.read(seen, Deadline.NEVER)).isEqualTo(4);
            assertThat(seen.flip()).isEqualTo(ByteBuffer.wrap("ping".getBytes(StandardCharsets.UTF_8)));
            assertThat(bench.sim.trace().log().entries())
                    .as("the onward connection is known as the proxy's own")
                    .anyMatch(entry -> entry.event() instanceof TraceEvent.RedirectStateQueried queried
                            && queried.subject().pid() == bench.sim.system().id()
                            && queried.state() == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(bench.sim.connections())
                    .filteredOn(connection -> connection.process().equals(bench.sim.system()))
                    .filteredOn(connection -> !connection.inheritedChain().isEmpty())
                    .hasSize(1);

            for (WskSocket socket : new WskSocket[] {accepted, onward, listener}) {
                bench.close(socket);
            }
            bench.unload();
            assertThat(bench.driver.held().held()).isEmpty();
            assertThat(bench.faults()).isEmpty();
        }
    }

    private static NtStatus query(
            WskConnectionSocket socket, ControlCode code, PoolBlock out, OutUlong size, io.github.wfpsim.irp.Irp irp) {
        return socket.wskControlSocket(
                WskControlRequestType.WskIoctl, code.code(), 0, 0, null, ROOMY, WskControlBuffer.of(out), size, irp);
    }
}
