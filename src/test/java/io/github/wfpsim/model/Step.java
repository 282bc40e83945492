package io.github.wfpsim.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One call of a {@link Door} with its arguments, so that it can be made, simplified and printed.
 *
 * @param call name of the method
 * @param arguments in their order
 */
record Step(String call, List<Object> arguments) {

    /** What an argument is. */
    enum Role {
        ACTOR,
        SOCKET,
        NEW_SOCKET,
        RECORD,
        NEW_RECORD,
        OVERLAPPED,
        NEW_OVERLAPPED,
        NUMBER,
        FLAGS,
        CHOICE,
        SWITCH
    }

    /** The calls with the letters of their arguments. */
    private static final Map<String, String> SHAPES = Map.ofEntries(
            Map.entry("socket", "AsC"),
            Map.entry("bind", "ASC"),
            Map.entry("listen", "ASN"),
            Map.entry("connect", "ASC"),
            Map.entry("accept", "ASs"),
            Map.entry("shutdown", "ASN"),
            Map.entry("closesocket", "AS"),
            Map.entry("send", "ASNF"),
            Map.entry("recv", "ASN"),
            Map.entry("fionbio", "ASB"),
            Map.entry("lingerForNoTime", "ASB"),
            Map.entry("getsockname", "AS"),
            Map.entry("getpeername", "AS"),
            Map.entry("query", "ASCCr"),
            Map.entry("set", "ASRCC"),
            Map.entry("begin", "ASCCor"),
            Map.entry("beginSet", "ASRCo"),
            Map.entry("result", "ASO"),
            Map.entry("pump", ""),
            Map.entry("wsaStartup", "A"),
            Map.entry("wsaCleanup", "A"),
            Map.entry("elevate", "AB"),
            Map.entry("network", "B"),
            Map.entry("kill", "A"));

    private static final String LETTERS = "ASsRrOoNFCB";
    private static final Map<String, Method> METHODS = methods();

    private static Map<String, Method> methods() {
        Map<String, Method> methods = new TreeMap<>();
        for (Method method : Door.class.getDeclaredMethods()) {
            if (SHAPES.containsKey(method.getName())) {
                methods.put(method.getName(), method);
            }
        }
        return methods;
    }

    static Step of(String call, Object... arguments) {
        return new Step(call, List.of(arguments));
    }

    /** The names of all calls, in a fixed order. */
    static List<String> calls() {
        return List.copyOf(METHODS.keySet());
    }

    static List<Role> rolesOf(String call) {
        return SHAPES.get(call)
                .chars()
                .mapToObj(letter -> Role.values()[LETTERS.indexOf(letter)])
                .toList();
    }

    static Class<?> typeOf(String call, int argument) {
        return METHODS.get(call).getParameterTypes()[argument];
    }

    /** Makes the call; a call that throws answers so. */
    String on(Door door) {
        try {
            return (String) METHODS.get(call).invoke(door, arguments.toArray());
        } catch (InvocationTargetException thrown) {
            return "threw " + thrown.getCause();
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- simplifying

    /** This step with simpler arguments, one at a time, the simplest first. */
    List<Step> simpler() {
        List<Step> simpler = new ArrayList<>();
        List<Role> roles = rolesOf(call);
        for (int i = 0; i < roles.size(); i++) {
            for (Object value : simpler(roles.get(i), arguments.get(i))) {
                simpler.add(with(i, value));
            }
        }
        return simpler;
    }

    private static List<?> simpler(Role role, Object value) {
        return switch (role) {
            case NUMBER, FLAGS -> {
                int number = (Integer) value;
                yield Stream.of(0, 1, number / 2)
                        .filter(less -> less < number)
                        .distinct()
                        .toList();
            }
            case SWITCH -> (Boolean) value ? List.of(false) : List.of();
            case CHOICE -> {
                Enum<?> constant = (Enum<?>) value;
                yield Arrays.stream(constant.getDeclaringClass().getEnumConstants())
                        .takeWhile(other -> other != constant)
                        .toList();
            }
            default -> List.of();
        };
    }

    private Step with(int index, Object value) {
        List<Object> changed = new ArrayList<>(arguments);
        changed.set(index, value);
        return new Step(call, List.copyOf(changed));
    }

    /** This step with other numbers for its sockets, records and structures. */
    Step renumbered(Function<String, Function<Integer, Integer>> numbers) {
        List<Role> roles = rolesOf(call);
        List<Object> changed = new ArrayList<>(arguments);
        for (int i = 0; i < roles.size(); i++) {
            String kind = switch (roles.get(i)) {
                case SOCKET, NEW_SOCKET -> "socket";
                case RECORD, NEW_RECORD -> "record";
                case OVERLAPPED, NEW_OVERLAPPED -> "overlapped";
                default -> null;
            };
            if (kind != null) {
                changed.set(i, numbers.apply(kind).apply((Integer) arguments.get(i)));
            }
        }
        return new Step(call, List.copyOf(changed));
    }

    // ---- printing

    /** The call as Java. */
    @Override
    public String toString() {
        return arguments.stream().map(Step::java).collect(Collectors.joining(", ", call + "(", ")"));
    }

    private static String java(Object value) {
        if (value instanceof Enum<?> constant) {
            String type = constant.getDeclaringClass().getCanonicalName();
            return type.substring(Step.class.getPackageName().length() + 1) + "." + constant.name();
        }
        return value.toString();
    }
}
