package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static io.github.wfpsim.kernel.Bench.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.DriverDispatch;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStackLocation;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpFromAbove;
import io.github.wfpsim.verifier.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IRPs that come from above: from the I/O manager or from another driver. */
@Timeout(20)
class PassedDownIrpTest {

    private static final IoStatus REFUSED = new IoStatus(NtStatus.STATUS_CONNECTION_REFUSED, 0);

    private final Bench bench = Bench.throwing();
    private final Io io = bench.io;
    private final List<Object> seen = new ArrayList<>();

    private DeviceObject device(int stackSize, DriverDispatch dispatch) {
        return io.ioCreateDevice("\\Device\\Acme", stackSize, dispatch);
    }

    /** A driver that passes everything on with a routine. */
    private DeviceObject passingOn(IoCompletionRoutine routine) {
        return device(2, (device, irp) -> {
            io.ioCopyCurrentIrpStackLocationToNext(irp);
            io.ioSetCompletionRoutine(irp, routine, "context", true, true, true);
            return bench.call(irp);
        });
    }

    private static NtStatus propagate(Io io, Irp irp) {
        if (irp.pendingReturned()) {
            io.ioMarkIrpPending(irp);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    private static IoStatus now(CompletableFuture<IoStatus> outcome) {
        assertThat(outcome).isDone();
        return outcome.join();
    }

    @Test
    @Spec({"IRP-03", "IRP-05"})
    void irp_withAFreeLocation_servesAndClimbsStraightToTheTop() {
        IrpFromAbove above = device(2, (device, irp) -> bench.call(irp)).irpFromAbove();

        assertThat(above.send(null)).isEqualTo(NtStatus.STATUS_PENDING);
        assertThat(above.outcome()).isNotDone();
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
        assertThat(bench.faults()).isEmpty();
        bench.driver.unload();
    }

    @Test
    @Spec("IRP-03")
    void irp_withoutAFreeLocation_isExhausted() {
        DeviceObject device = device(1, (self, irp) -> {
            assertFault(Fault.IRP_STACK_EXHAUSTED, () -> bench.call(irp));
            assertFault(Fault.IRP_STACK_EXHAUSTED, () -> io.ioCopyCurrentIrpStackLocationToNext(irp));
            irp.setIoStatus(NtStatus.STATUS_INSUFFICIENT_RESOURCES, 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return NtStatus.STATUS_INSUFFICIENT_RESOURCES;
        });
        IrpFromAbove above = device.irpFromAbove();

        assertThat(above.send(null)).isEqualTo(NtStatus.STATUS_INSUFFICIENT_RESOURCES);
        assertThat(now(above.outcome()).status()).isEqualTo(NtStatus.STATUS_INSUFFICIENT_RESOURCES);
    }

    @Test
    @Spec("IRP-03")
    void skippingTheOwnLocation_leavesItToTheProvider() {
        IrpFromAbove above = device(1, (self, irp) -> {
                    io.ioSkipCurrentIrpStackLocation(irp);
                    return bench.call(irp);
                })
                .irpFromAbove();

        above.send(null);
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("IRP-07")
    void routine_thatReturnsSuccess_letsTheIrpReachTheTop() {
        DeviceObject device = passingOn((self, irp, context) -> {
            seen.add(self.name() + " " + context + " " + irp.ioStatus().information());
            return propagate(io, irp);
        });
        IrpFromAbove above = device.irpFromAbove();

        above.send(null);
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
        assertThat(seen).containsExactly("\\Device\\Acme context 5");
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec({"IRP-07", "IRP-08"})
    void routine_thatKeepsTheIrp_finishesItLater() {
        DeviceObject device = device(2, (self, irp) -> {
            io.ioSetCompletionRoutine(irp, (d, completed, context) -> KEEP, null, true, true, true);
            io.ioMarkIrpPending(irp);
            bench.call(irp);
            return NtStatus.STATUS_PENDING;
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();
        assertThat(above.outcome()).isNotDone();

        above.irp().setIoStatus(NtStatus.STATUS_SUCCESS, 6);
        io.ioCompleteRequest(above.irp(), Io.IO_NO_INCREMENT);

        assertThat(now(above.outcome())).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 6));
        assertThat(bench.faults()).isEmpty();
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioCompleteRequest(above.irp(), Io.IO_NO_INCREMENT));
    }

    @Test
    @Spec({"IRP-07", "IRP-15"})
    void routine_thatCompletesTheIrpAndLetsItGoOnAsWell_isAFault() {
        DeviceObject device = passingOn((self, irp, context) -> {
            io.ioMarkIrpPending(irp);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return NtStatus.STATUS_SUCCESS;
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
        bench.assertFaultAtClose(Fault.IRP_USED_AFTER_COMPLETION);
    }

    @Test
    @Spec("IRP-08")
    void routine_thatForgetsToMarkAPendedIrp_isAFault() {
        IrpFromAbove above = passingOn((self, irp, context) -> {
                    seen.add(irp.pendingReturned());
                    return NtStatus.STATUS_SUCCESS;
                })
                .irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(true);
        assertThat(bench.faults()).containsExactly(Fault.IRP_PENDING_NOT_PROPAGATED);
        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
    }

    @Test
    @Spec("IRP-08")
    void routine_ofARequestThatDidNotPend_hasNothingToMark() {
        Bench inline = Bench.inline();
        DeviceObject device = inline.io.ioCreateDevice("\\Device\\Acme", 2, (self, irp) -> {
            inline.io.ioSetCompletionRoutine(
                    irp,
                    (d, completed, context) -> {
                        seen.add(completed.pendingReturned());
                        return NtStatus.STATUS_SUCCESS;
                    },
                    null,
                    true,
                    true,
                    true);
            return inline.call(irp);
        });
        IrpFromAbove above = device.irpFromAbove();

        assertThat(above.send(null)).isEqualTo(NtStatus.STATUS_SUCCESS);

        assertThat(seen).containsExactly(false);
        assertThat(inline.faults()).isEmpty();
        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"STATUS_SUCCESS", "STATUS_PENDING"})
    @Spec("IRP-08")
    void dispatch_whoseStatusDoesNotFitTheMark_isAFault(NtStatus returned) {
        DeviceObject device = device(2, (self, irp) -> {
            if (returned != NtStatus.STATUS_PENDING) {
                io.ioMarkIrpPending(irp);
            }
            irp.setIoStatus(NtStatus.STATUS_SUCCESS, 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return returned;
        });

        assertFault(
                Fault.IRP_PENDING_NOT_PROPAGATED, () -> device.irpFromAbove().send(null));
    }

    @Test
    @Spec({"IRP-02", "IRP-09", "IRP-13"})
    void freeReuseAndCancel_areForTheAllocatorOnly() {
        DeviceObject device = device(2, (self, irp) -> {
            assertFault(Fault.IRP_NOT_OWNED, () -> io.ioFreeIrp(irp));
            assertFault(Fault.IRP_NOT_OWNED, () -> io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS));
            assertFault(Fault.IRP_NOT_OWNED, () -> io.ioCancelIrp(irp));
            return bench.call(irp);
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
        assertThat(above.irp().isCancelled()).isFalse();
    }

    @Test
    @Spec("IRP-15")
    void irp_thatReachedTheTop_isNotTouchedAnyMore() {
        IrpFromAbove above = device(2, (self, irp) -> bench.call(irp)).irpFromAbove();
        above.send(null);
        Irp irp = above.irp();
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioMarkIrpPending(irp));
        bench.dispatcher.runAll();

        assertFault(Fault.IRP_USED_AFTER_COMPLETION, irp::ioStatus);
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> bench.call(irp));
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioMarkIrpPending(irp));
    }

    @Test
    @Spec("IRP-16")
    void irp_thatIsPending_isBusyForItsDriverToo() {
        IrpFromAbove above = device(3, (self, irp) -> {
                    NtStatus status = bench.call(irp);
                    assertFault(Fault.IRP_BUSY, () -> bench.call(irp));
                    return status;
                })
                .irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();

        assertThat(now(above.outcome())).isEqualTo(Bench.FIVE_BYTES);
    }

    /** Which outcomes reach a routine: flags for success, error, cancel; whether it was cancelled; the final status. */
    @ParameterizedTest
    @CsvSource({
        "true,  false, false, false, STATUS_SUCCESS,            true",
        "true,  false, false, false, STATUS_CONNECTION_REFUSED, false",
        "false, true,  false, false, STATUS_SUCCESS,            false",
        "false, true,  false, false, STATUS_CONNECTION_REFUSED, true",
        "false, false, true,  false, STATUS_CONNECTION_REFUSED, false",
        "false, false, true,  true,  STATUS_CANCELLED,          true",
        "false, false, true,  true,  STATUS_SUCCESS,            true",
        "true,  false, false, true,  STATUS_CANCELLED,          false",
        "false, false, false, true,  STATUS_CANCELLED,          false",
    })
    @Spec({"IRP-05", "IRP-11"})
    void routine_isCalledForTheOutcomesThatItsFlagsSelect(
            boolean success, boolean error, boolean cancel, boolean cancelled, NtStatus status, boolean called) {
        DeviceObject device = device(2, (self, irp) -> {
            io.ioSetCompletionRoutine(
                    irp,
                    (d, completed, context) -> {
                        seen.add(completed.ioStatus().status());
                        return propagate(io, completed);
                    },
                    null,
                    success,
                    error,
                    cancel);
            IrpRequest request = IrpRequest.begin(io, irp, "WskReceive");
            return request.run(() -> {
                if (cancelled) {
                    Packet.of(irp).requestCancel();
                }
                return new IoStatus(status, 0);
            });
        });
        IrpFromAbove above = device.irpFromAbove();
        above.send(null);
        bench.dispatcher.runAll();

        assertThat(seen).isEqualTo(called ? List.of(status) : List.of());
        assertThat(now(above.outcome()).status()).isEqualTo(status);
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("IRP-08")
    void routine_thatForgetsToMarkAPendedIrp_isAFaultBelowAnotherDriverToo() {
        DeviceObject device = passingOn((self, irp, context) -> NtStatus.STATUS_SUCCESS);
        Irp irp = bench.upper.ioAllocateIrp(device.stackSize(), false);
        bench.upper.ioSetCompletionRoutine(
                irp,
                (self, completed, context) -> {
                    seen.add(completed.pendingReturned());
                    return KEEP;
                },
                null,
                true,
                true,
                true);
        bench.upper.ioCallDriver(device, irp);
        bench.dispatcher.runAll();

        assertThat(bench.faults()).containsExactly(Fault.IRP_PENDING_NOT_PROPAGATED);
        assertThat(seen).containsExactly(true);
        bench.upper.ioFreeIrp(irp);
    }

    @Test
    @Spec({"IRP-06", "IRP-07"})
    void ownIrp_sentToADeviceOfTheSameDriver_isPassedDownThere() {
        DeviceObject device = passingOn((self, irp, context) -> {
            seen.add("device");
            return propagate(io, irp);
        });
        Irp irp = io.ioAllocateIrp(2, false);
        io.ioSetCompletionRoutine(
                irp,
                (self, completed, context) -> {
                    seen.add("allocator");
                    return KEEP;
                },
                null,
                true,
                true,
                true);
        io.ioCallDriver(device, irp);
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly("device", "allocator");
        io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
        io.ioSetCompletionRoutine(irp, (self, completed, context) -> KEEP, null, true, true, true);
        io.ioCallDriver(device(2, (self, completed) -> bench.call(completed)), irp);
        bench.dispatcher.runAll();
        assertThat(irp.ioStatus()).isEqualTo(Bench.FIVE_BYTES);
        assertThat(bench.faults()).isEmpty();
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec({"IRP-07", "IRP-12"})
    void irp_ofAnotherDriver_climbsThroughTheRoutinesOfBoth() {
        DeviceObject device = passingOn((self, irp, context) -> {
            seen.add("acme " + irp.currentLocation());
            return propagate(io, irp);
        });
        Irp irp = bench.upper.ioAllocateIrp(device.stackSize(), false);
        bench.upper.ioSetCompletionRoutine(
                irp,
                (self, completed, context) -> {
                    seen.add("upper " + completed.currentLocation() + " " + (self == null));
                    return KEEP;
                },
                null,
                true,
                true,
                true);
        bench.upper.ioGetNextIrpStackLocation(irp).setArgument1("read");

        assertThat(bench.upper.ioCallDriver(device, irp)).isEqualTo(NtStatus.STATUS_PENDING);
        assertFault(Fault.IRP_BUSY, () -> bench.upper.ioFreeIrp(irp));
        assertFault(Fault.IRP_NOT_OWNED, () -> io.ioFreeIrp(irp));
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly("acme 2", "upper 3 true");
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> bench.call(irp));
        bench.upper.ioFreeIrp(irp);
    }

    @Test
    void future_ofARequestToAStackOfDrivers_endsOnceItClimbedBack() {
        DeviceObject device = passingOn((self, irp, context) -> propagate(io, irp));
        CompletableFuture<IoStatus> outcome =
                bench.upper.send(device.stackSize(), irp -> bench.upper.ioCallDriver(device, irp));
        assertThat(outcome).isNotDone();
        bench.dispatcher.runAll();

        assertThat(now(outcome)).isEqualTo(Bench.FIVE_BYTES);
        assertThat(bench.upperDriver.held().isEmpty()).isTrue();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    void copyingTheLocation_copiesTheRequestButNobodysRoutine() {
        DeviceObject lower = bench.upper.ioCreateDevice("\\Device\\Lower", 1, (self, irp) -> {
            IoStackLocation location = bench.upper.ioGetCurrentIrpStackLocation(irp);
            seen.add(location.argument1());
            seen.add(location.deviceObject().name());
            seen.add(location.control());
            irp.setIoStatus(NtStatus.STATUS_SUCCESS, 1);
            bench.upper.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return NtStatus.STATUS_SUCCESS;
        });
        IrpFromAbove above = device(2, (self, irp) -> {
                    io.ioSetCompletionRoutine(irp, (device, ended, context) -> Bench.KEEP, "context", true, true, true);
                    io.ioCopyCurrentIrpStackLocationToNext(irp);
                    IoStackLocation next = io.ioGetNextIrpStackLocation(irp);
                    assertThat(next.completionRoutine()).isNull();
                    assertThat(next.context()).isNull();
                    return io.ioCallDriver(lower, irp);
                })
                .irpFromAbove();

        assertThat(above.send("read")).isEqualTo(NtStatus.STATUS_SUCCESS);
        assertThat(seen).containsExactly("read", "\\Device\\Lower", 0);
        assertThat(now(above.outcome()).information()).isEqualTo(1);
    }

    @Test
    void completeRequest_withStatusPending_saysSo() {
        DeviceObject device = device(1, (self, irp) -> {
            irp.setIoStatus(NtStatus.STATUS_PENDING, 0);
            assertThatIllegalStateException()
                    .isThrownBy(() -> io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT))
                    .withMessageContaining("final status");
            irp.setIoStatus(REFUSED.status(), 0);
            io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT);
            return REFUSED.status();
        });
        IrpFromAbove above = device.irpFromAbove();

        assertThat(above.send(null)).isEqualTo(REFUSED.status());
        assertThatIllegalStateException().isThrownBy(() -> above.send(null)).withMessageContaining("sent before");
        assertThat(now(above.outcome())).isEqualTo(REFUSED);
        assertThatIllegalArgumentException().isThrownBy(() -> device.irpFromAbove(0));
    }
}
