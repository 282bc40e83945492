package io.github.wfpsim.architecture;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.wfpsim.machine.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which room may use which. The table here is the only place where edges are allowed. */
class PackageGraphTest {

    private static final String ROOT = "io.github.wfpsim";
    private static final Map<String, Set<String>> MAY_USE = mayUse();

    private static Map<String, Set<String>> mayUse() {
        Map<String, Set<String>> edges = new LinkedHashMap<>();
        edges.put("abi", Set.of());
        edges.put("cmsg", Set.of("abi"));
        edges.put("host", Set.of("abi"));
        edges.put("machine", Set.of("abi", "host"));
        edges.put("net", Set.of("abi", "host"));
        edges.put("redirect", Set.of("abi", "net"));
        edges.put("chain", Set.of("abi", "host", "machine", "redirect"));
        edges.put("trace", Set.of("abi", "host", "net"));
        edges.put("verifier", Set.of("trace"));
        edges.put("recorder", Set.of("host", "trace", "verifier"));
        edges.put("driver", Set.of("abi"));
        edges.put("irp", Set.of("abi", "driver"));
        edges.put("kernel", Set.of("abi", "host", "machine", "verifier", "recorder", "driver", "irp"));
        edges.put("wfp", Set.of("abi", "host", "net", "redirect", "driver"));
        edges.put(
                "engine",
                Set.of(
                        "abi",
                        "host",
                        "machine",
                        "net",
                        "redirect",
                        "chain",
                        "trace",
                        "verifier",
                        "recorder",
                        "driver",
                        "kernel",
                        "wfp"));
        edges.put("iphlp", Set.of("abi"));
        edges.put("winsock", Set.of("abi", "cmsg", "net"));
        edges.put("fabric", Set.of("abi", "host", "machine", "net"));
        edges.put(
                "stack",
                Set.of(
                        "abi",
                        "cmsg",
                        "fabric",
                        "host",
                        "machine",
                        "net",
                        "redirect",
                        "chain",
                        "trace",
                        "verifier",
                        "recorder",
                        "engine"));
        edges.put(
                "sockets",
                Set.of(
                        "abi",
                        "cmsg",
                        "host",
                        "iphlp",
                        "machine",
                        "net",
                        "chain",
                        "verifier",
                        "recorder",
                        "stack",
                        "winsock"));
        edges.put("wsk", Set.of("abi", "driver", "irp"));
        edges.put(
                "wskprovider",
                Set.of(
                        "abi",
                        "cmsg",
                        "host",
                        "machine",
                        "net",
                        "chain",
                        "trace",
                        "verifier",
                        "recorder",
                        "driver",
                        "kernel",
                        "irp",
                        "stack",
                        "wsk"));
        edges.put("proxy", Set.of("abi", "driver", "irp", "net", "redirect", "winsock", "wsk"));
        return edges;
    }

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void rooms_useOnlyWhatTheTableAllows() {
        List<String> forbidden = new ArrayList<>();
        for (JavaClass type : MAIN) {
            String room = roomOf(type);
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .filter(target -> !mayUse(room, roomOf(target)))
                    .forEach(target -> forbidden.add(type.getName() + " uses " + target.getName()));
        }
        assertThat(forbidden).as("edges that the table does not allow").isEmpty();
    }

    private static boolean mayUse(String from, String to) {
        return from.isEmpty()
                || from.equals(to)
                || MAY_USE.getOrDefault(from, Set.of()).contains(to);
    }

    @Test
    void rooms_haveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void table_listsEveryRoom() {
        Set<String> rooms = new TreeSet<>();
        MAIN.forEach(type -> rooms.add(roomOf(type)));
        rooms.remove("");
        assertThat(MAY_USE.keySet()).containsExactlyInAnyOrderElementsOf(rooms);
    }

    @Test
    void architecturePage_listsEveryRoomAndNoOther() throws IOException {
        Set<String> listed = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("docs", "architecture.md"))) {
            if (line.startsWith("| `")) {
                listed.add(line.substring(3, line.indexOf('`', 3)));
            }
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(MAY_USE.keySet());
    }

    @Test
    void fields_areNeverStaticAndMutable() {
        List<String> mutable = new ArrayList<>();
        for (JavaClass type : MAIN) {
            for (JavaField field : type.getFields()) {
                Set<JavaModifier> modifiers = field.getModifiers();
                if (modifiers.contains(JavaModifier.STATIC) && !modifiers.contains(JavaModifier.FINAL)) {
                    mutable.add(field.getFullName());
                }
            }
        }
        assertThat(mutable).isEmpty();
    }

    @Test
    void code_takesTimeAndChanceFromTheMachineOnly() {
        Set<String> banned = Set.of(
                "java.lang.System.nanoTime",
                "java.lang.System.currentTimeMillis",
                "java.lang.System.identityHashCode",
                "java.time.Instant.now",
                "java.lang.Thread.sleep",
                "java.lang.Math.random",
                "java.util.UUID.randomUUID");
        List<String> calls = new ArrayList<>();
        for (JavaClass type : MAIN) {
            type.getMethodCallsFromSelf().stream()
                    // The one exception: real time, for who limits a wait by it.
                    .filter(call -> !type.isEquivalentTo(Patience.class))
                    .filter(call -> banned.contains(call.getTargetOwner().getName() + "."
                            + call.getTarget().getName()))
                    .forEach(call -> calls.add(call.getDescription()));
        }
        assertThat(calls).isEmpty();
    }

    private static String roomOf(JavaClass type) {
        String inside = type.getPackageName().substring(ROOT.length());
        return inside.isEmpty() ? "" : inside.substring(1);
    }
}
