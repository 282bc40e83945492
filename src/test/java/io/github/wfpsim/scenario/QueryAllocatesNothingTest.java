package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The synchronous queries of records and context take nothing from the heap, as the thread's own account tells. */
@Timeout(60)
class QueryAllocatesNothingTest {

    private static final int WARM_UP = 200_000;
    private static final int WINDOW = 10_000;
    private static final int WINDOWS = 50;
    private static final int ROOMY = 1024;

    @ParameterizedTest
    @EnumSource(
            value = ControlCode.class,
            names = {"SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS", "SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT"})
    void query_whenWarm_allocatesNothing(ControlCode code) throws Exception {
        SimOptions untraced = SimOptions.defaults().traceCapacity(0);
        try (WfpSim sim = WfpSim.open(untraced);
                TcpProduct acme = sim.product("acme").redirectTcp(80);
                SimSocket client = sim.app("browser.exe").connect("203.0.113.10:80")) {
            double least =
                    leastBytesPerCall(acme.process().winsock(), acme.listener().accept(), code);

            assertThat(least)
                    .as("bytes for each call, in the best of %d windows of %d calls", WINDOWS, WINDOW)
                    .isZero();
            client.abort();
        }
    }

    /** One window without a byte proves it: what the JVM itself allocates on the thread, or before it compiles, is elsewhere. */
    private static double leastBytesPerCall(Winsock winsock, SimSocket socket, ControlCode code) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer out = ByteBuffer.allocate(ROOMY);
        OutUlong returned = new OutUlong();
        ask(winsock, socket, code, out, returned, WARM_UP);
        assertThat(returned.value()).isPositive();
        long least = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS && least > 0; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            ask(winsock, socket, code, out, returned, WINDOW);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least / (double) WINDOW;
    }

    private static void ask(
            Winsock winsock, SimSocket socket, ControlCode code, ByteBuffer out, OutUlong returned, int calls) {
        for (int i = 0; i < calls; i++) {
            winsock.wsaIoctl(socket.handle(), code.code(), null, 0, out, ROOMY, returned);
        }
    }
}
