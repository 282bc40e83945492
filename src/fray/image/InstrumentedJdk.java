import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the JDK whose classes Fray has rewritten, out of a JDK 25 that need not have jmods: {@code java
 * InstrumentedJdk.java JARS IMAGE VERSION}. Does nothing if the image is there. Run by profile {@code fray}.
 */
final class InstrumentedJdk {

    private InstrumentedJdk() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path jars = Path.of(args[0]);
        Path image = Path.of(args[1]);
        Path version = image.resolve("fray-version");
        if (Files.exists(version) && Files.readString(version).equals(args[2])) {
            return;
        }
        Path jdk = jdk25();
        deleteTree(image);
        Files.createDirectories(image.toAbsolutePath().getParent());
        Process jlink = new ProcessBuilder(command(jdk, jars, image)).inheritIO().start();
        if (jlink.waitFor() != 0) {
            throw new IllegalStateException("jlink failed with " + jlink.exitValue());
        }
        Files.writeString(version, args[2]);
    }

    /** The agent is native code for one platform, and made for the classes of one JDK. */
    private static Path jdk25() throws IOException {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!platform.equals("Linux amd64")) {
            throw new IllegalStateException("Fray runs on Linux on x86-64 only, not on " + platform);
        }
        String home = System.getenv("JDK25_HOME");
        if (home == null || !Files.isExecutable(Path.of(home, "bin", "jlink"))) {
            throw new IllegalStateException("set JDK25_HOME to a JDK 25, out of which the instrumented one is made");
        }
        String release = Files.readString(Path.of(home, "release"));
        if (!release.contains("JAVA_VERSION=\"25")) {
            throw new IllegalStateException("JDK25_HOME is another version, and Fray's agent knows the classes of 25 only: "
                    + release.lines().filter(line -> line.startsWith("JAVA_VERSION=")).findFirst().orElse("unknown"));
        }
        return Path.of(home);
    }

    private static List<String> command(Path jdk, Path jars, Path image) throws IOException, InterruptedException {
        List<Path> all;
        try (Stream<Path> files = Files.list(jars)) {
            all = files.sorted().toList();
        }
        String path = all.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        Path agent = all.stream()
                .filter(jar -> jar.getFileName().toString().startsWith("fray-instrumentation-jdk"))
                .findFirst()
                .orElseThrow();
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/jlink").toString()));
        command.add("-J-javaagent:" + agent);
        command.add("-J--module-path=" + path);
        command.add("-J--add-modules=org.pastalab.fray.instrumentation.jdk");
        command.add("-J--class-path=" + path);
        command.add("--output=" + image);
        command.add("--add-modules=" + modules(jdk));
        command.add("--release-info");
        command.add("add:IMPLEMENTOR=Fray");
        command.add("--fray-instrumentation");
        return command;
    }

    /** All but the linker itself, which a JDK without jmods cannot link. */
    private static String modules(Path jdk) throws IOException, InterruptedException {
        Process list = new ProcessBuilder(jdk.resolve("bin/java").toString(), "--list-modules").start();
        String printed = new String(list.getInputStream().readAllBytes());
        list.waitFor();
        return printed.lines()
                .map(line -> line.substring(0, line.indexOf('@')))
                .filter(module -> !module.equals("jdk.jlink") && !module.equals("jdk.jpackage"))
                .collect(Collectors.joining(","));
    }

    private static void deleteTree(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
