package io.github.wfpsim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Feeds each target what fuzzing found once, and a few hundred random inputs. */
@Timeout(60)
class FuzzRegressionTest {

    private static final int INPUTS = 200;
    private static final int MOST_BYTES = 256;

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    @Spec({"REC-02", "UDP-21", "WSA-14", "WSK-02"})
    void foundInputs_andRandomOnes_haveTheirAnswers(FuzzTarget target) throws Exception {
        for (Path found : found(target)) {
            feed(target, Files.readAllBytes(found), found.getFileName().toString());
        }
        Random random = new Random(1);
        for (int i = 0; i < INPUTS; i++) {
            byte[] bytes = new byte[random.nextInt(MOST_BYTES)];
            random.nextBytes(bytes);
            feed(target, bytes, "random input " + i);
        }
    }

    private static void feed(FuzzTarget target, byte[] bytes, String name) {
        try {
            target.feed(new FuzzInput(bytes));
        } catch (Exception | AssertionError broken) {
            throw new AssertionError(target + " broke at " + name, broken);
        }
    }

    private static List<Path> found(FuzzTarget target) throws IOException, URISyntaxException {
        Path folder = Path.of(
                        Objects.requireNonNull(FuzzRegressionTest.class.getResource("/fuzz"), "src/test/resources/fuzz")
                                .toURI())
                .resolve(target.name().toLowerCase(Locale.ROOT));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> sorted = files.sorted().toList();
            assertThat(sorted).isNotEmpty();
            return sorted;
        }
    }
}
