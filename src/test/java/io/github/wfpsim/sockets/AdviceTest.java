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
    void everyError_hasAnAdviceForEveryCall() {
        for (Win32Error error : Win32Error.values()) {
            for (String call :
                    new String[] {Advice.QUERY_RECORDS, Advice.QUERY_CONTEXT, Advice.SET_RECORDS, "connect"}) {
                assertThat(Advice.failure(call, "#24", error))
                        .hasMessageStartingWith(call + " #24 failed with " + error + " (");
                assertThat(Advice.on(call, error)).isNotBlank();
            }
        }
    }
}
