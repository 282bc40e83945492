package io.github.wfpsim.conformance;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.wfpsim.Spec;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which tests hold which requirement. */
final class TaggedTests {

    private TaggedTests() {}

    static Map<String, Set<String>> collect() {
        Map<String, Set<String>> byId = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                .importPackages("io.github.wfpsim")) {
            type.tryGetAnnotationOfType(Spec.class).ifPresent(tag -> add(byId, tag, type.getSimpleName()));
            for (JavaMethod method : type.getMethods()) {
                method.tryGetAnnotationOfType(Spec.class)
                        .ifPresent(tag -> add(byId, tag, type.getSimpleName() + "." + method.getName()));
            }
        }
        return byId;
    }

    private static void add(Map<String, Set<String>> byId, Spec tag, String test) {
        for (String id : tag.value()) {
            byId.computeIfAbsent(id, unseen -> new TreeSet<>()).add(test);
        }
    }
}
