package io.github.wfpsim.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.verifier.TeardownReport.Held;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person reads when something is wrong. */
final class ReportsTest {

    private static final Held HANDLE = new Held("redirect handle", "#8", "acme.sys", "REDIRECT_HANDLE_LEAK");
    private static final Held BLOCK = new Held("pool block", "'rCtx' of 3 bytes", "acme.sys", "POOL_LEAK");

    @Nested
    final class Teardown {

        @Test
        void report_whenNothingIsHeld_isEmptyAndSaysSo() {
            TeardownReport report = new TeardownReport(List.of());

            assertThat(report.isEmpty()).isTrue();
            assertThat(report).hasToString("nothing held");
        }

        @Test
        void report_hasOneLineForEachObject() {
            TeardownReport report = new TeardownReport(List.of(HANDLE, BLOCK));

            assertThat(report.isEmpty()).isFalse();
            assertThat(report.toString().lines())
                    .containsExactly(
                            "redirect handle #8 held by acme.sys (REDIRECT_HANDLE_LEAK)",
                            "pool block 'rCtx' of 3 bytes held by acme.sys (POOL_LEAK)");
        }

        @Test
        void report_keepsACopy() {
            List<Held> given = new ArrayList<>(List.of(HANDLE));
            TeardownReport report = new TeardownReport(given);
            given.clear();

            assertThat(report.held()).containsExactly(HANDLE).isUnmodifiable();
        }

        @Test
        @SuppressWarnings("NullAway")
        void report_whenTheListIsNull_namesIt() {
            assertThatNullPointerException()
                    .isThrownBy(() -> new TeardownReport(null))
                    .withMessageContaining("held must not be null");
        }
    }

    @Nested
    final class Exceptions {

        private final Finding<Fault> leak = new Finding<>(Fault.POOL_LEAK, "acme.sys", "'rCtx' was not freed");

        @ParameterizedTest
        @EnumSource(Fault.class)
        void message_namesFaultRulesObjectAndDeed(Fault fault) {
            String message = new FaultException(new Finding<>(fault, "acme.sys", "what it did"), null).getMessage();

            assertThat(message)
                    .startsWith(fault.name() + " " + fault.rules() + ": acme.sys: what it did")
                    .contains(fault.rules());
        }

        @ParameterizedTest
        @EnumSource(Fault.class)
        void message_saysWhatToDo(Fault fault) {
            String message = new FaultException(new Finding<>(fault, "acme.sys", "what it did"), null).getMessage();

            assertThat(message.substring(message.indexOf("what it did") + "what it did".length()))
                    .startsWith(": ")
                    .hasSizeBetween(12, 160);
        }

        @ParameterizedTest
        @EnumSource(Diagnostic.class)
        void remedy_ofADiagnostic_saysWhatToDo(Diagnostic diagnostic) {
            assertThat(diagnostic.rules()).isNotEmpty();
            assertThat(diagnostic.remedy()).hasSizeBetween(10, 120).doesNotEndWith(".");
        }

        @Test
        void exception_givesTheViolation() {
            assertThat(new FaultException(leak, null).violation()).isSameAs(leak);
            assertThat(leak).hasToString("POOL_LEAK [REC-31, WSK-38]: acme.sys: 'rCtx' was not freed");
        }

        @Test
        void finding_namesDiagnosticRulesObjectAndDetail() {
            assertThat(new Finding<>(Diagnostic.REDIRECT_OVERRIDDEN, "b.sys", "took it from a.sys"))
                    .hasToString("REDIRECT_OVERRIDDEN [REC-17, WFP-56]: b.sys: took it from a.sys");
        }

        @Test
        @SuppressWarnings("NullAway")
        void exception_whenTheViolationIsNull_namesIt() {
            assertThatNullPointerException()
                    .isThrownBy(() -> new FaultException(null, null))
                    .withMessageContaining("violation must not be null");
        }
    }
}
