package io.github.wfpsim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark still runs. One short iteration without warm-up says nothing about speed. */
@Timeout(120)
class BenchmarkSmokeTest {

    private static final int PAIRS = 100;

    @Test
    void benchmarks_allRun_andFillEveryRowOfTheTable() throws Exception {
        // Another run on this machine would disturb figures, but none is asked for here.
        System.setProperty("jmh.ignoreLock", "true");

        Ratios ratios = Ratios.measured(smallAndShort());

        assertThat(ratios.names()).containsExactlyInAnyOrderElementsOf(benchmarks());
        assertThat(ratios.table()).contains("| yes |").doesNotContain("not run");
    }

    private static Options smallAndShort() {
        return new OptionsBuilder()
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(10))
                .verbosity(VerboseMode.SILENT)
                .param("connections", "2")
                .param("live", "2")
                .param("chain", "3")
                .param("filters", "10")
                .build();
    }

    private static List<String> benchmarks() {
        return new ClassFileImporter()
                .importPackages("io.github.wfpsim.bench").stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(Benchmark.class))
                        .map(method -> method.getOwner().getSimpleName() + "." + method.getName())
                        .toList();
    }

    @Test
    void memory_ofAPair_isCounted() throws Exception {
        assertThat(MemoryPerPair.retained(PAIRS, true, true)).isFinite();
    }
}
