package io.github.wfpsim.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/concurrency.md has a row for every lock in the sources, and none for a lock that is gone. */
class ConcurrencyPageTest {

    private static final Pattern LOCK = Pattern.compile("synchronized \\((\\w+)\\)");
    private static final Pattern ROW_NAME = Pattern.compile("`(\\w+\\.\\w+)`");

    @Test
    void page_hasARowForEveryLock() throws IOException {
        assertThat(locksOnThePage()).isEqualTo(locksInTheSources());
    }

    @Test
    void sources_useNoOtherKindOfLock() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            List<Path> others = sources.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> read(path).matches("(?s).*(synchronized \\w+ |ReentrantLock|StampedLock).*"))
                    .toList();
            assertThat(others).isEmpty();
        }
    }

    private static Set<String> locksInTheSources() throws IOException {
        Set<String> locks = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            sources.filter(path -> path.toString().endsWith(".java")).forEach(path -> {
                String type = path.getFileName().toString().replace(".java", "");
                LOCK.matcher(read(path))
                        .results()
                        .map(lock -> type + "." + lock.group(1))
                        .forEach(locks::add);
            });
        }
        return locks;
    }

    private static Set<String> locksOnThePage() throws IOException {
        Set<String> locks = new TreeSet<>();
        String page = Files.readString(Path.of("docs", "concurrency.md"));
        String table = page.substring(page.indexOf("| Lock |"), page.indexOf("Without a lock"));
        table.lines()
                .map(line -> line.split("\\|"))
                .filter(cells -> cells.length > 1)
                .forEach(cells -> ROW_NAME.matcher(cells[1])
                        .results()
                        .map(MatchResult::group)
                        .forEach(name -> locks.add(name.substring(1, name.length() - 1))));
        return locks;
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
