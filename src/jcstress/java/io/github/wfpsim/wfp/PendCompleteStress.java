package io.github.wfpsim.wfp;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A pended bind is completed by another thread while the call that pended returns: whoever goes on sees what the other
 * has done, for a callout that is asked below as well.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "bound, and both callouts were asked once")
@Outcome(expect = Expect.FORBIDDEN, desc = "not bound, or a callout was asked another number of times")
@State
public class PendCompleteStress {

    private static final int ROUNDS = 2_000;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static volatile Machine current = new Machine();

    private final Machine machine = machine();
    private final SocketHandle socket =
            machine.winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    private final AtomicInteger below = new AtomicInteger();
    private volatile @Nullable ClassifyHandle held;

    public PendCompleteStress() {
        machine.states.put(socket.value(), this);
    }

    private static Machine machine() {
        if (COUNT.incrementAndGet() % ROUNDS == 0) {
            current = new Machine();
        }
        return current;
    }

    /** A callout that pends each bind, and one below it that only counts. */
    private static final class Machine {

        private final WfpSim sim = WfpSim.open(SimOptions.defaults().traceCapacity(0));
        private final Map<Long, PendCompleteStress> states = new ConcurrentHashMap<>();
        private final KernelDriver driver = sim.loadDriver("acme.sys");
        private final Winsock winsock =
                sim.process("C:\\app.exe", Token.STANDARD_USER).winsock();

        Machine() {
            add(0xFFFF, (values, meta, data, context, filter, flow, out) -> {
                Out<ClassifyHandle> handle = Out.empty();
                driver.fwps().fwpsAcquireClassifyHandle0(context, 0, handle);
                ClassifyHandle pended = Objects.requireNonNull(handle.get());
                driver.fwps().fwpsPendClassify0(pended, filter.filterId(), 0, out);
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
                stateOf(meta).held = pended;
            });
            add(1, (values, meta, data, context, filter, flow, out) -> {
                stateOf(meta).below.incrementAndGet();
                out.setActionType(ActionType.FWP_ACTION_CONTINUE);
            });
        }

        private PendCompleteStress stateOf(IncomingMetadataValues meta) {
            return Objects.requireNonNull(states.get(meta.transportEndpointHandle()));
        }

        private void add(int weight, ClassifyFn1 classifyFn) {
            UUID key = UUID.randomUUID();
            driver.registerCallout(key, classifyFn);
            SubLayer subLayer = sim.fwpm().addSubLayer(new SubLayer(UUID.randomUUID(), "stress", weight));
            sim.fwpm()
                    .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4)
                            .subLayer(subLayer)
                            .callout(key));
        }
    }

    @Actor
    public void bind(I_Result result) {
        int bound = machine.winsock.bind(socket, new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 0));
        result.r1 = bound == 0 ? below.get() - 1 : 100;
        machine.states.remove(socket.value());
        machine.winsock.closesocket(socket);
    }

    @Actor
    public void complete() {
        ClassifyHandle pended = held;
        while (pended == null) {
            Thread.onSpinWait();
            pended = held;
        }
        machine.driver
                .fwps()
                .fwpsCompleteClassify0(
                        pended, 0, new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, ActionType.FWPS_RIGHT_ACTION_WRITE));
        machine.driver.fwps().fwpsReleaseClassifyHandle0(pended);
    }
}
