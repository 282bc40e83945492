package io.github.wfpsim.conformance;

import io.github.wfpsim.conformance.Catalogue.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes and reads docs/conformance.md. */
final class ConformancePage {

    private static final String NOT_YET = "not yet";
    private static final Pattern ROW = Pattern.compile("^\\| ([A-Z]+-\\d+) \\|.*\\| (.*) \\|$");

    private ConformancePage() {}

    static String render(Catalogue catalogue, Map<String, Set<String>> tests) {
        StringBuilder page = new StringBuilder("# Conformance\n\n"
                + "Which tests hold which requirement of the [catalogue](spec/README.md). Written by ConformancePageTest;"
                + " do not edit.\n\n"
                + "Regenerate with `mvn -q test -Dtest=ConformancePageTest -Dconformance.write=true`.\n");
        String file = "";
        for (Requirement requirement : catalogue.requirements()) {
            if (!requirement.file().equals(file)) {
                file = requirement.file();
                page.append(heading(file, catalogue, tests));
            }
            Set<String> holders = tests.getOrDefault(requirement.id(), Set.of());
            page.append("| ").append(requirement.id());
            page.append(" | ").append(requirement.kind());
            page.append(" | ").append(requirement.rule());
            page.append(" | ").append(holders.isEmpty() ? NOT_YET : String.join("<br>", holders));
            page.append(" |\n");
        }
        return page.toString();
    }

    private static String heading(String file, Catalogue catalogue, Map<String, Set<String>> tests) {
        List<Requirement> rules = catalogue.requirements().stream()
                .filter(requirement -> requirement.file().equals(file))
                .toList();
        long held = rules.stream()
                .filter(requirement -> tests.containsKey(requirement.id()))
                .count();
        return "\n## [" + file + "](spec/" + file + "): " + held + " of " + rules.size() + "\n\n"
                + "| Id | Class | Rule in short | Held by |\n|---|---|---|---|\n";
    }

    /** Ids that a page shows as held by a test. */
    static Set<String> heldIds(String page) {
        Set<String> held = new LinkedHashSet<>();
        for (String line : page.lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && !row.group(2).equals(NOT_YET)) {
                held.add(row.group(1));
            }
        }
        return held;
    }

    /** Tags that name no requirement. */
    static List<String> unknownIds(Catalogue catalogue, Map<String, Set<String>> tests) {
        List<String> unknown = new ArrayList<>(tests.keySet());
        catalogue.requirements().forEach(requirement -> unknown.remove(requirement.id()));
        return unknown;
    }
}
