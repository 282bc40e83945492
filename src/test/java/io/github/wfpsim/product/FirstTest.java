package io.github.wfpsim.product;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.redirect.OriginalDestination;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The first test of the README; {@link FirstTestSizeTest} keeps it small. */
@Timeout(60)
class FirstTest {

    @Test
    void proxy_passesOnWhatTheClientAsked() throws Exception {
        try (var sim = WfpSim.open();
                var acme = sim.product("acme").redirectTcp(80)) {
            sim.serve("203.0.113.10:80", request -> "hello");
            acme.run(() -> serveOne(acme));
            var client = sim.app("app.exe").connect("203.0.113.10:80");
            assertThat(client.exchange("GET")).isEqualTo("hello by acme");
        }
    }

    /** The proxy under test: one connection, which goes on to where the client wanted. */
    private static String serveOne(TcpProduct acme) throws IOException {
        try (var client = acme.listener().accept();
                var onward = acme.process().winsock().tcpSocket(AddressFamily.AF_INET)) {
            onward.setRedirectRecords(client.queryRedirectRecords().orElseThrow());
            byte[] context = client.queryRedirectContext().orElseThrow();
            onward.connect(OriginalDestination.decode(context).remote());
            String answer = onward.exchange(new String(client.inputStream().readAllBytes(), UTF_8));
            client.send((answer + " by acme").getBytes(UTF_8));
            return answer;
        }
    }
}
