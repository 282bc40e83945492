package io.github.wfpsim.model;

import static org.assertj.core.api.Assertions.fail;

import io.github.wfpsim.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The user-mode door against a model that is written down from the catalogue, on random sequences of legal and illegal
 * calls by several processes. {@code -Dmodel.seed=1 -Dmodel.sequences=100000} runs others, or more.
 */
@Timeout(3600)
class WinsockModelTest {

    private static final long SEED = Long.getLong("model.seed", 20_261_121);
    private static final int SEQUENCES = Integer.getInteger("model.sequences", 2000);

    @Spec({
        "WSA-03", "WSA-10", "WSA-12", "WSA-16", "WSA-21", "WSA-36", "WSA-42", "WSA-54", "REC-01", "REC-05", "REC-13",
        "REC-16", "REC-19", "REC-29", "REC-35", "REC-37", "REC-38"
    })
    @Test
    void everyCall_answersAsTheModelSays_andLeavesTheTableThatItSays() {
        for (long seed = SEED; seed < SEED + SEQUENCES; seed++) {
            List<Step> steps = Generator.sequence(seed);
            Comparison comparison = Comparison.of(steps, Model::new);
            if (comparison.difference() != null) {
                Comparison shrunk = Shrinker.shrink(comparison, Model::new);
                fail("seed " + seed + ", " + shrunk.difference() + "\n" + JavaText.of(shrunk, "shrunk"));
            }
        }
    }
}
