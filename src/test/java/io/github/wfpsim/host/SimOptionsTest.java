package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.abi.Irql;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SimOptionsTest {

    /** The values of every knob by name. */
    private static Map<String, Object> values(SimOptions options) throws ReflectiveOperationException {
        Map<String, Object> values = new TreeMap<>();
        for (Method method : SimOptions.class.getDeclaredMethods()) {
            if (isOfAKnob(method, 0)
                    && !method.getName().equals("toString")
                    && !method.getName().equals("hashCode")) {
                values.put(method.getName(), method.invoke(options));
            }
        }
        return values;
    }

    private static boolean isOfAKnob(Method method, int parameters) {
        return Modifier.isPublic(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && method.getParameterCount() == parameters;
    }

    /** The methods that give new options; those for deviations have tests of their own. */
    static Stream<Method> setters() {
        return Arrays.stream(SimOptions.class.getDeclaredMethods())
                .filter(method ->
                        isOfAKnob(method, 1) && method.getReturnType() == SimOptions.class && !method.isVarArgs());
    }

    /** A legal value that differs from the default. */
    private static Object another(Object value) {
        if (value instanceof Irql) {
            return Irql.DISPATCH_LEVEL;
        }
        if (value instanceof Enum<?> constant) {
            return Arrays.stream(constant.getDeclaringClass().getEnumConstants())
                    .filter(other -> other != value)
                    .findFirst()
                    .orElseThrow();
        }
        if (value instanceof Boolean flag) {
            return !flag;
        }
        if (value instanceof Integer number) {
            return number + 1;
        }
        if (value instanceof Long number) {
            return number + 1;
        }
        return ((Duration) value).plusSeconds(1);
    }

    @ParameterizedTest
    @CsvSource({
        "faultMode, THROW",
        "windowsVersion, WINDOWS_11",
        "seed, 20260101",
        "completionMode, PENDING",
        "completionIrql, PASSIVE_LEVEL",
        "classifyIrql, PASSIVE_LEVEL",
        "minimumRecordSize, 0",
        "loopLimit, 8",
        "compartmentId, 1",
        "autoWsaStartup, true",
        "udpFlowIdleTimeout, PT1M",
        "dispatcher, BACKGROUND",
        "traceCapacity, 4096",
        "streamBufferSize, 65536",
        "deviations, []",
    })
    void defaults_areTheDocumentedOnes(String knob, String value) throws ReflectiveOperationException {
        assertThat(values(SimOptions.defaults()).get(knob)).hasToString(value);
    }

    @Test
    void everyKnob_hasOneSetterAndOneAccessor() throws ReflectiveOperationException {
        assertThat(Stream.concat(setters().map(Method::getName), Stream.of("deviations")))
                .containsExactlyInAnyOrderElementsOf(
                        values(SimOptions.defaults()).keySet())
                .hasSize(15);
    }

    @ParameterizedTest
    @MethodSource("setters")
    void setter_changesItsKnobAndNoOther(Method setter) throws ReflectiveOperationException {
        Map<String, Object> expected = values(SimOptions.defaults());
        Object changed = another(expected.get(setter.getName()));
        expected.put(setter.getName(), changed);

        SimOptions options = (SimOptions) setter.invoke(SimOptions.defaults(), changed);

        assertThat(values(options)).isEqualTo(expected);
        assertThat(options).isNotEqualTo(SimOptions.defaults()).isEqualTo(setter.invoke(options, changed));
        assertThat(options).hasSameHashCodeAs(setter.invoke(options, changed));
        assertThat(options).hasToString("SimOptions{" + setter.getName() + "=" + changed + "}");
        assertThat(values(SimOptions.defaults()).get(setter.getName())).isNotEqualTo(changed);
    }

    @ParameterizedTest
    @MethodSource("setters")
    void setter_givenNull_namesItsKnob(Method setter) {
        if (setter.getParameterTypes()[0].isPrimitive()) {
            return;
        }
        assertThatThrownBy(() -> setter.invoke(SimOptions.defaults(), (Object) null))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(NullPointerException.class)
                .hasMessage(setter.getName() + " must not be null: leave it out for the default");
    }

    @ParameterizedTest
    @CsvSource({"minimumRecordSize, -1", "loopLimit, 0", "compartmentId, 0", "traceCapacity, -1", "streamBufferSize, 0"
    })
    void setter_givenANumberBelowItsLimit_namesKnobAndValue(String knob, int value)
            throws ReflectiveOperationException {
        Method setter = SimOptions.class.getMethod(knob, int.class);

        assertThatThrownBy(() -> setter.invoke(SimOptions.defaults(), value))
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(knob + " must be at least ")
                .hasMessageEndingWith(": " + value);
        assertThatCode(() -> setter.invoke(SimOptions.defaults(), value + 1)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void udpFlowIdleTimeout_ofNoLength_isRejected(Duration timeout) {
        assertThatThrownBy(() -> SimOptions.defaults().udpFlowIdleTimeout(timeout))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("udpFlowIdleTimeout must be positive")
                .hasMessageEndingWith(timeout.toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"})
    void irqls_ofTheTwoLevels_areAccepted(Irql level) {
        SimOptions options = SimOptions.defaults().classifyIrql(level).completionIrql(level);

        assertThat(options.classifyIrql()).isEqualTo(level);
        assertThat(options.completionIrql()).isEqualTo(level);
    }

    @Test
    void irqls_ofApcLevel_areRejected() {
        assertThatThrownBy(() -> SimOptions.defaults().classifyIrql(Irql.APC_LEVEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("classifyIrql must be PASSIVE_LEVEL or DISPATCH_LEVEL");
        assertThatThrownBy(() -> SimOptions.defaults().completionIrql(Irql.APC_LEVEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("completionIrql must be PASSIVE_LEVEL or DISPATCH_LEVEL");
    }

    @Test
    void setter_doesNotChangeTheOptionsItIsCalledOn() {
        SimOptions before = SimOptions.defaults().loopLimit(3);

        SimOptions after = before.loopLimit(4);

        assertThat(before.loopLimit()).isEqualTo(3);
        assertThat(after.loopLimit()).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void with_addsTheDeviationAndChangesNothingElse(Deviation deviation) throws ReflectiveOperationException {
        Map<String, Object> expected = values(SimOptions.defaults());
        expected.put("deviations", Set.of(deviation));

        SimOptions options = SimOptions.defaults().with(deviation);

        assertThat(options.has(deviation)).isTrue();
        assertThat(values(options)).isEqualTo(expected);
        assertThat(options.with(deviation)).isEqualTo(options).isNotEqualTo(SimOptions.defaults());
        assertThat(options.without(deviation)).isEqualTo(SimOptions.defaults());
        assertThat(options.loopLimit(3)).hasToString("SimOptions{loopLimit=3, deviations=[" + deviation + "]}");
        assertThat(SimOptions.defaults().has(deviation)).isFalse();
    }

    @Test
    void deviations_cannotBeChangedFromOutside() {
        Set<Deviation> deviations =
                SimOptions.defaults().with(Deviation.SET_AFTER_BIND_ALLOWED).deviations();

        assertThatThrownBy(deviations::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void errorNotFound_withObservedErrors_isRejectedInEitherOrder() {
        SimOptions observed = SimOptions.defaults().with(Deviation.WINSOCK_ERRORS_OBSERVED);
        SimOptions notFound = SimOptions.defaults().with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND);

        assertThatThrownBy(() -> observed.with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("WINSOCK_ERRORS_OBSERVED and NOT_FOUND_AS_ERROR_NOT_FOUND both depart from"
                        + " [WSA-33, WSA-34]: leave one of the two out");
        assertThatThrownBy(() -> notFound.with(Deviation.WINSOCK_ERRORS_OBSERVED))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SimOptions.defaults()
                        .with(Deviation.WINSOCK_ERRORS_OBSERVED, Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(observed.without(Deviation.WINSOCK_ERRORS_OBSERVED).with(Deviation.NOT_FOUND_AS_ERROR_NOT_FOUND))
                .isEqualTo(notFound);
    }

    @Test
    void nullDeviation_isRejected() {
        assertThatThrownBy(() -> SimOptions.defaults().with(Deviation.SET_AFTER_BIND_ALLOWED, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("deviation must not be null: leave it out for the default");
    }

    // The first constant of each knob is the default, as the catalogue's table of knobs says.
    @ParameterizedTest
    @MethodSource("setters")
    void knobEnum_startsWithItsDefault(Method setter) throws ReflectiveOperationException {
        Class<?> type = setter.getParameterTypes()[0];
        if (type.isEnum() && type.getEnclosingClass() == SimOptions.class) {
            assertThat(values(SimOptions.defaults()).get(setter.getName())).isEqualTo(type.getEnumConstants()[0]);
        }
    }
}
