package io.github.wfpsim.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.winsock.SocketHandle;
import org.junit.jupiter.api.Test;

/** What a socket remembers of its pending calls. */
class SocketEntryTest {

    private static OverlappedRequest pending(OverlappedProcess process) {
        OverlappedRequest request = OverlappedRequest.begin(
                process, new OverlappedStructure(), null, null, Thread.currentThread(), "WSARecv");
        request.pend(() -> {});
        return request;
    }

    @Test
    @Spec("IOCP-09")
    void callThatJustTries_isRemembered_untilItHasEnded() {
        OverlappedProcess process = new OverlappedProcess(
                new ProcessTable().system(),
                SimOptions.defaults(),
                new FaultRecorder(FaultMode.THROW, new TraceRecorder(new VirtualClock(), 0)),
                new Waits());
        SocketEntry entry = new SocketEntry(new SocketHandle(8), null, true);
        OverlappedRequest trying = pending(process);
        OverlappedRequest other = pending(process);
        entry.track(trying);
        assertThat(trying.take()).isTrue();

        entry.track(other);
        trying.giveBack();

        assertThat(entry.pending()).containsExactlyInAnyOrder(trying, other);
        assertThat(trying.take()).isTrue();
        trying.finish(OverlappedTurn.Result.of(0));
        entry.track(other);
        assertThat(entry.pending()).containsExactly(other);
    }
}
