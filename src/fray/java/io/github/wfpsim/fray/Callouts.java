package io.github.wfpsim.fray;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.CompletionContext;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsCallout1;
import io.github.wfpsim.wfp.FwpsFlowDeleteFn0;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A scene with a driver whose one callout is asked at one layer. */
final class Callouts implements AutoCloseable {

    static final UUID KEY = new UUID(1, 1);

    final Scene scene;
    final KernelDriver driver;
    final Fwps fwps;
    /** The flow about which classifyFn was asked last. */
    final AtomicLong flow = new AtomicLong();

    int id;

    Callouts() {
        this(Orders.small());
    }

    Callouts(SimOptions options) {
        this.scene = new Scene(options);
        this.driver = scene.sim.loadDriver("acme.sys");
        this.fwps = driver.fwps();
    }

    /** Registers the callout, and has it asked at a layer. */
    Callouts at(Layer layer, ClassifyFn1 classifyFn, @Nullable FwpsFlowDeleteFn0 flowDeleteFn) {
        register(classifyFn, flowDeleteFn);
        scene.sim.fwpm().addFilter(Filter.at(layer).callout(KEY));
        return this;
    }

    NtStatus register(ClassifyFn1 classifyFn, @Nullable FwpsFlowDeleteFn0 flowDeleteFn) {
        Out<Integer> registered = Out.empty();
        NtStatus status = fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, classifyFn, null, flowDeleteFn), registered);
        if (status.isSuccess()) {
            id = Objects.requireNonNull(registered.get());
        }
        return status;
    }

    /** A callout that notes the flow and has nothing to say. */
    ClassifyFn1 noting() {
        return (values, meta, data, context, filter, flowContext, out) -> flow.set(meta.flowHandle());
    }

    /** A callout that pends what it is asked at first, and hands the handle out. */
    ClassifyFn1 pending(AtomicReference<ClassifyHandle> held, CountDownLatch pended) {
        return (values, meta, data, context, filter, flowContext, out) -> {
            Out<ClassifyHandle> handle = Out.empty();
            if (held.get() != null
                    || !fwps.fwpsAcquireClassifyHandle0(context, 0, handle).isSuccess()) {
                return;
            }
            ClassifyHandle acquired = Objects.requireNonNull(handle.get());
            assertThat(fwps.fwpsPendClassify0(acquired, filter.filterId(), 0, out))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            out.clearWriteRight();
            held.set(acquired);
            pended.countDown();
        };
    }

    /** A callout that pends the operation at first. */
    ClassifyFn1 pendingOperation(AtomicReference<CompletionContext> held, CountDownLatch pended) {
        return (values, meta, data, context, filter, flowContext, out) -> {
            if (held.get() != null) {
                return;
            }
            Out<CompletionContext> operation = Out.empty();
            assertThat(fwps.fwpsPendOperation0(meta.completionHandle(), operation))
                    .isEqualTo(NtStatus.STATUS_SUCCESS);
            out.setActionType(ActionType.FWP_ACTION_BLOCK);
            out.clearWriteRight();
            held.set(Objects.requireNonNull(operation.get()));
            pended.countDown();
        };
    }

    void permit(ClassifyHandle held) {
        fwps.fwpsCompleteClassify0(held, 0, new ClassifyOut(ActionType.FWP_ACTION_PERMIT, 0));
        fwps.fwpsReleaseClassifyHandle0(held);
    }

    @Override
    public void close() throws Exception {
        scene.settle();
        fwps.fwpsCalloutUnregisterById0(id);
        scene.close();
    }
}
