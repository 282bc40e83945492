package io.github.wfpsim.wsk;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A listening socket is closed while another thread begins to wait for a connection: nobody waits on. */
@JCStressTest
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "accept cancelled or refused, close done, nothing held")
@Outcome(expect = Expect.FORBIDDEN, desc = "a request is pending for ever, or ended twice")
@State
public class AcceptCloseStress {

    /** Machines remember faults, so each serves a few rounds only. */
    private static final int ROUNDS = 2_000;

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static volatile Machine current = new Machine();

    private final Machine machine = machine();
    private final WskListenSocket listener = machine.listener();
    private final Request accept = new Request(machine);
    private final Request close = new Request(machine);

    private static Machine machine() {
        if (COUNT.incrementAndGet() % ROUNDS == 0) {
            current = new Machine();
        }
        return current;
    }

    private static final class Machine {

        private final WfpSim sim = WfpSim.open(SimOptions.defaults()
                .completionMode(CompletionMode.INLINE)
                .dispatcher(DispatcherMode.MANUAL)
                .faultMode(FaultMode.RECORD));
        private final KernelDriver driver = sim.loadDriver("acme.sys");
        private final WskProviderNpi npi;

        Machine() {
            Out<WskRegistration> registration = Out.empty();
            driver.wsk().wskRegister(WskClientNpi.ofVersion10(), registration);
            Out<WskProviderNpi> captured = Out.empty();
            driver.wsk()
                    .wskCaptureProviderNpi(
                            Objects.requireNonNull(registration.get()), WskFlags.WSK_INFINITE_WAIT, captured);
            this.npi = Objects.requireNonNull(captured.get());
        }

        WskListenSocket listener() {
            Request made = new Request(this);
            npi.wskSocket(AddressFamily.AF_INET.code(), 1, 6, WskFlags.WSK_FLAG_LISTEN_SOCKET, null, null, 0, made.irp);
            WskListenSocket socket = (WskListenSocket) Objects.requireNonNull(made.irp.informationPointer());
            made.free();
            Request bound = new Request(this);
            socket.wskBind(new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 0), 0, bound.irp);
            bound.free();
            return socket;
        }
    }

    private static final class Request {

        private final Machine machine;
        private final Irp irp;
        private final AtomicInteger ends = new AtomicInteger();

        Request(Machine machine) {
            this.machine = machine;
            this.irp = machine.driver.io().ioAllocateIrp(1, false);
            machine.driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, context) -> {
                                ends.incrementAndGet();
                                return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                            },
                            null,
                            true,
                            true,
                            true);
        }

        void free() {
            machine.driver.io().ioFreeIrp(irp);
        }
    }

    @Actor
    public void waiting() {
        listener.wskAccept(0, null, null, null, null, accept.irp);
    }

    @Actor
    public void closing() {
        listener.wskCloseSocket(close.irp);
    }

    @Arbiter
    public void end(III_Result result) {
        // A close that meets a request on its way up goes on behind it, on the dispatcher.
        machine.sim.dispatcher().runAll();
        result.r1 = accept.ends.get();
        result.r2 = close.ends.get();
        result.r3 = accept.irp.ioStatus().status().isSuccess() ? 0 : 1;
        accept.free();
        close.free();
    }
}
