package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** IRPs of a driver of a whole machine. */
@Timeout(20)
class KernelDriverIrpTest {

    private static NtStatus query(KernelDriver driver, Irp irp) {
        return Objects.requireNonNull(IrpRequest.begin(driver.io(), irp, "WskControlSocket"))
                .run(() -> new IoStatus(NtStatus.STATUS_SUCCESS, 5));
    }

    private static void send(KernelDriver driver, IoCompletionRoutine routine) {
        Irp irp = driver.io().ioAllocateIrp(1, false);
        driver.io().ioSetCompletionRoutine(irp, routine, null, true, true, true);
        query(driver, irp);
    }

    @ParameterizedTest
    @EnumSource(
            value = Irql.class,
            names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"})
    @Spec("IRP-10")
    void routine_thatMakesAPassiveOnlyCall_isAFaultAtDispatchLevel(Irql level) {
        WfpSim sim = WfpSim.open(SimOptions.defaults().completionIrql(level));
        KernelDriver driver = sim.loadDriver("acme.sys");
        send(driver, (device, irp, context) -> {
            driver.fwps().fwpsRedirectHandleCreate0(new UUID(1, 1), 1, Out.empty());
            driver.io().ioFreeIrp(irp);
            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
        });
        if (level == Irql.PASSIVE_LEVEL) {
            sim.close();
        } else {
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(sim::close)
                    .satisfies(thrown -> assertThat(thrown.violation().kind()).isEqualTo(Fault.IRQL_TOO_HIGH));
        }
    }

    @Test
    @Spec("IRP-17")
    void machine_listsTheIrpsAndMdlsThatItsDriversHold() {
        WfpSim sim = WfpSim.open();
        KernelDriver driver = sim.loadDriver("acme.sys");
        Irp irp = driver.io().ioAllocateIrp(1, false);
        Mdl mdl = driver.mm().ioAllocateMdl(ByteBuffer.allocate(4), 4);

        assertThat(sim.held().toString())
                .contains("IRP " + irp, "KernelDriverIrpTest.machine_lists")
                .contains("'Mdl '");
        driver.mm().ioFreeMdl(mdl);
        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(sim::close)
                .satisfies(thrown -> assertThat(thrown.violation().kind()).isEqualTo(Fault.IRP_LEAK));
    }

    @Test
    void routine_thatThrows_isToldByTheClose_whichTakesTheDriversAwayAllTheSame() {
        WfpSim sim = WfpSim.open();
        KernelDriver driver = sim.loadDriver("acme.sys");
        IllegalStateException failure = new IllegalStateException("routine");
        send(driver, (device, irp, context) -> {
            driver.io().ioFreeIrp(irp);
            throw failure;
        });

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(sim::close)
                .isSameAs(failure);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> driver.io().ioAllocateIrp(1, false))
                .withMessageContaining("unloaded");
    }

    @Test
    void future_carriesTheOutcome() throws Exception {
        try (WfpSim sim = WfpSim.open();
                KernelDriver driver = sim.loadDriver("acme.sys")) {
            IoStatus outcome = driver.io().send(irp -> query(driver, irp)).get(10, TimeUnit.SECONDS);

            assertThat(outcome).isEqualTo(new IoStatus(NtStatus.STATUS_SUCCESS, 5));
        }
    }
}
