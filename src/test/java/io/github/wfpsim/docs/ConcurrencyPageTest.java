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

/** docs/concurrency.md has a row for every lock and every lazy store in the sources, and none for one that is gone. */
class ConcurrencyPageTest {

    private static final Pattern LOCK = Pattern.compile("synchronized \\((\\w+)\\)");
    private static final Pattern LAZY_STORE = Pattern.compile("(\\w+)\\.(?:lazySet|setRelease|setOpaque|setPlain)\\(");
    private static final Pattern STRESS_TEST = Pattern.compile("`(\\w+Stress)`");
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

    /** What a lock-free reader may see too early has a stress test, which the page names with what makes it visible. */
    @Test
    void page_namesEveryLazyStore_andStressTestsThatExist() throws IOException {
        String page = Files.readString(Path.of("docs", "concurrency.md"));
        String table = page.substring(page.indexOf("| Store |"), page.indexOf("| Callback |"));
        Set<String> named = new TreeSet<>();
        ROW_NAME.matcher(table).results().map(name -> name.group(1)).forEach(named::add);
        assertThat(named).isEqualTo(lazyStoresInTheSources());

        Set<String> tests = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src", "jcstress", "java"))) {
            sources.map(path -> path.getFileName().toString().replace(".java", ""))
                    .filter(name -> name.endsWith("Stress"))
                    .forEach(tests::add);
        }
        List<String> missing = STRESS_TEST
                .matcher(table)
                .results()
                .map(name -> name.group(1))
                .filter(name -> !tests.contains(name))
                .toList();
        assertThat(missing).isEmpty();
    }

    private static Set<String> lazyStoresInTheSources() throws IOException {
        Set<String> stores = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            sources.filter(path -> path.toString().endsWith(".java")).forEach(path -> {
                String type = path.getFileName().toString().replace(".java", "");
                LAZY_STORE
                        .matcher(read(path))
                        .results()
                        .map(store -> type + "." + store.group(1))
                        .forEach(stores::add);
            });
        }
        return stores;
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
