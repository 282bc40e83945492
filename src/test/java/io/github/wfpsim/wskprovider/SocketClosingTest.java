package io.github.wfpsim.wskprovider;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.ControlBench;
import io.github.wfpsim.wsk.WskBench;
import io.github.wfpsim.wsk.WskConnectionSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The moments in which a close could miss a request, one by one. */
@Timeout(20)
class SocketClosingTest {

    private final List<String> done = new ArrayList<>();

    private static IrpRequest begin(ControlBench lab, Irp irp) {
        return Objects.requireNonNull(IrpRequest.begin(lab.bench.driver.io(), irp, "WskReceive"));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSKS-11", "WSK-41"})
    void requestThatWasGivenBackWhileAnotherCallCame_isCancelledByAClose(AddressFamily family) {
        try (ControlBench lab = new ControlBench(family, ControlBench.manual())) {
            WskConnectionSocket socket = lab.redirected();
            KernelSocket core = (KernelSocket) socket;
            Turns turns = Objects.requireNonNull(core.receives());
            WskBench.Sent waiting = lab.bench.send(irp -> {
                IrpRequest request = begin(lab, irp);
                return core.queue(request, turns, new IrpTurn(core, request) {
                    @Override
                    @Nullable
                    public IoStatus tryNow() {
                        done.add("tried");
                        lab.bench.send(other -> socket.wskGetLocalAddress(Out.empty(), other));
                        // As a receive that comes too late would end.
                        return core.isClosing() ? new IoStatus(NtStatus.STATUS_INVALID_DEVICE_STATE, 0) : null;
                    }
                });
            });
            lab.bench.sim.dispatcher().runAll();
            assertThat(done).isNotEmpty();
            assertThat(waiting.isOver()).isFalse();

            lab.bench.close(socket);

            assertThat(waiting.isOver()).isTrue();
            assertThat(waiting.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSKS-11", "WSK-41"})
    void requestThatBeganBeforeAClose_andIsDispatchedAfterIt_isCancelled(AddressFamily family) {
        try (ControlBench lab = new ControlBench(family, ControlBench.manual())) {
            WskConnectionSocket socket = lab.redirected();
            WskBench.Sent late = lab.bench.send(irp -> {
                IrpRequest request = begin(lab, irp);
                lab.bench.close(socket);
                return ((KernelSocket) socket).run(request, () -> {
                    done.add("worked");
                    return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
                });
            });

            assertThat(late.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            assertThat(done).isEmpty();
        }
    }

    /** A driver frees its buffers after the close: nobody may be about to write to them. */
    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSKS-11")
    void closeThatComesWhileSomebodyHasTakenARequest_completesAfterIt(AddressFamily family) {
        SimOptions inline = SimOptions.defaults().dispatcher(DispatcherMode.INLINE);
        try (ControlBench lab = new ControlBench(family, inline)) {
            WskConnectionSocket socket = lab.redirected();
            KernelSocket core = (KernelSocket) socket;
            Turns turns = Objects.requireNonNull(core.receives());
            List<WskBench.Sent> closes = new ArrayList<>();

            WskBench.Sent taken = lab.bench.send(irp -> core.call(
                    "WskReceive",
                    irp,
                    request -> core.queue(request, turns, new IrpTurn(core, request) {
                        @Override
                        public IoStatus tryNow() {
                            WskBench.Sent close = lab.bench.send(socket::wskCloseSocket);
                            done.add(close.isOver() ? "closed too early" : "waits");
                            closes.add(close);
                            return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
                        }
                    })));

            assertThat(done).containsExactly("waits");
            assertThat(taken.status()).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(closes.get(0).status()).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }
}
