package io.github.wfpsim.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each place that the index of the architecture page sends a reader to is there. */
class ArchitectureIndexTest {

    private static final int FEWEST_ROWS = 25;
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "github", "wfpsim");

    /** A room and a type, perhaps with a member of it; a type alone stands in the root; or a page. */
    private static final Pattern TARGET =
            Pattern.compile("`(?:([a-z]+)\\.)?([A-Z]\\w*)(?:\\.(\\w+))?`|\\]\\((\\S+?)\\)");

    @Test
    void index_leadsSomewhere() throws IOException {
        List<String> rows = rows();
        List<String> astray = new ArrayList<>();
        for (String row : rows) {
            Matcher target = TARGET.matcher(row.substring(row.indexOf("|", 1)));
            assertThat(target.find()).as("a place to go to in %s", row).isTrue();
            do {
                if (!exists(target)) {
                    astray.add(target.group() + " in " + row);
                }
            } while (target.find());
        }
        assertThat(rows).hasSizeGreaterThanOrEqualTo(FEWEST_ROWS);
        assertThat(astray).isEmpty();
    }

    private static List<String> rows() throws IOException {
        String page = Files.readString(Path.of("docs", "architecture.md"));
        String table = page.substring(page.indexOf("| Looking for | Go to |"));
        return table.lines().skip(2).takeWhile(line -> line.startsWith("|")).toList();
    }

    private static boolean exists(Matcher target) throws IOException {
        if (target.group(4) != null) {
            return Files.exists(Path.of("docs").resolve(target.group(4)));
        }
        Path room = target.group(1) == null ? SOURCES : SOURCES.resolve(target.group(1));
        Path source = room.resolve(target.group(2) + ".java");
        String member = target.group(3);
        return Files.exists(source)
                && (member == null
                        || Pattern.compile("\\b" + member + "\\b")
                                .matcher(Files.readString(source))
                                .find());
    }
}
