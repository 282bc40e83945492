package io.github.wfpsim.kernel;

import static io.github.wfpsim.kernel.Bench.KEEP;
import static io.github.wfpsim.kernel.Bench.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IRPs that the driver allocates: from IoAllocateIrp to IoFreeIrp. */
@Timeout(20)
class OwnIrpTest {

    private final Bench bench = Bench.throwing();
    private final Io io = bench.io;
    private final List<Object> seen = new ArrayList<>();

    private IoCompletionRoutine keeping() {
        return (device, irp, context) -> {
            seen.add(irp.ioStatus());
            return KEEP;
        };
    }

    @Test
    @Spec("IRP-01")
    void irp_withOneLocationAndARoutine_servesAndIsFreed() {
        Irp irp = bench.ownIrp(keeping());

        assertThat(irp.currentLocation()).isEqualTo(irp.stackCount() + 1).isEqualTo(2);
        assertThat(bench.call(irp)).isEqualTo(NtStatus.STATUS_PENDING);
        assertThat(seen).isEmpty();
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(Bench.FIVE_BYTES);
        assertThat(irp.ioStatus()).isEqualTo(Bench.FIVE_BYTES);
        io.ioFreeIrp(irp);
        assertThat(bench.driver.held().isEmpty()).isTrue();
        bench.driver.unload();
        assertThat(bench.faults()).isEmpty();
    }

    @Test
    @Spec("IRP-01")
    void irp_withoutLocations_isExhaustedOnUse() {
        Irp irp = io.ioAllocateIrp(0, false);

        assertFault(Fault.IRP_STACK_EXHAUSTED, () -> io.ioSetCompletionRoutine(irp, keeping(), null, true, true, true));
        assertFault(Fault.IRP_STACK_EXHAUSTED, () -> bench.call(irp));
        assertFault(Fault.IRP_STACK_EXHAUSTED, () -> io.ioCallDriver(device(), irp));
        io.ioFreeIrp(irp);
    }

