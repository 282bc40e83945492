package io.github.wfpsim.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.trace.TraceEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class VerifierTest {

    private final Trace trace = new Trace(new VirtualClock(), 100);

    private Verifier verifier(FaultMode mode) {
        return new Verifier(mode, trace);
    }

    private static void leak(Verifier verifier, String object) {
        verifier.fault(null, Fault.POOL_LEAK, object, "was never freed");
    }

    @Test
    void fault_inModeThrow_throwsAndNamesFaultObjectAndRule() {
        Verifier verifier = verifier(FaultMode.THROW);

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(() -> leak(verifier, "acme.sys"))
                .withMessageContaining("POOL_LEAK")
                .withMessageContaining("acme.sys")
                .withMessageContaining("REC-31")
                .withMessageContaining("was never freed")
                .satisfies(e -> assertThat(e.violation().fault()).isEqualTo(Fault.POOL_LEAK));
    }

    @ParameterizedTest
    @EnumSource(FaultMode.class)
    void fault_inEitherMode_isRecordedAndTraced(FaultMode mode) {
        Verifier verifier = verifier(mode);
        try {
            leak(verifier, "acme.sys");
        } catch (FaultException thrown) {
            assertThat(mode).isEqualTo(FaultMode.THROW);
        }

        assertThat(verifier.violations())
                .containsExactly(new Violation(Fault.POOL_LEAK, "acme.sys", "was never freed"));
        assertThat(trace.log().entries())
                .extracting(entry -> entry.event())
                .containsExactly(new TraceEvent.FaultRaised(
                        null, "POOL_LEAK", "acme.sys: was never freed", Fault.POOL_LEAK.rules()));
    }

    @Test
    void fault_keepsItsCause() {
        IllegalStateException cause = new IllegalStateException("callout");

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(
                        () -> verifier(FaultMode.THROW).fault(null, Fault.CALLOUT_THREW, "acme.sys", "threw", cause))
                .withCause(cause);
    }

    @Test
    void scope_holdsFaultsBackAndThrowsTheFirstWithTheOthersSuppressed() {
        Verifier verifier = verifier(FaultMode.THROW);
        List<String> steps = new ArrayList<>();

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(() -> {
                    try (FaultScope scope = verifier.enter()) {
                        assertThat(scope).isNotNull();
                        leak(verifier, "first");
                        leak(verifier, "second");
                        steps.add("the operation went on");
                    }
                })
                .withMessageContaining("first")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

        assertThat(steps).hasSize(1);
    }

    @Test
    void scope_insideAnother_leavesThrowingToTheOuter() {
        Verifier verifier = verifier(FaultMode.THROW);
        List<String> steps = new ArrayList<>();

        assertThatExceptionOfType(FaultException.class).isThrownBy(() -> {
            try (FaultScope outer = verifier.enter()) {
                assertThat(outer).isNotNull();
                try (FaultScope inner = verifier.enter()) {
                    assertThat(inner).isNotNull();
                    leak(verifier, "inner");
                }
                steps.add("after the inner scope");
            }
        });

        assertThat(steps).hasSize(1);
        assertThatExceptionOfType(FaultException.class)
                .as("no scope is left behind")
                .isThrownBy(() -> leak(verifier, "later"));
    }

    @Test
    void scope_ofOneThread_doesNotHoldBackFaultsOfAnother() throws Exception {
        Verifier verifier = verifier(FaultMode.THROW);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (FaultScope scope = verifier.enter()) {
            assertThat(scope).isNotNull();
            Future<Boolean> threw = other.submit(() -> {
                try {
                    leak(verifier, "other thread");
                    return false;
                } catch (FaultException thrown) {
                    return true;
                }
            });
            assertThat(threw.get(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            other.shutdown();
        }
    }

    @Test
    void faultsFoundLater_areThrownOnceTogether() {
        Verifier verifier = verifier(FaultMode.THROW);
        verifier.faultLater(null, Fault.POOL_LEAK, "one", "leaked");
        verifier.faultLater(null, Fault.REDIRECT_HANDLE_LEAK, "two", "leaked");

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(verifier::throwDeferred)
                .withMessageContaining("one")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

        assertThatCode(verifier::throwDeferred).doesNotThrowAnyException();
        assertThat(verifier.violations()).hasSize(2);
    }

    @Test
    void faultsFoundLater_inModeRecord_areNeverThrown() {
        Verifier verifier = verifier(FaultMode.RECORD);
        verifier.faultLater(null, Fault.POOL_LEAK, "one", "leaked");

        assertThatCode(verifier::throwDeferred).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource(FaultMode.class)
    void diagnostic_isNeverThrown(FaultMode mode) {
        Verifier verifier = verifier(mode);

        verifier.diagnose(null, Diagnostic.REDIRECT_LOOP, "proxy.exe", "nine hops");

        assertThat(verifier.diagnostics())
                .containsExactly(new Finding(Diagnostic.REDIRECT_LOOP, "proxy.exe", "nine hops"));
        assertThat(verifier.violations()).isEmpty();
    }

    @Test
    void records_ofAFloodAreBounded() {
        Verifier verifier = verifier(FaultMode.RECORD);
        for (int i = 0; i < Verifier.MOST_KEPT + 100; i++) {
            leak(verifier, "x");
            verifier.diagnose(null, Diagnostic.REDIRECT_LOOP, "x", "x");
        }

        assertThat(verifier.violations()).hasSize(Verifier.MOST_KEPT);
        assertThat(verifier.diagnostics()).hasSize(Verifier.MOST_KEPT);
    }

    @Test
    void faultsOfManyThreads_areAllRecorded() throws Exception {
        Verifier verifier = verifier(FaultMode.RECORD);
        Callable<Integer> leaking = () -> {
            for (int i = 0; i < 1000; i++) {
                leak(verifier, "x");
            }
            return 1000;
        };
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (Future<Integer> done : threads.invokeAll(Collections.nCopies(4, leaking))) {
            assertThat(done.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
        }
        threads.shutdown();

        assertThat(verifier.violations()).hasSize(4000);
    }

    @Test
    void report_readsAsOneLineForEachThingHeld() {
        TeardownReport report = new TeardownReport(List.of(
                new TeardownReport.Held("redirect handle", "#4", "acme.sys", "REDIRECT_HANDLE_LEAK"),
                new TeardownReport.Held("pool block", "'ctx1'", "acme.sys", "POOL_LEAK")));

        assertThat(report.toString().lines())
                .containsExactly(
                        "redirect handle #4 held by acme.sys (REDIRECT_HANDLE_LEAK)",
                        "pool block 'ctx1' held by acme.sys (POOL_LEAK)");
        assertThat(new TeardownReport(List.of())).hasToString("nothing held");
    }
}
