package io.github.wfpsim.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.trace.TraceLog;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.verifier.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class FaultRecorderTest {

    private static final String DRIVER = "acme.sys";
    private static final Subject SUBJECT = new Subject(4, 1, 1000, "app.exe");
    private static final int THREADS = 4;
    private static final int ROUNDS = 1_000;

    private final TraceRecorder trace = new TraceRecorder(new VirtualClock(), 100);
    private final FaultRecorder throwing = new FaultRecorder(FaultMode.THROW, trace);
    private final FaultRecorder recording = new FaultRecorder(FaultMode.RECORD, trace);

    private static void leak(FaultRecorder verifier, String detail) {
        verifier.fault(SUBJECT, Fault.POOL_LEAK, DRIVER, detail);
    }

    private static List<String> details(FaultRecorder verifier) {
        return verifier.violations().stream().map(Finding::detail).toList();
    }

    private static List<String> suppressedDetails(FaultException thrown) {
        return List.of(thrown.getSuppressed()).stream()
                .map(suppressed -> ((FaultException) suppressed).violation().detail())
                .toList();
    }

    @Nested
    final class Modes {

        @Test
        void fault_whenFaultsAreThrown_isThrownAndRecorded() {
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> leak(throwing, "one"))
                    .satisfies(thrown ->
                            assertThat(thrown.violation()).isEqualTo(new Finding<>(Fault.POOL_LEAK, DRIVER, "one")));
            assertThat(details(throwing)).containsExactly("one");
        }

        @Test
        void fault_whenFaultsAreRecorded_isOnlyRecorded() {
            leak(recording, "one");
            leak(recording, "two");

            assertThat(details(recording)).containsExactly("one", "two");
        }

        @ParameterizedTest
        @EnumSource(FaultMode.class)
        void diagnostic_isNeverThrown(FaultMode mode) {
            FaultRecorder verifier = new FaultRecorder(mode, trace);

            verifier.diagnose(SUBJECT, Diagnostic.REDIRECT_LOOP, DRIVER, "9 hops");

            assertThat(verifier.diagnostics())
                    .containsExactly(new Finding<>(Diagnostic.REDIRECT_LOOP, DRIVER, "9 hops"));
            assertThat(verifier.violations()).isEmpty();
        }

        @Test
        void faultAndDiagnostic_areTraced() {
            leak(recording, "one");
            recording.diagnose(null, Diagnostic.REDIRECT_LOOP, DRIVER, "9 hops");

            assertThat(trace.log().entries())
                    .extracting(TraceLog.Entry::event)
                    .containsExactly(
                            new TraceEvent.FaultRaised(SUBJECT, "POOL_LEAK", "acme.sys: one", Fault.POOL_LEAK.rules()),
                            new TraceEvent.DiagnosticRaised(
                                    null, "REDIRECT_LOOP", "acme.sys: 9 hops", Diagnostic.REDIRECT_LOOP.rules()));
        }

        @Test
        void fault_whenItHasACause_keepsIt() {
            IllegalStateException cause = new IllegalStateException("callout");

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> throwing.fault(null, Fault.CALLOUT_THREW, DRIVER, "classifyFn", cause))
                    .withCause(cause);
        }

        @Test
        @SuppressWarnings("NullAway")
        void verifier_whenAnArgumentIsNull_namesItAndRecordsNothing() {
            assertThatNullPointerException()
                    .isThrownBy(() -> new FaultRecorder(null, trace))
                    .withMessageContaining("mode must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> new FaultRecorder(FaultMode.THROW, null))
                    .withMessageContaining("trace must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> recording.fault(null, null, DRIVER, "one"))
                    .withMessageContaining("fault must not be null");
            assertThatNullPointerException()
                    .isThrownBy(() -> recording.diagnose(null, null, DRIVER, "one"))
                    .withMessageContaining("diagnostic must not be null");
            assertThat(recording.violations()).isEmpty();
            assertThat(recording.diagnostics()).isEmpty();
        }

        @Test
        void lists_areCopies() {
            List<Finding<Fault>> before = recording.violations();
            leak(recording, "one");

            assertThat(before).isEmpty();
            assertThat(recording.violations()).isUnmodifiable();
            assertThat(recording.diagnostics()).isUnmodifiable();
        }

        @Test
        void lists_whenFull_keepTheOldest() {
            for (int i = 0; i <= FaultRecorder.MOST_KEPT; i++) {
                leak(recording, "no " + i);
                recording.diagnose(null, Diagnostic.REDIRECT_LOOP, DRIVER, "no " + i);
            }

            assertThat(recording.violations()).hasSize(FaultRecorder.MOST_KEPT);
            assertThat(recording.violations().get(0).detail()).isEqualTo("no 0");
            assertThat(recording.diagnostics()).hasSize(FaultRecorder.MOST_KEPT);
        }
    }

    @Nested
    final class Scopes {

        @Test
        void scope_whenAFaultIsRaised_letsTheWorkFinishAndThenThrows() {
            StringBuilder done = new StringBuilder();

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(() -> work(throwing, done))
                    .satisfies(thrown -> {
                        assertThat(thrown.violation().detail()).isEqualTo("one");
                        assertThat(suppressedDetails(thrown)).containsExactly("two");
                    });
            assertThat(done).hasToString("abc");
        }

        @Test
        void scope_inBothModes_leavesTheSameState() {
            StringBuilder thrown = new StringBuilder();
            StringBuilder recorded = new StringBuilder();

            assertThatExceptionOfType(FaultException.class).isThrownBy(() -> work(throwing, thrown));
            work(recording, recorded);

            assertThat(thrown).hasToString(recorded.toString());
            assertThat(throwing.violations()).isEqualTo(recording.violations());
        }

        private void work(FaultRecorder verifier, StringBuilder done) {
            try (FaultScope scope = verifier.enter()) {
                assertThat(scope).isNotNull();
                done.append("a");
                leak(verifier, "one");
                done.append("b");
                leak(verifier, "two");
                done.append("c");
            }
        }

        @Test
        void scope_whenNothingHappens_endsQuietly() {
            assertThatCode(() -> throwing.enter().close()).doesNotThrowAnyException();
        }

        @Test
        void scope_afterItsEnd_holdsNothingBack() {
            throwing.enter().close();

            assertThatExceptionOfType(FaultException.class).isThrownBy(() -> leak(throwing, "one"));
        }

        @Test
        void scope_whenNested_throwsAtTheOutermostOnly() {
            FaultScope outer = throwing.enter();
            FaultScope inner = throwing.enter();
            leak(throwing, "inside");
            assertThatCode(inner::close).doesNotThrowAnyException();
            leak(throwing, "between");

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(outer::close)
                    .satisfies(thrown -> {
                        assertThat(thrown.violation().detail()).isEqualTo("inside");
                        assertThat(suppressedDetails(thrown)).containsExactly("between");
                    });
        }

        @Test
        void scope_thatWentOnElsewhere_holdsFaultsBackThereAfterItsFirstThreadHasEndedIt() throws Exception {
            FaultScope scope = throwing.enter();
            scope.suspend();
            CountDownLatch resumed = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            FutureTask<Boolean> elsewhere = new FutureTask<>(() -> {
                scope.resume();
                resumed.countDown();
                closed.await();
                leak(throwing, "late");
                scope.suspend();
                scope.defer();
                return true;
            });
            Thread other = new Thread(elsewhere);
            other.start();
            resumed.await();
            scope.close();
            closed.countDown();

            assertThat(elsewhere.get()).isTrue();
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(throwing::throwDeferred)
                    .satisfies(thrown -> assertThat(thrown.violation().detail()).isEqualTo("late"));
        }

        @Test
        void scope_whenTheWorkThrows_suppressesItsFaults() {
            IllegalStateException failure = new IllegalStateException("callout");

            assertThatCode(() -> {
                        try (FaultScope scope = throwing.enter()) {
                            assertThat(scope).isNotNull();
                            leak(throwing, "one");
                            throw failure;
                        }
                    })
                    .isSameAs(failure);
            assertThat(failure.getSuppressed()).singleElement().isInstanceOf(FaultException.class);
        }

        @Test
        void scope_ofAnotherThread_holdsNothingBack() throws Exception {
            FaultScope scope = throwing.enter();

            List<Boolean> threw = Race.run(THREADS, () -> throwsAtOnce(throwing));

            assertThat(threw).hasSize(THREADS).containsOnly(true);
            assertThatCode(scope::close).doesNotThrowAnyException();
        }

        @Test
        void scope_ofAnotherMachine_holdsNothingBack() {
            FaultScope scope = new FaultRecorder(FaultMode.THROW, trace).enter();

            assertThat(throwsAtOnce(throwing)).isTrue();
            scope.close();
        }

        @Test
        void scope_resumedInsideAnother_leavesThatOneInItsPlace() {
            FaultScope travelling = throwing.enter();
            travelling.suspend();
            FaultScope there = throwing.enter();

            travelling.resume();
            leak(throwing, "travelling");
            travelling.suspend();
            leak(throwing, "there");

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(there::close)
                    .satisfies(thrown -> {
                        assertThat(thrown.violation().detail()).isEqualTo("there");
                        assertThat(suppressedDetails(thrown)).isEmpty();
                    });
            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(travelling::close)
                    .satisfies(thrown -> assertThat(thrown.violation().detail()).isEqualTo("travelling"));
        }

        @Test
        void scope_suspendedByAnotherThread_staysWhereItIs() throws Exception {
            FaultScope scope = throwing.enter();

            Race.run(1, () -> {
                scope.suspend();
                scope.defer();
                return true;
            });

            assertThat(throwsAtOnce(throwing)).isFalse();
            assertThatExceptionOfType(FaultException.class).isThrownBy(scope::close);
        }

        private boolean throwsAtOnce(FaultRecorder verifier) {
            try {
                leak(verifier, "one");
                return false;
            } catch (FaultException thrown) {
                return true;
            }
        }
    }

    @Nested
    final class Deferred {

        @Test
        void faultLater_isRecordedAtOnceAndThrownOnce() {
            throwing.faultLater(null, Fault.POOL_LEAK, DRIVER, "one");
            throwing.faultLater(null, Fault.POOL_LEAK, DRIVER, "two");
            assertThat(details(throwing)).containsExactly("one", "two");

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(throwing::throwDeferred)
                    .satisfies(thrown -> {
                        assertThat(thrown.violation().detail()).isEqualTo("one");
                        assertThat(suppressedDetails(thrown)).containsExactly("two");
                    });
            assertThatCode(throwing::throwDeferred).doesNotThrowAnyException();
        }

        @Test
        void faultLater_whenFaultsAreRecorded_isNeverThrown() {
            recording.faultLater(null, Fault.POOL_LEAK, DRIVER, "one");

            assertThatCode(recording::throwDeferred).doesNotThrowAnyException();
            assertThat(details(recording)).containsExactly("one");
        }

        @Test
        void faultLater_insideAScope_waitsForThrowDeferred() {
            FaultScope scope = throwing.enter();
            throwing.faultLater(null, Fault.POOL_LEAK, DRIVER, "one");

            assertThatCode(scope::close).doesNotThrowAnyException();
            assertThatExceptionOfType(FaultException.class).isThrownBy(throwing::throwDeferred);
        }

        @Test
        void scopeThatIsDeferred_leavesItsFaultsForThrowDeferred_once() {
            FaultScope scope = throwing.enter();
            leak(throwing, "one");
            scope.defer();
            scope.defer();

            assertThatExceptionOfType(FaultException.class)
                    .isThrownBy(throwing::throwDeferred)
                    .satisfies(thrown -> {
                        assertThat(thrown.violation().detail()).isEqualTo("one");
                        assertThat(suppressedDetails(thrown)).isEmpty();
                    });
            assertThatCode(scope::close).doesNotThrowAnyException();
        }

        @Test
        void throwDeferred_fromManyThreads_throwsEachFaultOnce() throws Exception {
            for (int i = 0; i < ROUNDS; i++) {
                throwing.faultLater(null, Fault.POOL_LEAK, DRIVER, "no " + i);
            }

            List<Integer> thrown = Race.run(THREADS, this::deferredFaults);

            assertThat(thrown.stream().mapToInt(Integer::intValue).sum()).isEqualTo(ROUNDS);
        }

        private int deferredFaults() {
            try {
                throwing.throwDeferred();
                return 0;
            } catch (FaultException thrown) {
                return 1 + thrown.getSuppressed().length;
            }
        }
    }

    @Nested
    final class Threads {

        @Test
        void faultsAndDiagnostics_fromManyThreads_areAllKept() throws Exception {
            Race.run(THREADS, () -> {
                for (int i = 0; i < ROUNDS; i++) {
                    leak(recording, "no " + i);
                    recording.diagnose(null, Diagnostic.REDIRECT_LOOP, DRIVER, "no " + i);
                }
                return true;
            });

            assertThat(recording.violations()).hasSize(THREADS * ROUNDS);
            assertThat(recording.diagnostics()).hasSize(THREADS * ROUNDS);
        }

        @Test
        void scopes_ofManyThreads_throwTheirOwnFaultsOnly() throws Exception {
            List<List<String>> thrown = Race.run(THREADS, this::faultsOfThisThread);

            assertThat(thrown)
                    .hasSize(THREADS)
                    .allMatch(names -> names.size() == ROUNDS)
                    .allMatch(names -> names.stream().distinct().count() == 1);
        }

        private List<String> faultsOfThisThread() {
            FaultScope scope = throwing.enter();
            for (int i = 0; i < ROUNDS; i++) {
                leak(throwing, Thread.currentThread().getName());
            }
            try {
                scope.close();
                return List.of();
            } catch (FaultException first) {
                List<String> all = new ArrayList<>(suppressedDetails(first));
                all.add(first.violation().detail());
                return all;
            }
        }
    }
}
