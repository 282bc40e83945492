package io.github.wfpsim.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConformancePageTest {

    private static final Path PAGE = Path.of("docs", "conformance.md");
    private static final Path SPEC = Path.of("docs", "spec");

    @Test
    void page_saysWhatTheTestsHold() throws IOException {
        Catalogue catalogue = Catalogue.read(SPEC);
        Map<String, Set<String>> tests = TaggedTests.collect();
        assertThat(ConformancePage.unknownIds(catalogue, tests))
                .as("tags that name no requirement of docs/spec")
                .isEmpty();
        String before = Files.exists(PAGE) ? Files.readString(PAGE, StandardCharsets.UTF_8) : "";
        assertThat(tests.keySet())
                .as("requirements that were held by a test and are not any more")
                .containsAll(ConformancePage.heldIds(before));
        String now = ConformancePage.render(catalogue, tests);
        if (Boolean.getBoolean("conformance.write")) {
            Files.writeString(PAGE, now, StandardCharsets.UTF_8);
        } else {
            assertThat(before)
                    .as("docs/conformance.md is stale: run mvn -q test -Dtest=ConformancePageTest"
                            + " -Dconformance.write=true")
                    .isEqualToNormalizingNewlines(now);
        }
    }

    @Test
    void catalogue_hasEachNumberOnce_inTheFileThatItsIndexNames() throws IOException {
        List<Catalogue.Requirement> rules = Catalogue.read(SPEC).requirements();
        String index = Files.readString(SPEC.resolve("README.md"));

        assertThat(rules).extracting(Catalogue.Requirement::id).doesNotHaveDuplicates();
        assertThat(rules)
                .allSatisfy(rule -> assertThat(index)
                        .contains("| " + rule.id().replaceAll("\\d+", "") + " | [" + rule.file() + "]"));
    }

    @Test
    void render_whenNoTestHoldsARule_saysNotYet() {
        Catalogue catalogue =
                new Catalogue(Catalogue.parse("records.md", List.of("- **REC-01** [DOC] A rule. — Source: x")));
        assertThat(ConformancePage.render(catalogue, Map.of())).contains("| REC-01 | DOC | A rule. | not yet |");
    }

    @Test
    void heldIds_leavesOutWhatIsNotYetHeld() {
        String page = "| REC-01 | DOC | a | FooTest.bar |\n| REC-02 | DOC | b | not yet |\n";
        assertThat(ConformancePage.heldIds(page)).isEqualTo(Set.of("REC-01"));
    }

    @Test
    void unknownIds_namesATagOutsideTheCatalogue() {
        Catalogue catalogue = new Catalogue(Catalogue.parse("records.md", List.of("- **REC-01** [DOC] A rule.")));
        Map<String, Set<String>> tests = Map.of("REC-01", Set.of("a"), "REC-99", Set.of("b"));
        assertThat(ConformancePage.unknownIds(catalogue, tests)).containsExactly("REC-99");
    }
}
