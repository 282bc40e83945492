package io.github.wfpsim.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What users can name: the public types of the packages that the module exports. */
public final class ExportedApi {

    private static final String ROOT = "io.github.wfpsim";
    private static final Pattern EXPORT = Pattern.compile("exports ([\\w.]+);");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(location -> !location.contains(testClasses()))
            .importPackages(ROOT);

    private static final Set<String> PACKAGES = exports();

    private ExportedApi() {}

    private static String testClasses() {
        return ExportedApi.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
    }

    // From the source, since tests run on the class path, where a module has no descriptor.
    private static Set<String> exports() {
        try {
            String descriptor = Files.readString(Path.of("src", "main", "java", "module-info.java"));
            return EXPORT.matcher(descriptor)
                    .results()
                    .map(export -> export.group(1))
                    .collect(Collectors.toSet());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Every class that a user can name, nested ones included, in the order of their names. */
    public static List<Class<?>> types() {
        return MAIN.stream()
                .filter(type -> PACKAGES.contains(type.getPackageName()) && isPublic(type))
                .sorted(Comparator.comparing(JavaClass::getName))
                .<Class<?>>map(JavaClass::reflect)
                .toList();
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ExportedApi::isPublic).orElse(true);
    }

    /** Whether the library itself implements an interface, so that users call it; callbacks are for users to write. */
    public static boolean isImplementedByTheLibrary(Class<?> type) {
        boolean callback = type.isAnnotationPresent(FunctionalInterface.class);
        return !callback
                && MAIN.contain(type)
                && MAIN.get(type).getAllSubclasses().stream()
                        .anyMatch(implementer -> !implementer.isInterface() && !implementer.isAnonymousClass());
    }

    static boolean isOurs(Class<?> type) {
        return type.getName().startsWith(ROOT + ".");
    }

    static boolean isExported(Class<?> type) {
        return PACKAGES.contains(type.getPackageName()) && isPublic(MAIN.get(type));
    }
}
