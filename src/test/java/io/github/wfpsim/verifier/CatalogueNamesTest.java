package io.github.wfpsim.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The names and rules of faults and diagnostics are those of the catalogue. */
class CatalogueNamesTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z_0-9]+)` \\| ([A-Z0-9, -]+) \\|$");

    private static Map<String, List<String>> table(String heading) throws IOException {
        String page = Files.readString(Path.of("docs", "spec", "README.md"));
        String table = page.substring(page.indexOf("| " + heading + " | Rules |"));
        int end = table.indexOf("\n\n");
        Matcher rows = ROW.matcher(table.substring(0, end < 0 ? table.length() : end));
        Map<String, List<String>> found = new TreeMap<>();
        while (rows.find()) {
            found.put(rows.group(1), Arrays.asList(rows.group(2).split(", ")));
        }
        return found;
    }

    @Test
    void faults_areThoseOfTheCatalogue() throws IOException {
        Map<String, List<String>> ours = new TreeMap<>();
        for (Fault fault : Fault.values()) {
            ours.put(fault.name(), fault.rules());
        }
        assertThat(ours).hasSizeGreaterThan(30).isEqualTo(table("Fault"));
    }

    @Test
    void diagnostics_areThoseOfTheCatalogue() throws IOException {
        Map<String, List<String>> ours = new TreeMap<>();
        for (Diagnostic diagnostic : Diagnostic.values()) {
            ours.put(diagnostic.name(), diagnostic.rules());
        }
        assertThat(ours).hasSizeGreaterThan(5).isEqualTo(table("Diagnostic"));
    }
}
