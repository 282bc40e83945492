package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.verifier.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A driver as a client of WSK: registering, capturing, and giving all of it back. */
@Timeout(20)
class WskRegistrationTest {

    /** A call on a thread of its own that is going to wait. */
    private static final class Waiting<T> {

        private final FutureTask<T> task;
        private final Thread thread;

        Waiting(Callable<T> call) {
            task = new FutureTask<>(call);
            thread = new Thread(task, "waits");
            thread.setDaemon(true);
            thread.start();
            while (thread.getState() != Thread.State.WAITING) {
                assertThat(task.isDone()).as("it did not wait").isFalse();
                Thread.onSpinWait();
            }
        }

        /** Whether it has ended, once it has looked at what was just done. */
        boolean isOver() {
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TERMINATED) {
                Thread.onSpinWait();
            }
            return task.isDone();
        }

        T result() throws Exception {
            return task.get();
        }
    }

    private static Waiting<Boolean> deregistering(WskBench bench) {
        return new Waiting<>(() -> {
            bench.wsk.wskDeregister(bench.registration);
            return true;
        });
    }

    /** WSK_REGISTRATION is opaque: only WskRegister makes one. */
    @Test
    void registrationThatWskDidNotMake_isRefused() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskRegistration strange = new WskRegistration() {};
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> bench.wsk.wskCaptureProviderNpi(strange, WskFlags.WSK_NO_WAIT, Out.empty()),
                    () -> bench.wsk.wskReleaseProviderNpi(strange),
                    () -> bench.wsk.wskDeregister(strange))) {
                assertThat(catchThrowable(call))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("WskRegister");
            }
            bench.unload();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec({"WSKS-01", "WSKS-03"})
    void deregister_waitsForEveryCapture() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            Out<WskProviderNpi> second = Out.empty();
            bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_NO_WAIT, second);
            Waiting<Boolean> deregister = deregistering(bench);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            assertThat(deregister.isOver()).isFalse();

            bench.wsk.wskReleaseProviderNpi(bench.registration);

            assertThat(deregister.result()).isTrue();
            assertThat(bench.faults()).isEmpty();
        }
    }

    @Test
    @Spec("WSKS-01")
    void deregister_waitsForEverySocket() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskSocket socket = bench.connection(0);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            Waiting<Boolean> deregister = deregistering(bench);

            bench.close(socket);

            assertThat(deregister.result()).isTrue();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }

    /** An IRP whose routine says that it runs, and waits until it may return. */
    private static Irp lingering(WskBench bench, CountDownLatch runs, CountDownLatch mayReturn) {
        Irp irp = bench.driver.io().ioAllocateIrp(1, false);
        bench.driver
                .io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> {
                            runs.countDown();
                            await(mayReturn);
                            bench.driver.io().ioFreeIrp(completed);
                            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                        },
                        null,
                        true,
                        true,
                        true);
        return irp;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException early) {
            throw new AssertionError(early);
        }
    }

    @Test
    @Spec("WSKS-01")
    void deregister_waitsForTheRoutineOfTheLastClose() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskSocket socket = bench.connection(0);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            CountDownLatch runs = new CountDownLatch(1);
            CountDownLatch mayReturn = new CountDownLatch(1);
            socket.wskCloseSocket(lingering(bench, runs, mayReturn));
            await(runs);
            Waiting<Boolean> deregister = deregistering(bench);

            mayReturn.countDown();

            assertThat(deregister.result()).isTrue();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }

    @Test
    @Spec("WSKS-01")
    void deregister_waitsForASocketThatIsJustBeingMade() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, ControlBench.manual())) {
            CompletableFuture<WskBasicSocket> made = bench.driver
                    .io()
                    .sendFor(
                            WskBasicSocket.class,
                            irp -> bench.npi.wskSocket(
                                    AddressFamily.AF_INET.code(), 1, WskBench.TCP, 0, null, null, 0, irp));
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            Waiting<Boolean> deregister = deregistering(bench);
            bench.settle();
            assertThat(made).isCompleted();
            assertThat(deregister.isOver()).isFalse();

            bench.close(made.join());

            assertThat(deregister.result()).isTrue();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(CompletionMode.class)
    @Spec("WSKS-01")
    void deregister_whereARequestIsJustCompleting_doesNotWaitForThat(CompletionMode mode) throws Exception {
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            CompletableFuture<Boolean> inARoutine = new CompletableFuture<>();
            WskSocket socket = bench.connection(0);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            Irp irp = bench.driver.io().ioAllocateIrp(1, false);
            bench.driver
                    .io()
                    .ioSetCompletionRoutine(
                            irp,
                            (device, completed, context) -> {
                                bench.driver.io().ioFreeIrp(completed);
                                bench.wsk.wskDeregister(bench.registration);
                                inARoutine.complete(true);
                                return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
                            },
                            null,
                            true,
                            true,
                            true);
            socket.wskCloseSocket(irp);
            assertThat(inARoutine.get(10, TimeUnit.SECONDS)).isTrue();
        }
        try (WskBench bench =
                new WskBench(AddressFamily.AF_INET, SimOptions.defaults().completionMode(mode))) {
            WskSocket socket = bench.connection(0);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            CompletableFuture<Void> afterAFuture = bench.driver
                    .io()
                    .send(socket::wskCloseSocket)
                    .thenAccept(closed -> bench.wsk.wskDeregister(bench.registration));
            afterAFuture.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    @Spec("WSKS-01")
    void deregister_waitsForASocketThatIsBeingMade() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, ControlBench.manual())) {
            WskBench.Sent made = bench.send(irp -> bench.npi.wskSocket(2, 1, WskBench.TCP, 2, null, null, 0, irp));
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            Waiting<Boolean> deregister = deregistering(bench);

            WskSocket socket = (WskSocket) made.pointer();
            assertThat(deregister.isOver()).isFalse();
            bench.close(socket);

            assertThat(deregister.result()).isTrue();
            assertThat(bench.driver.held().held()).isEmpty();
        }
    }

    @Test
    @Spec("WSKS-01")
    void deregister_doesNotWaitForASocketWhoseMakingWasCancelled() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET, ControlBench.manual())) {
            WskBench.Sent made = bench.send(irp -> bench.npi.wskSocket(2, 1, WskBench.TCP, 2, null, null, 0, irp));
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            Waiting<Boolean> deregister = deregistering(bench);

            bench.driver.io().ioCancelIrp(made.irp());

            assertThat(made.status()).isEqualTo(NtStatus.STATUS_CANCELLED);
            assertThat(deregister.result()).isTrue();
        }
    }

    @Test
    @Spec("WSKS-01")
    void unload_withoutDeregistering_isAFault() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.connection(0);

            bench.driver.unload();

            assertThat(bench.faults()).containsExactly(Fault.WSK_SOCKET_LEAK, Fault.WSK_NOT_DEREGISTERED);
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_ofAnUnknownVersion_givesNoInterface() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            Out<WskRegistration> registered = Out.empty();
            bench.wsk.wskRegister(new WskClientNpi(null, WskClientNpi.makeWskVersion(9, 0)), registered);
            Out<WskProviderNpi> captured = Out.empty();

            assertThat(bench.wsk.wskCaptureProviderNpi(
                            Objects.requireNonNull(registered.get()), WskFlags.WSK_INFINITE_WAIT, captured))
                    .isEqualTo(NtStatus.STATUS_NOINTERFACE);
            assertThat(captured.get()).isNull();
            bench.wsk.wskDeregister(Objects.requireNonNull(registered.get()));
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_whileTheNetworkIsDown_doesNotWaitIfAskedNotTo() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);

            assertThat(bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_NO_WAIT, Out.empty()))
                    .isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_withATime_endsWhenThatTimeHasPassed() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);
            Waiting<NtStatus> capture =
                    new Waiting<>(() -> bench.wsk.wskCaptureProviderNpi(bench.registration, 500, Out.empty()));
            bench.sim.clock().advance(Duration.ofMillis(499));
            assertThat(capture.isOver()).isFalse();

            bench.sim.clock().advance(Duration.ofMillis(1));

            assertThat(capture.result()).isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_withAllBitsButOne_waitsForAlmostFiftyDays() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);
            Waiting<NtStatus> capture =
                    new Waiting<>(() -> bench.wsk.wskCaptureProviderNpi(bench.registration, 0xFFFFFFFE, Out.empty()));
            bench.sim.clock().advance(Duration.ofDays(49));
            assertThat(capture.isOver()).isFalse();

            bench.sim.clock().advance(Duration.ofDays(1));

            assertThat(capture.result()).isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_withoutLimit_waitsForTheNetworkHoweverLate() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);
            Waiting<NtStatus> capture = new Waiting<>(
                    () -> bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_INFINITE_WAIT, Out.empty()));
            bench.sim.clock().advance(Duration.ofDays(100));
            assertThat(capture.isOver()).isFalse();

            bench.sim.setNetworkUp(true);

            assertThat(capture.result()).isEqualTo(NtStatus.STATUS_SUCCESS);
        }
    }

    @Test
    @Spec("WSKS-02")
    void capture_whileDeregistering_givesNotReady() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            Waiting<Boolean> deregister = deregistering(bench);

            assertThat(bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_INFINITE_WAIT, Out.empty()))
                    .isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);

            bench.wsk.wskReleaseProviderNpi(bench.registration);
            assertThat(deregister.result()).isTrue();
        }
    }

    @Test
    @Spec("WSKS-02")
    void deregistering_endsACaptureThatWaits() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.sim.setNetworkUp(false);
            Waiting<NtStatus> capture = new Waiting<>(
                    () -> bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_INFINITE_WAIT, Out.empty()));
            Waiting<Boolean> deregister = deregistering(bench);

            assertThat(capture.result()).isEqualTo(NtStatus.STATUS_DEVICE_NOT_READY);
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            assertThat(deregister.result()).isTrue();
        }
    }

    @Test
    @Spec("WSKS-03")
    void release_withoutCapture_isAFault() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            bench.wsk.wskReleaseProviderNpi(bench.registration);
            assertThat(bench.faults()).isEmpty();

            bench.wsk.wskReleaseProviderNpi(bench.registration);

            assertThat(bench.faults()).containsExactly(Fault.NPI_OVER_RELEASED);
            bench.wsk.wskDeregister(bench.registration);
        }
    }

    @Test
    @Spec("WSKS-04")
    void registrationFunctions_atDispatchLevel_areFaults_andSocketFunctionsAreNot() {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            WskConnectionSocket socket = bench.connection(0);
            List<NtStatus> answers = new ArrayList<>();
            bench.sim.irql().runAt(Irql.DISPATCH_LEVEL, () -> {
                answers.add(bench.wsk.wskRegister(WskClientNpi.ofVersion10(), Out.empty()));
                answers.add(
                        bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_INFINITE_WAIT, Out.empty()));
                bench.wsk.wskDeregister(bench.registration);
            });
            assertThat(answers).containsOnly(NtStatus.STATUS_INVALID_DEVICE_STATE);
            assertThat(bench.faults()).containsExactly(Fault.IRQL_TOO_HIGH, Fault.IRQL_TOO_HIGH, Fault.IRQL_TOO_HIGH);

            bench.sim.irql().runAt(Irql.DISPATCH_LEVEL, () -> {
                answers.clear();
                answers.add(bench.wsk.wskCaptureProviderNpi(bench.registration, WskFlags.WSK_NO_WAIT, Out.empty()));
                answers.add(bench.run(irp -> socket.wskBind(bench.any(), 0, irp)));
                answers.add(bench.run(socket::wskCloseSocket));
            });
            assertThat(answers).containsOnly(NtStatus.STATUS_SUCCESS);
            assertThat(bench.faults()).hasSize(3);
        }
    }
}
