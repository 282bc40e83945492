package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.irp.IoStatusException;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A product in a driver works however its requests complete, and gives everything back however clients end. */
@Timeout(30)
class KernelProductTest {

    private static final InetSocketAddress ORIGIN = new InetSocketAddress("203.0.113.10", 80);
    private static final int MANY_BUFFERS = 300_000;
    private static final Executor OWN_THREADS = work -> new Thread(work, "KernelProductTest").start();

    private WfpSim sim = WfpSim.open();

    private KernelProduct load() {
        return sim.product("acme").redirectTcpInDriver(ORIGIN.getPort());
    }

    private SimSocket connect() throws IOException {
        return sim.app("app.exe").connect(IpAddress.text(ORIGIN));
    }

    private void unload(KernelProduct product) {
        product.close();
        assertThat(product.driver().held().held()).isEmpty();
        sim.close();
        assertThat(sim.verifier().violations()).isEmpty();
    }

    private static DuplexStream accept(RemoteServer server) throws Exception {
        return Objects.requireNonNull(server.accept(Deadline.NEVER));
    }

    private static Void sendAll(DuplexStream stream, int count) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(count);
            while (bytes.hasRemaining()) {
                stream.write(bytes, Deadline.NEVER);
            }
            stream.shutdownOutput();
            return null;
        } catch (IOException | InterruptedException broken) {
            throw new AssertionError(broken);
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    void driver_relays_howeverRequestsComplete(CompletionMode mode) throws Exception {
        sim = WfpSim.open(SimOptions.defaults().completionMode(mode).completionIrql(Irql.DISPATCH_LEVEL));
        RemoteServer server = sim.network().listen(ORIGIN);
        KernelProduct product = load();
        SimSocket client = connect();
        DuplexStream far = accept(server);
        CompletableFuture<Void> sent = CompletableFuture.supplyAsync(() -> sendAll(far, MANY_BUFFERS), OWN_THREADS);

        assertThat(client.inputStream().readAllBytes()).hasSize(MANY_BUFFERS);
        sent.join();
        client.close();

        unload(product);
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatcherMode.class,
            names = {"BACKGROUND", "MANUAL"})
    void portThatIsTaken_isNamed_withTheWayOut(DispatcherMode mode) throws Exception {
        sim = WfpSim.open(SimOptions.defaults().dispatcher(mode));
        SimSocket taken = sim.app("app.exe").listen("[::1]:8080");

        assertThatIllegalStateException()
                .isThrownBy(() -> sim.product("acme").redirectTcpInDriver(80))
                .withMessageContaining("WskBind to [::1]:8080 failed")
                .withMessageContaining("STATUS_ADDRESS_ALREADY_EXISTS")
                .withMessageContaining("proxyPort")
                .withCauseInstanceOf(IoStatusException.class);

        assertThat(sim.held().held()).isEmpty();
        assertThat(sim.connections()).hasSize(1);
        taken.close();
        unload(load());
    }

    @Test
    void client_ofAServerThatIsDown_isReset() throws Exception {
        KernelProduct product = load();
        SimSocket client = connect();

        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(() -> client.receive(new byte[1]))
                .satisfies(failure -> assertThat(failure.error()).isEqualTo(Win32Error.WSAECONNRESET));

        unload(product);
    }

    @Test
    void client_thatBreaksOff_endsBothDirections() throws Exception {
        RemoteServer server = sim.network().listen(ORIGIN);
        KernelProduct product = load();
        SimSocket client = connect();
        DuplexStream far = accept(server);
        client.abort();

        unload(product);
        assertThat(far.isReset()).isTrue();
    }
}
