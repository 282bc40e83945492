package io.github.wfpsim.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The requirements of docs/spec, in the order of the documents. */
record Catalogue(List<Requirement> requirements) {

    private static final List<String> FILES =
            List.of("records.md", "wsk-control.md", "winsock-ioctl.md", "wfp-classify.md", "concurrency.md");
    private static final Pattern RULE = Pattern.compile("^- \\*\\*([A-Z]+-\\d+)\\*\\* \\[(\\w+)] (.*)$");
    private static final int LONGEST_RULE = 120;

    /** One rule: where it stands, its id and class, and its first sentence. */
    record Requirement(String file, String id, String kind, String rule) {}

    static Catalogue read(Path folder) throws IOException {
        List<Requirement> all = new ArrayList<>();
        for (String file : FILES) {
            all.addAll(parse(file, Files.readAllLines(folder.resolve(file))));
        }
        return new Catalogue(all);
    }

    static List<Requirement> parse(String file, List<String> lines) {
        List<Requirement> found = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = RULE.matcher(line);
            if (matcher.matches()) {
                found.add(new Requirement(file, matcher.group(1), matcher.group(2), inShort(matcher.group(3))));
            }
        }
        return found;
    }

    private static String inShort(String text) {
        String rule = text.split(" — Source| Reason:", 2)[0];
        String line = rule.replace("|", "\\|");
        return line.length() <= LONGEST_RULE
                ? line
                : line.substring(0, LONGEST_RULE).strip() + "…";
    }
}