    private DeviceObject device() {
        return bench.upper.ioCreateDevice("\\Device\\Lower", 1, (device, irp) -> NtStatus.STATUS_SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 128, Integer.MIN_VALUE})
    void allocate_withAnImpossibleSize_saysSo(int size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> io.ioAllocateIrp(size, false))
                .withMessageContaining(String.valueOf(size));
    }

    @Test
    @Spec("IRP-02")
    void reuse_afterCompletion_servesASecondRequest() {
        Irp irp = bench.ownIrp(keeping());
        bench.call(irp);
        bench.dispatcher.runAll();

        io.ioReuseIrp(irp, NtStatus.STATUS_UNSUCCESSFUL);

        assertThat(irp.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_UNSUCCESSFUL, 0));
        assertThat(irp.pendingReturned()).isFalse();
        assertThat(irp.currentLocation()).isEqualTo(2);
        assertFault(Fault.IRP_NO_COMPLETION_ROUTINE, () -> bench.call(irp));
        io.ioSetCompletionRoutine(irp, keeping(), null, true, true, true);
        bench.call(irp, () -> new IoStatus(NtStatus.STATUS_NOT_FOUND, 0));
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly(Bench.FIVE_BYTES, new IoStatus(NtStatus.STATUS_NOT_FOUND, 0));
    }

    @Test
    @Spec("IRP-02")
    void reuse_forgetsACancellation() {
        Irp irp = bench.ownIrp(keeping());
        io.ioCancelIrp(irp);
        assertThat(irp.isCancelled()).isTrue();

        io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);

        assertThat(irp.isCancelled()).isFalse();
    }

    @Test
    @Spec("IRP-06")
    void routine_mayReuseAndSendTheIrpAgain() {
        AtomicInteger rounds = new AtomicInteger();
        IoCompletionRoutine again = new IoCompletionRoutine() {
            @Override
            public NtStatus completed(DeviceObject device, Irp irp, Object context) {
                if (rounds.incrementAndGet() == 3) {
                    io.ioFreeIrp(irp);
                } else {
                    io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
                    io.ioSetCompletionRoutine(irp, this, null, true, true, true);
                    bench.call(irp);
                }
                return KEEP;
            }
        };
        bench.call(bench.ownIrp(again));
        bench.dispatcher.runAll();

        assertThat(rounds).hasValue(3);
        assertThat(bench.driver.held().isEmpty()).isTrue();
        assertThat(bench.faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"false, true, true", "true, false, true", "true, true, false", "false, false, false"})
    @Spec("IRP-04")
    void routine_thatDoesNotAskForEveryOutcome_isRefused(boolean success, boolean error, boolean cancel) {
        Irp irp = io.ioAllocateIrp(1, false);
        io.ioSetCompletionRoutine(irp, keeping(), null, success, error, cancel);

        assertFault(Fault.IRP_INCOMPLETE_INVOKE_FLAGS, () -> bench.call(irp));

        assertThat(bench.dispatcher.pending()).isZero();
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-04")
    void refusal_leavesTheSameStateWhenFaultsAreOnlyRecorded() {
        Bench recording = Bench.recording();
        Irp irp = recording.io.ioAllocateIrp(1, false);
        recording.io.ioSetCompletionRoutine(irp, keeping(), null, true, true, false);

        assertThat(recording.call(irp)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);

        assertThat(recording.dispatcher.pending()).isZero();
        assertThat(irp.currentLocation()).isEqualTo(2);
        assertThat(recording.faults()).containsExactly(Fault.IRP_INCOMPLETE_INVOKE_FLAGS);
    }

    @ParameterizedTest
    @EnumSource(
            value = NtStatus.class,
            names = {"STATUS_SUCCESS", "STATUS_PENDING", "STATUS_CANCELLED"})
    @Spec("IRP-06")
    void routine_thatLetsAnOwnIrpGoOn_isAFaultOfTheHostsClose(NtStatus answer) {
        Irp irp = bench.ownIrp((device, completed, context) -> answer);
        bench.call(irp);
        bench.dispatcher.runAll();

        assertThat(bench.faults()).containsExactly(Fault.OWN_IRP_COMPLETED_UPWARD);
        bench.assertFaultAtClose(Fault.OWN_IRP_COMPLETED_UPWARD);
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-06")
    void routine_thatLetsAnOwnIrpGoOn_isAFaultOfTheCallIfItCompletedInline() {
        Bench inline = Bench.inline();
        Irp irp = inline.ownIrp((device, completed, context) -> NtStatus.STATUS_SUCCESS);

        assertFault(Fault.OWN_IRP_COMPLETED_UPWARD, () -> inline.call(irp));

        inline.io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-06")
    void routine_thatFreesAnOwnIrpButLetsItGoOn_isAFault() {
        bench.call(bench.ownIrp((device, completed, context) -> {
            io.ioFreeIrp(completed);
            return NtStatus.STATUS_SUCCESS;
        }));
        bench.dispatcher.runAll();

        assertThat(bench.faults()).containsExactly(Fault.OWN_IRP_COMPLETED_UPWARD);
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    @Spec("IRP-06")
    void fault_ofARoutine_isNotThrownAtThePartyThatCompletes() {
        Bench inline = Bench.inline();
        Irp irp = inline.ownIrp((device, completed, context) -> NtStatus.STATUS_SUCCESS);

        assertThat(inline.pend(irp).complete(NtStatus.STATUS_SUCCESS, 5)).isTrue();

        inline.assertFaultAtClose(Fault.OWN_IRP_COMPLETED_UPWARD);
    }

    @Test
    @Spec({"IRP-01", "IRP-04"})
    void routine_isGoodForOneRequest() {
        Irp completed = bench.ownIrp(keeping());
        bench.call(completed);
        bench.dispatcher.runAll();
        Irp reused = bench.ownIrp(keeping());
        io.ioReuseIrp(reused, NtStatus.STATUS_SUCCESS);

        assertFault(Fault.IRP_NO_COMPLETION_ROUTINE, () -> bench.call(completed));
        assertFault(Fault.IRP_NO_COMPLETION_ROUTINE, () -> bench.call(reused));
        assertThat(seen).hasSize(1);
    }

    @Test
    @Spec("IRP-06")
    void completeRequest_onAnOwnIrp_isAFault() {
        Irp irp = bench.ownIrp(keeping());

        assertFault(Fault.OWN_IRP_COMPLETED_UPWARD, () -> io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT));

        assertThat(seen).isEmpty();
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-08")
    void markPending_onAnOwnIrp_findsNoLocationToMark() {
        Irp irp = bench.ownIrp((device, completed, context) -> {
            seen.add(completed.pendingReturned());
            io.ioMarkIrpPending(completed);
            return KEEP;
        });
        bench.call(irp);
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(true);
        bench.assertFaultAtClose(Fault.IRP_STACK_EXHAUSTED);
    }

    @Test
    @Spec("IRP-12")
    void routine_ofAnOwnIrpWithOneLocation_getsNoDevice() {
        Object context = new Object();
        Irp irp = io.ioAllocateIrp(1, false);
        io.ioSetCompletionRoutine(
                irp,
                (device, completed, given) -> {
                    seen.add(device == null);
                    seen.add(given);
                    seen.add(completed);
                    return KEEP;
                },
                context,
                true,
                true,
                true);
        bench.call(irp);
        bench.dispatcher.runAll();

        assertThat(seen).containsExactly(true, context, irp);
    }

    @Test
    @Spec("IRP-15")
    void access_whilePendingOrFreed_isAFault() {
        Irp irp = bench.ownIrp(keeping());
        bench.call(irp);
        assertEveryAccessIsAFault(irp);
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly(Bench.FIVE_BYTES);

        io.ioFreeIrp(irp);
        assertEveryAccessIsAFault(irp);
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioFreeIrp(irp));
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS));
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioCancelIrp(irp));
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> bench.call(irp));
        assertFault(Fault.IRP_USED_AFTER_COMPLETION, () -> io.ioCallDriver(device(), irp));
    }

    private void assertEveryAccessIsAFault(Irp irp) {
        Fault fault = Fault.IRP_USED_AFTER_COMPLETION;
        assertFault(fault, irp::ioStatus);
        assertFault(fault, () -> irp.setIoStatus(NtStatus.STATUS_NOT_FOUND, 7));
        assertFault(fault, irp::informationPointer);
        assertFault(fault, irp::pendingReturned);
        assertFault(fault, irp::currentLocation);
        assertFault(fault, () -> io.ioSetCompletionRoutine(irp, keeping(), null, true, true, true));
        assertFault(fault, () -> io.ioSetCancelRoutine(irp, null));
        assertFault(fault, () -> io.ioMarkIrpPending(irp));
        assertFault(fault, () -> io.ioCompleteRequest(irp, Io.IO_NO_INCREMENT));
        assertFault(fault, () -> io.ioSkipCurrentIrpStackLocation(irp));
        assertFault(fault, () -> io.ioCopyCurrentIrpStackLocationToNext(irp));
    }

    @Test
    @Spec("IRP-15")
    void statusBlock_readWhilePending_stillHoldsItsInitialValue() {
        Bench recording = Bench.recording();
        Irp irp = recording.ownIrp(keeping());
        recording.call(irp);

        assertThat(irp.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 0));
        assertThat(recording.faults()).containsExactly(Fault.IRP_USED_AFTER_COMPLETION);
        recording.dispatcher.runAll();
        assertThat(irp.ioStatus()).isEqualTo(Bench.FIVE_BYTES);

        Irp settled = recording.ownIrp(keeping());
        recording.pend(settled).complete(NtStatus.STATUS_NOT_FOUND, 0);
        assertThat(settled.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 0));
    }

    @Test
    @Spec("IRP-16")
    void handingIn_freeing_andReusing_whilePending_isBusy() {
        Irp irp = bench.ownIrp(keeping());
        IrpRequest request = bench.pend(irp);

        assertFault(Fault.IRP_BUSY, () -> bench.call(irp));
        assertFault(Fault.IRP_BUSY, () -> io.ioFreeIrp(irp));
        assertFault(Fault.IRP_BUSY, () -> io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS));
        assertFault(Fault.IRP_BUSY, () -> io.ioCallDriver(device(), irp));

        assertThat(request.complete(NtStatus.STATUS_SUCCESS, 5)).isTrue();
        bench.dispatcher.runAll();
        assertThat(seen).containsExactly(Bench.FIVE_BYTES);
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-16")
    void irp_whoseOutcomeIsSettledButNotDelivered_isStillBusy() {
        Irp irp = bench.ownIrp(keeping());
        bench.pend(irp).complete(NtStatus.STATUS_SUCCESS, 5);

        assertFault(Fault.IRP_BUSY, () -> io.ioFreeIrp(irp));

        bench.dispatcher.runAll();
        io.ioFreeIrp(irp);
    }

    @Test
    @Spec("IRP-17")
    void unload_withAnIrpLeft_namesWhereItWasAllocated() {
        Irp leaked = io.ioAllocateIrp(1, false);
        io.ioFreeIrp(io.ioAllocateIrp(1, false));

        assertThat(bench.driver.held().held())
                .singleElement()
                .extracting(Held::kind, Held::holder)
                .containsExactly("IRP", "acme.sys");
        assertFault(Fault.IRP_LEAK, bench.driver::unload);

        assertThat(bench.verifier.violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.detail())
                        .contains(leaked.toString())
                        .contains("OwnIrpTest.unload_withAnIrpLeft_namesWhereItWasAllocated"));
    }

    @Test
    @Spec("IRP-17")
    void unload_whileARequestIsPending_endsItWithoutCallingTheRoutine() {
        Irp irp = bench.ownIrp(keeping());
        IrpRequest request = bench.pend(irp, () -> seen.add("taken out of the queue"));

        assertFault(Fault.IRP_LEAK, bench.driver::unload);
        bench.dispatcher.runAll();

        assertThat(request.isOver()).isTrue();
        assertThat(seen).containsExactly("taken out of the queue");
    }

    @Test
    void calls_afterUnload_sayThatTheDriverIsGone() {
        DeviceObject device = io.ioCreateDevice("\\Device\\Acme", 1, (self, irp) -> NtStatus.STATUS_SUCCESS);
        bench.driver.unload();

        assertThatIllegalStateException()
                .isThrownBy(() -> io.ioAllocateIrp(1, false))
                .withMessageContaining("unloaded");
        assertThatIllegalStateException()
                .isThrownBy(() -> io.ioCreateDevice("\\Device\\Other", 1, (self, irp) -> NtStatus.STATUS_SUCCESS))
                .withMessageContaining("unloaded");
        assertThatIllegalStateException()
                .isThrownBy(() -> device.irpFromAbove().send(null))
                .withMessageContaining("unloaded");
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    @Spec("IRP-18")
    void information_fromAUlong_isZeroExtended() {
        Irp irp = bench.ownIrp(keeping());
        int aboveTwoGiB = 0x9000_0000;
        bench.call(irp, () -> IoStatus.ofUlong(NtStatus.STATUS_BUFFER_TOO_SMALL, aboveTwoGiB));
        bench.dispatcher.runAll();

        assertThat(irp.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_BUFFER_TOO_SMALL, 0x9000_0000L));
        assertThat(irp.ioStatus().isSuccess()).isFalse();
    }

    @Test
    @Spec("IRP-18")
    void information_isAsWideAsAPointer() {
        Object socket = new Object();
        Irp irp = bench.ownIrp(keeping());
        IrpRequest request = bench.pend(irp);
        assertThat(request.take()).isTrue();
        request.finish(NtStatus.STATUS_SUCCESS, 0xFFFF_8000_0000_0010L, socket);
        bench.dispatcher.runAll();

        assertThat(irp.ioStatus().information()).isEqualTo(0xFFFF_8000_0000_0010L);
        assertThat(irp.informationPointer()).isSameAs(socket);
        io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
        assertThat(irp.informationPointer()).isNull();
    }
}
