package io.github.wfpsim.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiles and runs every java block of the README and of docs. */
class DocumentedCodeTest {

    private static final Pattern BLOCK = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern TEXT_BLOCK = Pattern.compile("```text\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern PICTURE = Pattern.compile("```mermaid\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+)");

    static Stream<String> blocks() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            List<Path> pages = Stream.concat(Stream.of(Path.of("README.md")), docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList();
            return pages.stream().flatMap(DocumentedCodeTest::blocksOf);
        }
    }

    private static Stream<String> blocksOf(Path page) {
        try {
            return BLOCK.matcher(Files.readString(page)).results().map(match -> match.group(1)).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @ParameterizedTest
    @MethodSource("blocks")
    @Timeout(120)
    void block_compilesAndPasses(String code, @TempDir Path folder) throws Exception {
        Matcher name = CLASS.matcher(code);
        assertThat(name.find()).as("a java block is a whole class").isTrue();
        Path source = Files.writeString(folder.resolve(name.group(1) + ".java"), code);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "--release", "17");
            boolean compiled = compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        run(folder, name.group(1));
    }

    private static void run(Path folder, String name) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Class<?> type = loader.loadClass(name);
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            int tests = 0;
            for (Method method : type.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Test.class)) {
                    method.setAccessible(true);
                    method.invoke(constructor.newInstance());
                    tests++;
                }
            }
            assertThat(tests).as("tests in %s", name).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wfp-redirect-sim", "junit-jupiter", "assertj-core", "maven-surefire-plugin"})
    void pomToStartFrom_namesTheVersionsThatAreBuiltHere(String artifact) throws IOException {
        String shown = versionOf(artifact, Files.readString(Path.of("docs", "getting-started.md")));

        assertThat(shown).isEqualTo(versionOf(artifact, resolved(Files.readString(Path.of("pom.xml")))));
    }

    private static String versionOf(String artifact, String pom) {
        Matcher version = Pattern.compile(artifact + "</artifactId>\\s*<version>(.*?)<")
                .matcher(pom.replace("junit-bom", "junit-jupiter"));
        assertThat(version.find()).as("version of %s", artifact).isTrue();
        return version.group(1);
    }

    private static String resolved(String pom) {
        Matcher properties = Pattern.compile("<([a-z.-]+version)>(.*?)<").matcher(pom);
        String text = pom;
        while (properties.find()) {
            text = text.replace("${" + properties.group(1) + "}", properties.group(2));
        }
        return text;
    }

    @Test
    void storyOnThePage_isPartOfTheOneThatIsToldToday() throws IOException {
        Matcher block = TEXT_BLOCK.matcher(Files.readString(Path.of("docs", "troubleshooting.md")));
        assertThat(block.find()).isTrue();
        List<String> told = Files.readAllLines(Path.of("src/test/resources/golden/redirected-AF_INET.txt"));

        assertThat(told).containsSubsequence(block.group(1).lines().toList());
    }

    @Test
    void pictureInTheReadme_isPartOfTheOneThatIsDrawnToday() throws IOException {
        Matcher block = PICTURE.matcher(Files.readString(Path.of("README.md")));
        assertThat(block.find()).isTrue();
        List<String> drawn = Files.readAllLines(Path.of("src/test/resources/golden/redirected-AF_INET.mmd"));

        assertThat(drawn).containsSubsequence(block.group(1).lines().toList());
    }

    @Test
    void readme_hasAtLeastOneBlock() throws IOException {
        assertThat(blocks()).isNotEmpty();
    }
}
