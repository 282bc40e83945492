package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.trace.SequenceRenderer;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The story of one redirected connection, word for word. After a change that is meant, write the files anew with
 * {@code mvn -q test -Dtest=StoryTest -Dgolden.write=true} and read the difference.
 */
@Timeout(20)
class StoryTest {

    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void redirectedConnection_asText(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            play(sim, family);
            assertGolden(
                    "redirected-" + family + ".txt",
                    new TextRenderer().render(sim.trace().log().entries()));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void redirectedConnection_asDiagram(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            play(sim, family);
            assertGolden(
                    "redirected-" + family + ".mmd",
                    new SequenceRenderer().render(sim.trace().log().entries()));
        }
    }

    private static void play(WfpSim sim, AddressFamily family) throws IOException {
        InetSocketAddress origin = Vendor.origin(family);
        sim.network().listen(origin);
        try (Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting("ctx".getBytes(UTF_8))) {
            SimProcess app = sim.process("C:\\app.exe", Token.STANDARD_USER);
            SimSocket client = app.winsock().tcpSocket(family).connect(origin);
            SimSocket accepted = vendor.listener.accept();
            assertThat(accepted.queryRedirectContext()).isPresent();
            SimSocket onward = vendor.onward(accepted, origin);
            client.close();
            accepted.close();
            onward.abort();
            app.close();
        }
    }

    private static void assertGolden(String name, String actual) throws IOException {
        Path golden = GOLDEN.resolve(name);
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden, actual);
        }
        assertThat(actual).isEqualToNormalizingNewlines(Files.readString(golden));
    }
}
