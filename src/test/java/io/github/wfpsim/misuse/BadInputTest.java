package io.github.wfpsim.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.architecture.ExportedApi;
import io.github.wfpsim.winsock.SocketHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Hands bad values to every parameter of every public call, one at a time, on a machine in the middle of a redirected
 * connection. A call may answer with a status or with an exception that explains itself; after a refusal the connection
 * table is what it was before.
 */
@Timeout(120)
class BadInputTest {

    private static final String ROOT = "io.github.wfpsim";
    private static final int SHORTEST_EXPLANATION = 10;

    /** Calls that a hostile time-out lets wait for ever. */
    private static final Set<String> WAITING =
            Set.of("sleepEx", "wsaWaitForMultipleEvents", "getQueuedCompletionStatus", "getQueuedCompletionStatusEx");

    /** Plain facts that the library makes and users only read: nobody outside calls their constructors. */
    private static final Set<String> MADE_BY_THE_LIBRARY = Set.of(
            "TraceEvent",
            "Subject",
            "Entry",
            "ConnectionSnapshot",
            "FwpsFilter",
            "Finding",
            "TeardownReport",
            "Decoded",
            "Pair");

    @TestFactory
    Stream<DynamicTest> everyPublicCall_withBadInput_explainsItselfAndLosesNothing() {
        return publicTypes()
                .flatMap(BadInputTest::callsOf)
                .filter(call -> call.getParameterCount() > 0)
                .map(call -> DynamicTest.dynamicTest(name(call), () -> attack(call)));
    }

    private static Stream<Class<?>> publicTypes() {
        return ExportedApi.types().stream();
    }

    private static boolean isNamed(String type, Set<String> names) {
        return names.stream().anyMatch(name -> (type + "$").matches(".*[.$]" + name + "[$].*"));
    }

    /** Methods and constructors; what an interface asks of its implementers is for users to write. */
    private static Stream<? extends Executable> callsOf(Class<?> type) {
        Stream<Method> methods = Stream.of(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !method.getName().equals("equals") && !WAITING.contains(method.getName()))
                .filter(method ->
                        !type.isInterface() || isStatic(method) || ExportedApi.isImplementedByTheLibrary(type));
        boolean made = !type.isEnum() && !Throwable.class.isAssignableFrom(type);
        return made && !isNamed(type.getName(), MADE_BY_THE_LIBRARY)
                ? Stream.concat(methods, Stream.of(type.getConstructors()))
                : methods;
    }

    private static String name(Executable call) {
        String owner = call.getDeclaringClass().getName().substring(ROOT.length() + 1);
        List<String> types =
                Stream.of(call.getParameterTypes()).map(Class::getSimpleName).toList();
        return owner + (call instanceof Method ? "." + call.getName() : "") + types;
    }

    private static void attack(Executable call) {
        for (int index = 0; index < call.getParameterCount(); index++) {
            Class<?> type = call.getParameterTypes()[index];
            for (String label : labels(type)) {
                try (Specimens specimens = new Specimens()) {
                    attack(call, index, label, specimens);
                }
            }
        }
    }

    private static List<String> labels(Class<?> type) {
        try (Specimens specimens = new Specimens()) {
            return List.copyOf(HostileValues.of(type, specimens).keySet());
        }
    }

    private static void attack(Executable call, int index, String label, Specimens specimens) {
        Object target = isInstanceMethod(call) ? soundTarget(call, specimens) : null;
        assertThat(isInstanceMethod(call) && target == null)
                .as("add a specimen of %s", call.getDeclaringClass())
                .isFalse();
        Object[] arguments = soundArguments(call, specimens);
        arguments[index] =
                HostileValues.of(call.getParameterTypes()[index], specimens).get(label);
        List<ConnectionSnapshot> before = specimens.sim.connections();
        String what = name(call) + ", " + call.getParameters()[index].getName() + " = " + label;
        boolean mustThrow = label.equals("null") && !isNullable(call, index);
        try {
            Object result = invoke(call, target, arguments);
            assertThat(mustThrow).as("%s accepted null", what).isFalse();
            if (isRefusal(result)) {
                assertThat(specimens.sim.connections()).as(what).isEqualTo(before);
            }
        } catch (InvocationTargetException thrown) {
            assertExplains(what, thrown.getCause());
            assertThat(specimens.sim.connections()).as(what).isEqualTo(before);
        }
    }

    private static boolean isInstanceMethod(Executable call) {
        return call instanceof Method method && !isStatic(method);
    }

    private static boolean isStatic(Method method) {
        return Modifier.isStatic(method.getModifiers());
    }

    private static @Nullable Object soundTarget(Executable call, Specimens specimens) {
        Class<?> type = call.getDeclaringClass();
        return type.isEnum() ? type.getEnumConstants()[0] : specimens.sound(type);
    }

    private static Object[] soundArguments(Executable call, Specimens specimens) {
        List<Object> arguments = new ArrayList<>();
        for (Class<?> type : call.getParameterTypes()) {
            arguments.add(soundArgument(type, specimens));
        }
        return arguments.toArray();
    }

    private static @Nullable Object soundArgument(Class<?> type, Specimens specimens) {
        if (type.isPrimitive()) {
            return Map.<Class<?>, Object>of(int.class, 1, long.class, 1L, boolean.class, true, char.class, 'C')
                    .get(type);
        }
        Object sound = specimens.sound(type);
        if (sound == null && type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == Set.class) {
            return Set.of();
        }
        if (sound == null && type.isInterface() && !type.isSealed()) {
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> null);
        }
        return sound;
    }

    private static boolean isNullable(Executable call, int index) {
        return call.getAnnotatedParameterTypes()[index].isAnnotationPresent(Nullable.class);
    }

    private static @Nullable Object invoke(Executable call, @Nullable Object target, Object[] arguments)
            throws InvocationTargetException {
        try {
            return call instanceof Method method
                    ? method.invoke(target, arguments)
                    : ((Constructor<?>) call).newInstance(arguments);
        } catch (IllegalAccessException | InstantiationException notOurs) {
            return fail(notOurs);
        }
    }

    private static boolean isRefusal(@Nullable Object result) {
        return (result instanceof Integer count && count < 0)
                || (result instanceof NtStatus status && status != NtStatus.STATUS_SUCCESS)
                || (result instanceof Win32Error error && error != Win32Error.NO_ERROR)
                || SocketHandle.INVALID_SOCKET.equals(result);
    }

    private static void assertExplains(String what, Throwable thrown) {
        assertThat(thrown).as(what).isInstanceOf(Exception.class);
        assertThat(thrown.getMessage())
                .as("%s: %s", what, thrown)
                .isNotNull()
                .hasSizeGreaterThan(SHORTEST_EXPLANATION)
                .doesNotStartWith("Cannot ");
    }
}
