import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Runs mutation tests in shards of at most ten minutes each and tells how many mutants the tests notice.
 *
 * <pre>
 * java src/mutation/Shards.java            all shards, one after another
 * java src/mutation/Shards.java chain      those whose names begin so
 * </pre>
 *
 * <p>Each shard is a run of {@code mvn -Pmutation} with classes of one room and the tests that drive them. A survivor that
 * {@code src/mutation/equivalent.txt} names, with the reason why no test can notice it, counts as judged; the exit status is
 * the number of shards with less than 90 % noticed or judged. Results as rows of a table: {@code target/mutation.md}.
 */
public final class Shards {

    private static final int MINUTES = 10;
    private static final int LEAST_PERCENT = 90;
    private static final String BASE = "io.github.wfpsim.";
    private static final Path EQUIVALENT = Path.of("src", "mutation", "equivalent.txt");
    private static final Set<String> NOTICED = Set.of("KILLED", "TIMED_OUT", "MEMORY_ERROR", "RUN_ERROR");

    private record Shard(List<String> classes, List<String> tests) {}

    private Shards() {}

    /** The rooms that hold rules, cut by the first letters of their classes, with the packages of the tests that drive them. */
    private static Map<String, Shard> shards() {
        Map<String, Shard> shards = new LinkedHashMap<>();
        shards.put("chain", of("chain", List.of(""), "chain", "redirect", "scenario", "doors", "recorder"));
        cut(shards, "engine", List.of("A,B,Ca", "Co,D", "E,F,H,I", "L,M,N,O", "P,Q,R,S,V"), "wfp", "engine", "scenario");
        cut(shards, "stack", List.of("A,B,C", "Datagram", "De,E,H", "I,L,O,P", "R,S,T"), "winsock", "stack", "wfp", "scenario");
        cut(shards, "sockets", List.of("A,C,D", "E,F,I,M", "O,P,R", "S,T,U,W"), "winsock", "sockets", "iphlp", "scenario");
        cut(shards, "kernel", List.of("D,I", "L,M,N,O,P,R,S,T,U"), "kernel", "irp", "wsk", "driver");
        cut(shards, "wskprovider", List.of("A,B,C,D", "E,I,K,L", "M,O,P,R,S,T,W"), "wsk", "wskprovider", "doors");
        return shards;
    }

    private static void cut(Map<String, Shard> shards, String room, List<String> letters, String... tests) {
        for (String part : letters) {
            shards.put(room + "-" + part.replace(",", ""), of(room, List.of(part.split(",")), tests));
        }
    }

    private static Shard of(String room, List<String> prefixes, String... tests) {
        return new Shard(
                prefixes.stream().map(prefix -> BASE + room + "." + prefix + "*").toList(),
                List.of(tests).stream().map(test -> BASE + test + ".*Test").toList());
    }

    public static void main(String... names) throws IOException, InterruptedException {
        Set<String> judged = judged();
        List<String> rows = new ArrayList<>();
        int low = 0;
        for (Map.Entry<String, Shard> shard : shards().entrySet()) {
            if (names.length > 0 && List.of(names).stream().noneMatch(shard.getKey()::startsWith)) {
                continue;
            }
            long started = System.nanoTime();
            boolean ended = run(shard.getKey(), shard.getValue());
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
            Path report = Path.of("target", "pit-reports", shard.getKey(), "mutations.csv");
            String row = ended && Files.exists(report)
                    ? row(shard.getKey(), Files.readAllLines(report), judged, seconds)
                    : "| " + shard.getKey() + " | – | – | – | did not end within " + MINUTES + " minutes |";
            rows.add(row);
            low += row.endsWith(" ok |") ? 0 : 1;
            System.out.println(row);
        }
        Files.write(Path.of("target", "mutation.md"), rows);
        System.exit(low);
    }

    private static boolean run(String name, Shard shard) throws IOException, InterruptedException {
        Process maven = new ProcessBuilder(
                        "mvn",
                        "-B",
                        "-ntp",
                        "-q",
                        "-Pmutation",
                        "-Dmutation.shard=" + name,
                        "-Dmutation.classes=" + String.join(",", shard.classes()),
                        "-Dmutation.tests=" + String.join(",", shard.tests()))
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "mutation-" + name + ".log").toFile())
                .start();
        // Compiling comes on top.
        boolean ended = maven.waitFor(MINUTES + 5, TimeUnit.MINUTES);
        maven.descendants().forEach(ProcessHandle::destroyForcibly);
        maven.destroyForcibly();
        return ended;
    }

    /** Lines of {@code Class.method mutator: reason}; the mutator is the last part of its name. */
    private static Set<String> judged() throws IOException {
        Set<String> judged = new TreeSet<>();
        for (String line : Files.readAllLines(EQUIVALENT)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                judged.add(line.substring(0, line.indexOf(':')).strip());
            }
        }
        return judged;
    }

    /** Columns of the report: file, class, mutator, method, line, status, test. */
    private static String row(String name, List<String> mutants, Set<String> judged, long seconds) {
        int noticed = 0;
        int equivalent = 0;
        Map<String, Integer> survivors = new TreeMap<>();
        for (String mutant : mutants) {
            String[] columns = mutant.split(",");
            String type = columns[1].substring(columns[1].lastIndexOf('.') + 1);
            String key = type + "." + columns[3] + " " + columns[2].substring(columns[2].lastIndexOf('.') + 1);
            if (NOTICED.contains(columns[5])) {
                noticed++;
            } else if (judged.contains(key)) {
                equivalent++;
            } else {
                survivors.merge(key + " (line " + columns[4] + ", " + columns[5] + ")", 1, Integer::sum);
            }
        }
        survivors.forEach((survivor, times) -> System.out.println("  " + survivor + (times > 1 ? " x" + times : "")));
        int all = mutants.size();
        long percent = all == 0 ? 100 : Math.round(100.0 * noticed / Math.max(1, all - equivalent));
        return String.format(
                "| %s | %d | %d (%d %%) | %d | %d s | %s |",
                name, all, noticed, percent, equivalent, seconds, percent >= LEAST_PERCENT ? "ok" : "low");
    }
}
