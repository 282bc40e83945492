package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.HELD;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.RemoteServer;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The machine tells who waits for what. */
@Timeout(60)
class StandingWaitsTest {

    private final HoldingLab lab = new HoldingLab(AddressFamily.AF_INET);

    private void assertOneWait(String words) {
        assertThat(lab.sim.waits())
                .filteredOn(wait -> wait.startsWith("background call"))
                .singleElement()
                .asString()
                .isEqualTo("background call waits for " + words);
    }

    private void assertNoWait() {
        assertThat(lab.sim.waits()).noneMatch(wait -> wait.startsWith("background call"));
    }

    @Test
    void connectThatACalloutHolds_namesTheCallout() throws Exception {
        try (lab) {
            SocketHandle socket = lab.tcp(lab.client);
            Background<Integer> connect = Background.start(() -> lab.client.connect(socket, lab.at(HELD)))
                    .awaitBlocked();
            assertThat(lab.sim.waits())
                    .singleElement()
                    .asString()
                    .contains("holder.sys")
                    .contains("#");

            lab.permit();

            assertThat(connect.result()).isZero();
            assertNoWait();
        }
    }

    @Test
    void acceptAndReceive_nameTheSocketAndTheConnection() throws Exception {
        try (lab) {
            Background<SocketHandle> accept = Background.start(() -> lab.server.accept(lab.listener, null))
                    .awaitBlocked();
            assertThat(lab.sim.waits())
                    .singleElement()
                    .asString()
                    .matches("background call waits for a connection at #\\d+");
            SocketHandle near = lab.tcp(lab.client);
            assertThat(lab.client.connect(near, lab.at(HoldingLab.OPEN))).isZero();
            SocketHandle far = Objects.requireNonNull(accept.result());
            assertNoWait();

            Background<Integer> receive = Background.start(() -> lab.server.recv(far, ByteBuffer.allocate(8), 0))
                    .awaitBlocked();
            assertThat(lab.sim.waits())
                    .singleElement()
                    .asString()
                    .contains("waits for bytes on the connection between 127.0.0.1:8080 and 127.0.0.1:");
            lab.client.send(near, HoldingLab.bytes("hello"), 0);
            assertThat(receive.result()).isEqualTo(5);
        }
    }

    @Test
    void serverOfTheNetwork_namesItsAddress() throws Exception {
        try (lab;
                RemoteServer remote = lab.sim.network().listen(new InetSocketAddress("203.0.113.10", 80))) {
            Background<DuplexStream> accept =
                    Background.start(() -> remote.accept(Deadline.NEVER)).awaitBlocked();
            assertOneWait("a connection at 203.0.113.10:80");

            remote.close();

            assertThat(accept.result()).isNull();
        }
    }

    @Test
    void waitsOfOverlappedCalls_nameWhatTheyWaitFor() throws Exception {
        try (lab) {
            Kernel32 kernel32 = lab.server.kernel32();
            CompletionPort port = kernel32.createIoCompletionPort(1);
            Background<List<CompletionPort.Entry>> packet = Background.start(
                            () -> kernel32.getQueuedCompletionStatusEx(port, 1, Kernel32.INFINITE))
                    .awaitBlocked();
            assertOneWait("a packet at a completion port");
            port.close();
            packet.result();
            assertNoWait();
        }
    }
}
