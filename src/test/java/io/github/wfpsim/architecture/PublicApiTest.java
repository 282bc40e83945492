package io.github.wfpsim.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What users can call, held against a checked-in file, so that no change of it goes unnoticed. After a change that is
 * meant: {@code mvn -q test -Dtest=PublicApiTest -Dapi.write=true}, and read the difference.
 */
class PublicApiTest {

    private static final Path SIGNATURES = Path.of("src", "test", "resources", "api", "wfp-redirect-sim.api");
    private static final Path SOURCES = Path.of("src", "main", "java");

    /** What a faithful call gives as a bare pointer or finds by its class, so that no signature names it. */
    private static final Set<String> FOUND_BY_POINTER = Set.of(
            "io.github.wfpsim.wfp.WritableLayerData",
            "io.github.wfpsim.winsock.LpfnAcceptEx",
            "io.github.wfpsim.winsock.LpfnConnectEx",
            "io.github.wfpsim.winsock.LpfnGetAcceptExSockaddrs",
            "io.github.wfpsim.winsock.LpfnWsaRecvMsg",
            "io.github.wfpsim.winsock.LpfnWsaSendMsg");

    @Test
    void signatures_areThoseOfTheFile() throws IOException {
        String now = ExportedApi.types().stream().map(PublicApiTest::signature).collect(Collectors.joining("\n"));
        if (Boolean.getBoolean("api.write")) {
            Files.createDirectories(SIGNATURES.getParent());
            Files.writeString(SIGNATURES, now);
        }
        assertThat(Files.readString(SIGNATURES))
                .as("the public API has changed; if that is meant: mvn -q test -Dtest=PublicApiTest -Dapi.write=true")
                .isEqualTo(now);
    }

    @Test
    void exportedSignatures_nameExportedTypesOnly() {
        List<String> leaks = new ArrayList<>();
        for (Class<?> type : ExportedApi.types()) {
            hiddenAmong(supertypes(type)).forEach(hidden -> leaks.add(type.getName() + " is a " + hidden));
            members(type)
                    .forEach(member -> hiddenAmong(typesOf(member))
                            .forEach(
                                    hidden -> leaks.add(type.getName() + "." + member.getName() + " names " + hidden)));
        }
        assertThat(leaks).as("public members that nobody outside can use").isEmpty();
    }

    @Test
    void exportedTypes_canBeReachedByUserCode() {
        Set<Class<?>> usable = new LinkedHashSet<>();
        Deque<Class<?>> toVisit = new ArrayDeque<>();
        ExportedApi.types().stream().filter(PublicApiTest::isDoor).forEach(toVisit::add);
        while (!toVisit.isEmpty()) {
            Class<?> type = toVisit.remove();
            if (usable.add(type)) {
                members(type).flatMap(member -> typesOf(member).stream()).forEach(toVisit::add);
                toVisit.addAll(supertypes(type));
                toVisit.addAll(subtypesUsersSee(type));
            }
        }
        Set<String> unreachable = new TreeSet<>();
        ExportedApi.types().stream()
                .filter(type -> !usable.contains(type))
                .forEach(type -> unreachable.add(type.getName()));
        assertThat(unreachable)
                .as("exported types that no exported member takes or gives: hide them")
                .isEmpty();
    }

    @Test
    void noWarningAboutExports_isSuppressed() throws IOException {
        try (Stream<Path> sources = Files.walk(SOURCES)) {
            assertThat(sources.filter(path -> path.toString().endsWith(".java")).filter(PublicApiTest::suppresses))
                    .isEmpty();
        }
    }

