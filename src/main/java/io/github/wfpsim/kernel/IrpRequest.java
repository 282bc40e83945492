package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.machine.PendingRequest;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request as its provider sees it: it claims an IRP, works, and completes it exactly once. For the rooms of the library
 * that carry requests out; drivers never see it.
 *
 * <p>After {@link #begin} the provider takes one of three ways: {@link #completeNow} for a refusal, {@link #run} for work
 * that needs no waiting, {@link #pend} for work that ends later by {@link #complete} or, if data is consumed for it, by
 * {@link #take} and {@link #finish}. Who gets to complete is settled by one compare-and-set, so cancellation, completion
 * and close may come from any thread at once. Completion routines run without a lock; a provider must hold none when it
 * completes.
 *
 * <p>Source: Using IRPs with Winsock Kernel Functions; Canceling IRPs (WDK). Requirements: IRP-03, IRP-04, IRP-13 to IRP-16,
 * WSK-06, WSK-07, WSK-21, WSK-22, WSK-40 to WSK-42.
 */
public final class IrpRequest extends PendingRequest {

    private static final NtStatus IN_BETWEEN = NtStatus.STATUS_PENDING;

    private final IoManager manager;
    private final DriverIo caller;
    private final Packet irp;
    private final Runnable whenUp;
    private final Packet.CancelHook onCancel = ignored -> cancel();
    // Null until a buffer is borrowed that has to be given back.
    private @Nullable List<Runnable> loans;
    private @Nullable Object pointer;

    private IrpRequest(DriverIo caller, Packet irp, String function, Runnable whenUp) {
        super(function, irp.manager().drawInline());
        this.manager = irp.manager();
        this.caller = caller;
        this.irp = irp;
        this.whenUp = whenUp;
    }

    /**
     * Claims an IRP for a request. A fault refuses it: nothing has started then, and the IRP is where it was.
     *
     * @param caller the functions of the driver that hands the IRP in
     * @param irp the IRP
     * @param function Windows name of the function that was called, for faults
     * @return the request, which has to be completed; null after a fault {@code IRP_BUSY}, {@code
     *     IRP_USED_AFTER_COMPLETION}, {@code IRP_STACK_EXHAUSTED}, {@code IRP_NO_COMPLETION_ROUTINE} or {@code
     *     IRP_INCOMPLETE_INVOKE_FLAGS}
     * @throws io.github.wfpsim.verifier.FaultException for these, if faults are thrown
     */
    public static @Nullable IrpRequest begin(Io caller, Irp irp, String function) {
        return begin(caller, irp, function, () -> {});
    }

    /**
     * Claims an IRP, as {@link #begin(Io, Irp, String)}.
     *
     * @param caller the functions of the driver that hands the IRP in
     * @param irp the IRP
     * @param function Windows name of the function that was called, for faults
     * @param whenUp called once after the IRP has gone up and the routines have returned; of a future, before what depends
     *     on it. Not called if there is no request
     * @return the request, or null, as there
     * @throws io.github.wfpsim.verifier.FaultException as there
     */
    public static @Nullable IrpRequest begin(Io caller, Irp irp, String function, Runnable whenUp) {
        return begin(DriverIo.of(caller), Packet.of(irp), function, whenUp);
    }

    private static @Nullable IrpRequest begin(DriverIo caller, Packet irp, String function, Runnable whenUp) {
        IrpRequest request = new IrpRequest(caller, irp, function, whenUp);
        if (!caller.takeForOthers(irp, request, function)) {
            return null;
        }
        Fault fault = request.defect();
        if (fault != null) {
            irp.giveTo(caller);
            caller.fault(fault, function + " was called with " + irp);
            return null;
        }
        irp.goDown();
        return request;
    }

    /** What is wrong with the IRP's stack, or null. */
    private @Nullable Fault defect() {
        StackLocation next = irp.nextOrNull();
        if (next == null) {
            return Fault.IRP_STACK_EXHAUSTED;
        }
        if (!irp.isAllocatedBy(caller) || irp.currentOrNull() != null) {
            // From above, be it from a device of the same driver.
            return null;
        }
        if (next.completionRoutine() == null) {
            return Fault.IRP_NO_COMPLETION_ROUTINE;
        }
        return next.invokesAlways() ? null : Fault.IRP_INCOMPLETE_INVOKE_FLAGS;
    }

    // ---- buffers

    /**
     * Borrows a pool block until the request completes. Before {@link #pend}, {@link #run} and {@link #completeNow} only.
     *
     * @param buffer the caller's buffer
     * @return its memory; null after fault {@code BUFFER_FREED_WHILE_PENDING}, if the block is freed already
     * @throws io.github.wfpsim.verifier.FaultException for that, if faults are thrown
     */
    public @Nullable ByteBuffer borrow(PoolBlock buffer) {
        NonPagedBlock block = NonPagedBlock.of(buffer);
        ByteBuffer memory = block.lend();
        if (memory == null) {
            caller.fault(Fault.BUFFER_FREED_WHILE_PENDING, function() + " was given " + buffer);
            return null;
        }
        keep(block::endLoan);
        return memory;
    }

    /**
     * Borrows a buffer made of MDLs, to read it until the request completes. Before {@link #pend}, {@link #run} and {@link
     * #completeNow} only.
     *
     * @param buffer the caller's buffer
     * @return its bytes; null if an MDL is not locked, or the chain has become too short, and after fault {@code
     *     BUFFER_FREED_WHILE_PENDING}, if an MDL or its memory is freed already
     * @throws io.github.wfpsim.verifier.FaultException for that, if faults are thrown
     */
    public @Nullable WskBuf borrow(WskBuf buffer) {
        List<PoolMdl> touched = mdlsOf(buffer);
        if (touched == null) {
            return null;
        }
        for (PoolMdl mdl : touched) {
            if (!mdl.isLocked() && mdl.isAllocated()) {
                return null;
            }
            if (!mdl.lend()) {
                caller.fault(Fault.BUFFER_FREED_WHILE_PENDING, function() + " was given " + mdl);
                return null;
            }
            keep(mdl::endLoan);
        }
        return new WskBuf(LinkedMdl.chain(touched), buffer.offset(), buffer.length());
    }

    /** The MDLs that the stretch touches; null if the chain has become too short for it. */
    private static @Nullable List<PoolMdl> mdlsOf(WskBuf buffer) {
        List<PoolMdl> touched = new ArrayList<>();
        long missing = buffer.offset() + buffer.length();
        for (Mdl each = buffer.mdl(); each != null && missing > 0; each = each.next()) {
            touched.add(PoolMdl.of(each));
            missing -= each.byteCount();
        }
        return missing > 0 ? null : touched;
    }

    /**
     * Borrows a buffer made of MDLs, to write to it until the request completes; as {@link #borrow(WskBuf)}.
     *
     * @param buffer the caller's buffer
     * @return its bytes; null as said there, and if memory is read-only
     * @throws io.github.wfpsim.verifier.FaultException as said there
     */
    public @Nullable WskBuf borrowToWrite(WskBuf buffer) {
        WskBuf lent = borrow(buffer);
        return lent != null && lent.isWritable() ? lent : null;
    }

    // ---- ways to complete

    /**
     * Says what Information points to, such as a new socket. Called by the work of {@link #run}.
     *
     * @param created what the driver gets besides the number
     */
    public void pointTo(Object created) {
        this.pointer = created;
    }

    /**
     * Completes before the call returns, on its thread: for calls that are refused.
     *
     * @param status not STATUS_PENDING
     * @param information bytes, or what the request says
     * @return the status, for the caller
     */
    public NtStatus completeNow(NtStatus status, long information) {
        requireFinal(status);
        answer();
        deliver(new IoStatus(status, information), null);
        new Unwinding(irp, whenUp).run();
        return status;
    }

    /**
     * Completes a request whose provider stopped with an exception, unless it completed or pended it before.
     *
     * @param status not STATUS_PENDING
     */
    public void refuseUnlessAnswered(NtStatus status) {
        requireFinal(status);
        if (answerUnlessAnswered()) {
            deliver(new IoStatus(status, 0), null);
            new Unwinding(irp, whenUp).runForOthers();
        }
    }

    /**
     * Does work that needs no waiting, now or on the dispatcher as {@code completionMode} says, and completes with what it
     * returns. Until the work starts, the request can be cancelled.
     *
     * @param work reads and writes the buffers; called at most once. What it throws completes the request with
     *     STATUS_UNSUCCESSFUL and goes on to whoever runs it
     * @return STATUS_PENDING, or the final status if it has completed inline
     */
    public NtStatus run(Supplier<IoStatus> work) {
        Objects.requireNonNull(work, "work must not be null: say what the request does");
        if (isInline()) {
            answer();
            NtStatus status = deliver(resultOf(work), pointer).status();
            new Unwinding(irp, whenUp).run();
            return status;
        }
        // A queued request is cancellable, but its task must not start before cancellation is possible.
        pend(() -> {});
        manager.dispatcher().later(() -> process(work));
        return IN_BETWEEN;
    }

    private void process(Supplier<IoStatus> work) {
        if (!take()) {
            return;
        }
        end();
        FaultScope scope = manager.verifier().enter();
        try {
            deliver(resultOf(work), pointer);
            new Unwinding(irp, whenUp).run();
        } finally {
            scope.defer();
        }
    }

    private IoStatus resultOf(Supplier<IoStatus> work) {
        boolean done = false;
        try {
            IoStatus result = work.get();
            requireFinal(result.status());
            done = true;
            return result;
        } finally {
            if (!done) {
                // Whatever goes wrong in here, a request that was begun completes.
                deliver(new IoStatus(NtStatus.STATUS_UNSUCCESSFUL, 0), null);
                new Unwinding(irp, whenUp).runForOthers();
            }
        }
    }

    /**
     * Lets the request wait for {@link #complete}, {@link #take} or cancellation. Call it before the request is put where
     * another thread finds it; if {@link #isOver()} afterwards, it was cancelled already.
     *
     * @param cancelHook takes the request out of the provider's queue; run at most once, on the thread that cancels, before
     *     the request completes with STATUS_CANCELLED and 0
     * @return STATUS_PENDING, for the caller
     */
    public NtStatus pend(Runnable cancelHook) {
        Objects.requireNonNull(cancelHook, "cancelHook must not be null: give a no-op");
        StackLocation own = irp.currentOrNull();
        if (own != null) {
            own.markPending();
        }
        letWait(cancelHook);
        return IN_BETWEEN;
    }

    /**
     * Completes a pending request.
     *
     * @param status not STATUS_PENDING
     * @param information bytes, or what the request says
     * @return false if it was completed, taken or cancelled before
     */
    public boolean complete(NtStatus status, long information) {
        requireFinal(status);
        if (!take()) {
            return false;
        }
        finish(status, information, null);
        return true;
    }

    @Override
    protected void beforeWaiting() {
        // Before the request is pending: from then on another thread may end it, and the IRP is no longer ours to
        // touch.
        irp.exchangeCancelHook(onCancel);
    }

    @Override
    protected boolean isCancelAsked() {
        return irp.isCancelled();
    }

    @Override
    protected void afterTaking() {
        irp.removeCancelHook(onCancel);
    }

    /**
     * Completes a request after {@link #take}, on this thread or on the dispatcher as {@code completionMode} says. The
     * status block changes and the buffers are given back when the IRP completes, not before.
     *
     * @param status not STATUS_PENDING
     * @param information bytes, or what the request says; a handle number if there is a pointer
     * @param created what Information points to, such as a new socket; mostly null
     */
    public void finish(NtStatus status, long information, @Nullable Object created) {
        requireFinal(status);
        end();
        IoStatus outcome = new IoStatus(status, information);
        Runnable completion = () -> {
            deliver(outcome, created);
            new Unwinding(irp, whenUp).runForOthers();
        };
        manager.complete(completion, isInline());
    }

    @Override
    protected void endCancelled() {
        finish(NtStatus.STATUS_CANCELLED, 0, null);
    }

    /**
     * {@return whether the request has completed and let go of the IRP, which goes up, or is where its driver has sent
     * it since}
     */
    public boolean isUp() {
        return irp.holder() != this;
    }

    private static void requireFinal(NtStatus status) {
        Objects.requireNonNull(status, "status must not be null: give the final status");
        if (status == IN_BETWEEN) {
            throw new IllegalArgumentException("STATUS_PENDING ends no request: give the final status");
        }
    }

    private void keep(Runnable loan) {
        if (loans == null) {
            loans = new ArrayList<>(2);
        }
        loans.add(loan);
    }

    /** Writes the outcome into the IRP, gives the buffers back and takes the IRP out of this provider's hands. */
    private IoStatus deliver(IoStatus outcome, @Nullable Object created) {
        if (loans != null) {
            loans.forEach(Runnable::run);
        }
        irp.finish(outcome, created);
        irp.giveTo(Packet.Away.ON_ITS_WAY_UP);
        return outcome;
    }

    @Override
    public String toString() {
        return function() + " with " + irp;
    }
}
