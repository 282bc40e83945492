package io.github.wfpsim.kernel;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.verifier.Fault;
import org.jspecify.annotations.Nullable;

/**
 * Carries one completed IRP up its stack, from the driver that completed it to the routine that keeps it or to the top.
 *
 * <p>Source: IoCompleteRequest; IO_COMPLETION_ROUTINE (WDK). Requirements: IRP-05 to IRP-12.
 */
final class Unwinding {

    private final Packet irp;
    private @Nullable Runnable whenUp;
    private @Nullable NtStatus answer;

    /** Takes an IRP that is on its way up already, and what follows when it is up. */
    Unwinding(Packet irp, Runnable whenUp) {
        this.irp = irp;
        this.whenUp = whenUp;
    }

    /** Runs; faults of routines surface from the caller's call. */
    void run() {
        try (FaultScope scope = irp.manager().verifier().enter()) {
            climb();
        }
    }

    /** Runs for a caller who is not to blame for the faults of routines: the host's close throws them. */
    void runForOthers() {
        FaultScope scope = irp.manager().verifier().enter();
        try {
            climb();
        } finally {
            scope.defer();
        }
    }

    private void climb() {
        try {
            climbAll();
        } finally {
            isUp();
        }
    }

    private void isUp() {
        Runnable told = whenUp;
        whenUp = null;
        if (told != null) {
            told.run();
        }
    }

    private void climbAll() {
        boolean goesOn = true;
        while (goesOn) {
            StackLocation below = irp.currentOrNull();
            if (below == null) {
                reachTop();
                return;
            }
            boolean pending = below.isPending();
            StackLocation.Registration registered =
                    below.selected(irp.rawStatus().status(), irp.isCancelled());
            below.clear();
            irp.goUp();
            irp.setPendingReturned(pending);
            StackLocation own = irp.currentOrNull();
            if (registered != null) {
                goesOn = ask(registered, own, pending);
            } else if (pending && own != null) {
                own.markPending();
            }
        }
    }

    /** Calls a routine; false if the driver keeps the IRP. */
    private boolean ask(StackLocation.Registration registered, @Nullable StackLocation own, boolean pending) {
        DriverIo driver = registered.driver();
        Device device = own == null ? null : own.deviceObject();
        // From here on the driver has it: the routine may free it, send it again or pass it to another thread.
        irp.giveTo(driver);
        if (!driver.isLoaded() && !(registered.routine() instanceof IrpFuture<?>)) {
            // The driver's code is gone; only a future still has somebody who waits.
            return false;
        }
        call(registered, device);
        if (answer == NtStatus.STATUS_MORE_PROCESSING_REQUIRED) {
            return false;
        }
        if (own == null && irp.isAllocatedBy(driver)) {
            driver.fault(Fault.OWN_IRP_COMPLETED_UPWARD, "the completion routine of " + irp + " returned " + answer);
            return false;
        }
        if (!irp.handOver(driver, Packet.Away.ON_ITS_WAY_UP)) {
            driver.fault(
                    Fault.IRP_USED_AFTER_COMPLETION,
                    "the completion routine gave " + irp + " away and then returned " + answer);
            return false;
        }
        if (pending && own != null && !own.isPending()) {
            driver.fault(
                    Fault.IRP_PENDING_NOT_PROPAGATED, "the completion routine did not mark " + irp + ", which pended");
            own.markPending();
        }
        return true;
    }

    private void call(StackLocation.Registration registered, @Nullable Device device) {
        if (registered.routine() instanceof IrpFuture<?> future) {
            // Whoever waits for a future goes on as in a work item, not as in a routine.
            answer = future.ended(irp, this::isUp);
        } else {
            irp.manager()
                    .asCompletionRoutine(
                            () -> answer = registered.routine().completed(device, irp, registered.context()));
        }
    }

    private void reachTop() {
        DriverIo allocator = irp.allocator();
        if (allocator != null) {
            irp.giveTo(allocator);
            allocator.fault(Fault.OWN_IRP_COMPLETED_UPWARD, irp + " was completed with nobody above who could take it");
            return;
        }
        irp.giveTo(Packet.Away.COMPLETED);
        irp.tellAbove();
    }
}