    private static boolean suppresses(Path source) {
        try {
            return Files.readString(source).contains("@SuppressWarnings(\"exports\")");
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    /** A type that user code can start from: it has something to call without an instance of it at hand. */
    private static boolean isDoor(Class<?> type) {
        boolean constructs = !type.isInterface() && type.getConstructors().length > 0;
        boolean calls = Stream.of(type.getDeclaredMethods())
                .anyMatch(method -> isSeen(method) && Modifier.isStatic(method.getModifiers()));
        boolean pointed = FOUND_BY_POINTER.contains(type.getName());
        boolean names = Stream.of(type.getDeclaredFields()).anyMatch(PublicApiTest::isSeen);
        return constructs || calls || names || pointed;
    }

    /** What is given as one type may be matched as another. */
    private static List<Class<?>> subtypesUsersSee(Class<?> type) {
        return ExportedApi.types().stream()
                .filter(below -> below != type && type.isAssignableFrom(below))
                .toList();
    }

    private static Set<Class<?>> supertypes(Class<?> type) {
        Set<Class<?>> found = new LinkedHashSet<>();
        if (type.getGenericSuperclass() != null) {
            collect(type.getGenericSuperclass(), found);
        }
        Stream.of(type.getGenericInterfaces()).forEach(above -> collect(above, found));
        return found;
    }

    private static Stream<String> hiddenAmong(Set<Class<?>> types) {
        return types.stream().filter(type -> !ExportedApi.isExported(type)).map(Class::getName);
    }

    private static Stream<? extends Member> members(Class<?> type) {
        return Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods(), type.getDeclaredFields())
                .flatMap(Stream::of)
                .filter(PublicApiTest::isSeen);
    }

    private static boolean isSeen(Member member) {
        int modifiers = member.getModifiers();
        boolean inherited = Modifier.isProtected(modifiers)
                && !Modifier.isFinal(member.getDeclaringClass().getModifiers());
        return (Modifier.isPublic(modifiers) || inherited) && !member.isSynthetic();
    }

    /** Our types that a member names. */
    private static Set<Class<?>> typesOf(Member member) {
        Set<Class<?>> found = new LinkedHashSet<>();
        if (member instanceof Field field) {
            collect(field.getGenericType(), found);
        } else if (member instanceof Executable executable) {
            Stream.of(executable.getGenericParameterTypes()).forEach(type -> collect(type, found));
            Stream.of(executable.getGenericExceptionTypes()).forEach(type -> collect(type, found));
            Stream.of(executable.getTypeParameters()).forEach(type -> collect(type, found));
            if (executable instanceof Method method) {
                collect(method.getGenericReturnType(), found);
            }
        }
        return found;
    }

    private static void collect(Type type, Set<Class<?>> found) {
        if (type instanceof Class<?> plain) {
            Class<?> element = plain;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            if (ExportedApi.isOurs(element)) {
                found.add(element);
            }
        } else if (type instanceof ParameterizedType parameterized) {
            collect(parameterized.getRawType(), found);
            Stream.of(parameterized.getActualTypeArguments()).forEach(argument -> collect(argument, found));
        } else if (type instanceof GenericArrayType array) {
            collect(array.getGenericComponentType(), found);
        } else if (type instanceof WildcardType wildcard) {
            Stream.of(wildcard.getUpperBounds()).forEach(bound -> collect(bound, found));
            Stream.of(wildcard.getLowerBounds()).forEach(bound -> collect(bound, found));
        } else if (type instanceof TypeVariable<?> variable
                && !(variable.getGenericDeclaration() instanceof Class<?>)) {
            Stream.of(variable.getBounds())
                    .filter(bound -> !bound.getTypeName().contains(variable.getName()))
                    .forEach(bound -> collect(bound, found));
        }
    }

    private static String signature(Class<?> type) {
        String head = "%s%s %s%s {\n".formatted(flavour(type), kind(type), type.getName(), ancestry(type));
        return members(type).map(PublicApiTest::line).distinct().sorted().collect(Collectors.joining("", head, "}\n"));
    }

    private static String flavour(Class<?> type) {
        int modifiers = type.getModifiers();
        boolean plainClass = !type.isInterface() && !type.isEnum() && !type.isRecord();
        return (plainClass && Modifier.isAbstract(modifiers) ? "abstract " : "")
                + (plainClass && Modifier.isFinal(modifiers) ? "final " : "")
                + (type.isSealed() ? "sealed " : "");
    }

    private static String kind(Class<?> type) {
        if (type.isAnnotation()) {
            return "@interface";
        }
        if (type.isInterface()) {
            return "interface";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isRecord() ? "record" : "class";
    }

    private static String ancestry(Class<?> type) {
        boolean told = type.isInterface() || type.isEnum() || type.isRecord() || type.getSuperclass() == Object.class;
        String extended = told ? "" : " extends " + type.getGenericSuperclass().getTypeName();
        String implemented = Stream.of(type.getGenericInterfaces())
                .map(Type::getTypeName)
                .sorted()
                .collect(Collectors.joining(", "));
        return extended + (implemented.isEmpty() ? "" : " : " + implemented);
    }

    private static String line(Member member) {
        boolean deprecated = ((AnnotatedElement) member).isAnnotationPresent(Deprecated.class);
        String text = "";
        if (member instanceof Field field) {
            text = field.toGenericString();
        } else if (member instanceof Constructor<?> constructor) {
            text = constructor.toGenericString();
        } else if (member instanceof Method method) {
            text = method.toGenericString();
        }
        return "    " + (deprecated ? "@Deprecated " : "")
                + text.replace(member.getDeclaringClass().getName() + ".", "") + "\n";
    }
}
