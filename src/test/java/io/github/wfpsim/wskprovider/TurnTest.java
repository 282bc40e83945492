package io.github.wfpsim.wskprovider;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskBench;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskListenSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests of one kind on one socket keep their order, and nobody is forgotten. */
@Timeout(20)
class TurnTest {

    private final List<String> done = new ArrayList<>();

    private NtStatus queue(WskBench bench, KernelSocket socket, Turns turns, Irp irp, String name, Runnable meanwhile) {
        IrpRequest request = Objects.requireNonNull(IrpRequest.begin(bench.driver.io(), irp, "WskSend"));
        return socket.queue(request, turns, new IrpTurn(socket, request) {
            @Override
            @Nullable
            public IoStatus tryNow() {
                done.add(name + " begins");
                meanwhile.run();
                done.add(name + " ends");
                return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
            }
        });
    }

    /** As if a second thread came while the first one moves data. */
    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec({"WSKS-22", "WSKS-23"})
    void requestThatComesWhileAnotherIsWorkedOn_waitsForItsTurn(CompletionMode mode) {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            WskListenSocket listener = bench.listener(8080, 0);
            WskConnectionSocket near = bench.bound(0);
            bench.succeed(irp -> near.wskConnect(bench.local(8080), 0, irp));
            KernelSocket core = (KernelSocket) near;
            Turns turns = Objects.requireNonNull(core.sends());
            List<WskBench.Sent> second = new ArrayList<>();

            WskBench.Sent first = bench.send(irp -> queue(
                    bench,
                    core,
                    turns,
                    irp,
                    "1",
                    () -> second.add(bench.send(other -> queue(bench, core, turns, other, "2", () -> {})))));

            assertThat(first.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(second.get(0).status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(done).containsExactly("1 begins", "1 ends", "2 begins", "2 ends");
            bench.close(listener);
        }
    }

    @Test
    @Spec({"WSKS-25", "IRP-13"})
    void receiveOfNothing_behindOneThatIsCancelled_ends() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskListenSocket listener = bench.listener(8080, 0);
            WskConnectionSocket near = bench.bound(0);
            bench.succeed(irp -> near.wskConnect(bench.local(8080), 0, irp));
            WskBench.Sent first = bench.send(irp -> near.wskReceive(bench.buffer(4), 0, irp));
            WskBench.Sent nothing = bench.send(irp -> near.wskReceive(new WskBuf(null, 0, 0), 0, irp));

            bench.driver.io().ioCancelIrp(first.irp());

            assertThat(first.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            assertThat(nothing.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            bench.close(listener);
        }
    }
}
