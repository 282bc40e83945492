package io.github.wfpsim.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An overlapped call that is cancelled while somebody tries to end it. */
class OverlappedRequestTest {

    private static final int CALLS = 20_000;

    private final OverlappedProcess process = new OverlappedProcess(
            new ProcessTable().system(),
            SimOptions.defaults(),
            new FaultRecorder(FaultMode.THROW, new TraceRecorder(new VirtualClock(), 0)),
            new Waits());

    private OverlappedRequest pending() {
        OverlappedRequest request = OverlappedRequest.begin(
                process, new OverlappedStructure(), null, null, Thread.currentThread(), "WSARecv");
        request.pend(() -> {});
        return request;
    }

    @Test
    @Timeout(60)
    @Spec("IOCP-09")
    void cancelIoEx_ofACallThatJustTries_saysThatItWasAskedToEnd() throws Exception {
        List<OverlappedRequest> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(pending());
        }
        AtomicInteger tried = new AtomicInteger();
        Callable<Integer> tries = () -> {
            for (OverlappedRequest call : calls) {
                tried.incrementAndGet();
                while (!call.isFinished()) {
                    if (call.take()) {
                        call.giveBack();
                    }
                }
            }
            return CALLS;
        };
        Callable<Integer> cancels = () -> {
            int asked = 0;
            int turn = 0;
            for (OverlappedRequest call : calls) {
                turn++;
                while (tried.get() < turn) {
                    Thread.onSpinWait();
                }
                asked += call.askToEnd() ? 1 : 0;
            }
            return asked;
        };

        assertThat(Race.run(List.of(tries, cancels))).containsExactly(CALLS, CALLS);
        assertThat(calls).noneMatch(OverlappedRequest::askToEnd);
    }
}
