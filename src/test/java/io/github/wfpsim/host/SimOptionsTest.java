package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.host.SimOptions.NotFoundError;
import io.github.wfpsim.host.SimOptions.WinsockErrors;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
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
            if (Modifier.isPublic(method.getModifiers())
                    && !Modifier.isStatic(method.getModifiers())
                    && !method.getName().equals("toBuilder")) {
                values.put(method.getName(), method.invoke(options));
            }
        }
        return values;
    }

    static Stream<Method> setters() {
        return Arrays.stream(SimOptions.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 1);
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
        "queryAccess, TARGET_PROCESS",
        "setAfterBind, REJECT",
        "wskParameterChecking, STRICT",
        "wskSizeQueryStatus, BUFFER_TOO_SMALL",
        "winsockErrors, DOCUMENTED",
        "notFoundError, FWP_E_NOT_FOUND",
        "autoWsaStartup, true",
        "udpFlowIdleTimeout, PT1M",
        "incompleteLocalRedirect, DISCARD",
        "recordHandlePresence, ALWAYS",
        "redirectLayerBlock, IGNORE",
        "localAddressAtConnect, IGNORE",
        "doubleAuthorization, NON_LOOPBACK",
        "nullBytesTransferred, ACCEPT",
        "dispatcher, BACKGROUND",
        "traceCapacity, 4096",
        "streamBufferSize, 65536",
    })
    void defaults_areTheDocumentedOnes(String knob, String value) throws ReflectiveOperationException {
        assertThat(values(SimOptions.defaults()).get(knob)).hasToString(value);
        assertThat(values(SimOptions.builder().build()).get(knob)).hasToString(value);
    }

    @Test
    void everyKnob_hasOneSetterAndOneAccessor() throws ReflectiveOperationException {
        assertThat(setters().map(Method::getName))
                .containsExactlyInAnyOrderElementsOf(
                        values(SimOptions.defaults()).keySet())
                .hasSize(25);
    }

    @ParameterizedTest
    @MethodSource("setters")
    void setter_changesItsKnobAndNoOther(Method setter) throws ReflectiveOperationException {
        Map<String, Object> expected = values(SimOptions.defaults());
        Object changed = another(expected.get(setter.getName()));
        expected.put(setter.getName(), changed);
        SimOptions.Builder builder = SimOptions.builder();

        setter.invoke(builder, changed);

        assertThat(values(builder.build())).isEqualTo(expected);
        assertThat(values(builder.build().toBuilder().build())).isEqualTo(expected);
        assertThat(values(SimOptions.defaults()).get(setter.getName())).isNotEqualTo(changed);
    }

    @ParameterizedTest
    @MethodSource("setters")
    void setter_givenNull_namesItsKnob(Method setter) {
        if (setter.getParameterTypes()[0].isPrimitive()) {
            return;
        }
        assertThatThrownBy(() -> setter.invoke(SimOptions.builder(), (Object) null))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(NullPointerException.class)
                .hasMessage(setter.getName() + " must not be null: leave it out for the default");
    }

    @ParameterizedTest
    @CsvSource({"minimumRecordSize, -1", "loopLimit, 0", "traceCapacity, -1", "streamBufferSize, 0"})
    void setter_givenANumberBelowItsLimit_namesKnobAndValue(String knob, int value)
            throws ReflectiveOperationException {
        Method setter = SimOptions.Builder.class.getMethod(knob, int.class);

        assertThatThrownBy(() -> setter.invoke(SimOptions.builder(), value))
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(knob + " must be at least ")
                .hasMessageEndingWith(": " + value);
        assertThatCode(() -> setter.invoke(SimOptions.builder(), value + 1)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void udpFlowIdleTimeout_ofNoLength_isRejected(Duration timeout) {
        assertThatThrownBy(() -> SimOptions.builder().udpFlowIdleTimeout(timeout))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("udpFlowIdleTimeout must be positive")
                .hasMessageEndingWith(timeout.toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"PASSIVE_LEVEL", "DISPATCH_LEVEL"})
    void irqls_ofTheTwoLevels_areAccepted(Irql level) {
        SimOptions options =
                SimOptions.builder().classifyIrql(level).completionIrql(level).build();

        assertThat(options.classifyIrql()).isEqualTo(level);
        assertThat(options.completionIrql()).isEqualTo(level);
    }

    @Test
    void irqls_ofApcLevel_areRejected() {
        assertThatThrownBy(() -> SimOptions.builder().classifyIrql(Irql.APC_LEVEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("classifyIrql must be PASSIVE_LEVEL or DISPATCH_LEVEL");
        assertThatThrownBy(() -> SimOptions.builder().completionIrql(Irql.APC_LEVEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("completionIrql must be PASSIVE_LEVEL or DISPATCH_LEVEL");
    }

    @Test
    void errorNotFound_withObservedErrors_isRejectedInEitherOrder() {
        assertThatThrownBy(() -> SimOptions.builder()
                        .winsockErrors(WinsockErrors.OBSERVED)
                        .notFoundError(NotFoundError.ERROR_NOT_FOUND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("notFoundError=ERROR_NOT_FOUND goes with winsockErrors=DOCUMENTED only");
        assertThatThrownBy(() -> SimOptions.builder()
                        .notFoundError(NotFoundError.ERROR_NOT_FOUND)
                        .winsockErrors(WinsockErrors.OBSERVED))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rejectedValue_leavesTheBuilderAsItWas() {
        SimOptions.Builder builder = SimOptions.builder().winsockErrors(WinsockErrors.OBSERVED);

        assertThatThrownBy(() -> builder.notFoundError(NotFoundError.ERROR_NOT_FOUND))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(builder.build().notFoundError()).isEqualTo(NotFoundError.FWP_E_NOT_FOUND);
        assertThat(builder.build().winsockErrors()).isEqualTo(WinsockErrors.OBSERVED);
    }

    @Test
    void toBuilder_doesNotChangeTheOptionsItCameFrom() {
        SimOptions before = SimOptions.builder().loopLimit(3).build();

        SimOptions after = before.toBuilder().loopLimit(4).build();

        assertThat(before.loopLimit()).isEqualTo(3);
        assertThat(after.loopLimit()).isEqualTo(4);
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
