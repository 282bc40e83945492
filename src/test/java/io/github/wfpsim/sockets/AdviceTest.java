package io.github.wfpsim.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.Win32Error;
import org.junit.jupiter.api.Test;

/** What failures of the Java API say. */
class AdviceTest {

    @Test
    void error_isNamedByTheNumberThatItIsKnownBy() {
        assertThat(Advice.failure("connect", "#24", Win32Error.WSAECONNREFUSED)).hasMessageContaining("(10061)");
        assertThat(Advice.failure(Advice.QUERY_RECORDS, "#24", Win32Error.FWP_E_NOT_FOUND))
                .hasMessageContaining("(0x80320008)");
    }

    @Test
    void addressThatIsNobodys_isNotTakenForOneOfTheMachine() {
        for (String call : new String[] {Advice.CONNECT, Advice.SENDTO, Advice.SEND_RECORDS}) {
            assertThat(Advice.on(call, Win32Error.WSAEADDRNOTAVAIL))
                    .contains("port 0")
                    .doesNotContain("not one of this machine");
        }
        assertThat(Advice.on("bind", Win32Error.WSAEADDRNOTAVAIL)).contains("not one of this machine");
    }

    @Test
    void everyError_hasAnAdviceForEveryCall() {
        for (Win32Error error : Win32Error.values()) {
            for (String call : new String[] {
                Advice.QUERY_RECORDS,
                Advice.QUERY_CONTEXT,
                Advice.SET_RECORDS,
                Advice.SEND_RECORDS,
                "connect",
                "sendto",
                "bind"
            }) {
                assertThat(Advice.failure(call, "#24", error))
                        .hasMessageStartingWith(call + " #24 failed with " + error + " (");
                assertThat(Advice.on(call, error)).isNotBlank();
            }
        }
    }
}
