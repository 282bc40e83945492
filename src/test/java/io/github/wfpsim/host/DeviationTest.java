package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.WfpSim;
import io.github.wfpsim.net.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DeviationTest {

    private static final Path SOURCE = Path.of("src", "main", "java", "io", "github", "wfpsim", "host");
    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Path CATALOGUE = Path.of("docs", "spec");
    private static final Pattern TAG = Pattern.compile("@Spec\\(\\{?([^)}]*)");

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(TESTS.resolve(Path.of("io", "github", "wfpsim", "host"))))
                    .map(DeviationTest::read)
                    .toList();
        }
    }

    /** The Javadoc of a constant, its lines joined. */
    private static String javadoc(Deviation deviation) {
        String before = read(SOURCE.resolve("Deviation.java")).split("\n    " + deviation.name() + "\\(", 2)[0];
        return before.substring(before.lastIndexOf("/**")).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
    }

    private static boolean isTaggedWithARuleOf(String test, Deviation deviation) {
        return TAG.matcher(test)
                .results()
                .map(MatchResult::group)
                .anyMatch(tag -> deviation.rules().stream().anyMatch(rule -> tag.contains('"' + rule + '"')));
    }

    @ParameterizedTest
    @EnumSource
    void rules_standInTheCatalogue(Deviation deviation) throws IOException {
        assertThat(deviation.rules()).isNotEmpty().doesNotHaveDuplicates();
        String catalogue = String.join("\n", files(CATALOGUE));
        for (String rule : deviation.rules()) {
            assertThat(catalogue).contains("- **" + rule + "** [");
        }
        // One of them, or its observable, says so.
        assertThat(catalogue).contains("eviation `" + deviation + "`");
    }

    @ParameterizedTest
    @EnumSource
    void table_namesDeviationAndRules(Deviation deviation) {
        assertThat(read(CATALOGUE.resolve("README.md")))
                .contains("| `" + deviation + "` | " + String.join(", ", deviation.rules()) + " | "
                        + (deviation.isObserved() ? "yes: " : "no |"));
    }

    @ParameterizedTest
    @EnumSource
    void javadoc_citesSourceAndRules(Deviation deviation) {
        assertThat(javadoc(deviation))
                .contains("<p>Source: ")
                .contains("Requirements: " + String.join(", ", deviation.rules()) + ".");
    }

    @ParameterizedTest
    @EnumSource
    void aTestOfItsRules_usesIt(Deviation deviation) throws IOException {
        assertThat(files(TESTS))
                .anyMatch(test -> test.contains("Deviation." + deviation) && isTaggedWithARuleOf(test, deviation));
    }

    @ParameterizedTest
    @EnumSource
    void excludes_isMutual_andMeansACommonRule(Deviation deviation) {
        for (Deviation other : Deviation.values()) {
            boolean common = deviation.rules().stream().anyMatch(other.rules()::contains);
            assertThat(deviation.excludes(other)).isEqualTo(common && deviation != other);
            assertThat(other.excludes(deviation)).isEqualTo(deviation.excludes(other));
        }
    }

    @Test
    void machine_hasTheDeviationsOfItsOptionsAndOfItsBuilder_inEitherOrder() {
        SimOptions options = SimOptions.defaults().loopLimit(3).with(Deviation.SET_AFTER_BIND_ALLOWED);
        SimOptions expected = options.with(Deviation.DOUBLE_AUTHORIZATION_ALWAYS);

        try (Network network = WfpSim.openNetwork();
                WfpSim first = WfpSim.builder()
                        .with(Deviation.DOUBLE_AUTHORIZATION_ALWAYS)
                        .options(options)
                        .open();
                WfpSim second = WfpSim.builder()
                        .network(network)
                        .options(options)
                        .with(Deviation.DOUBLE_AUTHORIZATION_ALWAYS)
                        .open()) {
            assertThat(first.options()).isEqualTo(expected);
            assertThat(second.options()).isEqualTo(expected);
        }
    }

    @Test
    void builder_refusesWhatExcludesEachOther_atOnce_andStaysAsItWas() {
        SimOptions observed = SimOptions.defaults().with(Deviation.WINSOCK_ERRORS_OBSERVED);
        WfpSim.Builder builder = WfpSim.builder().with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND);

        assertThatThrownBy(() -> builder.options(observed)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.with(Deviation.WINSOCK_ERRORS_OBSERVED))
                .isInstanceOf(IllegalArgumentException.class);

        try (WfpSim sim = builder.open()) {
            assertThat(sim.options().deviations()).containsExactly(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND);
        }
    }
}
