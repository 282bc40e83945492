package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What WSPIoctl does beyond WSAIoctl; that it does the same otherwise is held by {@link Outcome}. */
@Timeout(20)
class WspIoctlTest {

    private static final int KEPT = 4711;

    private static int sizeQuery(RedirectLab lab, SocketHandle accepted, OutUlong count, OutUlong errno) {
        return lab.proxy.winsock().wspIoctl(accepted, RedirectLab.RECORDS, null, 0, null, 0, count, errno);
    }

    @Test
    @Spec({"WSA-01", "WSA-02", "WSA-03"})
    void failure_isToldByPointerAndLeavesTheLastErrorAlone() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            OutUlong errno = new OutUlong();
            winsock.wsaSetLastError(KEPT);

            assertThat(sizeQuery(lab, lab.redirected().accepted(), new OutUlong(), errno))
                    .isEqualTo(Winsock.SOCKET_ERROR);

            assertThat(errno.value()).isEqualTo(Win32Error.ERROR_INSUFFICIENT_BUFFER.code());
            assertThat(winsock.wsaGetLastError()).isEqualTo(KEPT);
        }
    }

    @Test
    @Spec("WSA-03")
    void nullErrno_isAFaultAndTouchesNothing() {
        SimOptions recording = SimOptions.defaults().faultMode(FaultMode.RECORD);
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET, recording)) {
            OutUlong count = new OutUlong();
            count.set(KEPT);

            assertThat(lab.proxy
                            .winsock()
                            .wspIoctl(lab.redirected().accepted(), RedirectLab.RECORDS, null, 0, null, 0, count, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);

            assertThat(count.value()).isEqualTo(KEPT);
            assertThat(lab.sim.verifier().violations())
                    .extracting(violation -> violation.kind())
                    .containsExactly(Fault.NULL_ERRNO);
        }
    }

    @Test
    @Spec("WSA-03")
    void nullErrno_onAThrowingMachine_throws() {
        try (RedirectLab lab = RedirectLab.open(AddressFamily.AF_INET)) {
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> lab.proxy
                            .winsock()
                            .wspIoctl(lab.listener, RedirectLab.RECORDS, null, 0, null, 0, new OutUlong(), null))
                    .withMessageContaining("NULL_ERRNO")
                    .withMessageContaining("lpErrno");
        }
    }
}
