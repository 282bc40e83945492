package io.github.wfpsim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import java.lang.reflect.Constructor;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RendererTest {

    private static final Instant START = new VirtualClock().now();
    private static final InetSocketAddress ADDRESS =
            new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 80);
    private static final Subject SUBJECT = new Subject(4, 4, 1000, "client.exe");
    private static final FiveTuple TUPLE = new FiveTuple(IpProtocol.IPPROTO_TCP, ADDRESS, ADDRESS);

    static Stream<Class<?>> events() {
        return Stream.of(TraceEvent.class.getPermittedSubclasses());
    }

    /** An event of a type, its components filled with anything that fits. */
    private static TraceEvent anyOf(Class<?> type) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        List<Object> arguments = new ArrayList<>();
        for (Class<?> parameter : constructor.getParameterTypes()) {
            arguments.add(valueOf(parameter));
        }
        return (TraceEvent) constructor.newInstance(arguments.toArray());
    }

    private static Object valueOf(Class<?> type) {
        for (Object value : List.of(SUBJECT, ADDRESS, TUPLE, 7, 8L, true, "text", List.of("REC-01"))) {
            boolean boxed = (type == int.class && value instanceof Integer)
                    || (type == long.class && value instanceof Long)
                    || (type == boolean.class && value instanceof Boolean);
            if (boxed || type.isInstance(value)) {
                return value;
            }
        }
        return type.getEnumConstants()[0];
    }

    private static List<TraceLog.Entry> entries(TraceEvent... events) {
        List<TraceLog.Entry> entries = new ArrayList<>();
        for (TraceEvent event : events) {
            entries.add(new TraceLog.Entry(entries.size() + 1L, START, event));
        }
        return entries;
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyEvent_isOneLineOfText(Class<?> type) throws Exception {
        String text = new TextRenderer().render(entries(anyOf(type)));

        assertThat(text.lines()).hasSize(1);
        assertThat(text.strip()).hasSizeGreaterThan("1 +0ms client.exe".length());
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyEvent_isAtMostOneArrowOrNote(Class<?> type) throws Exception {
        String diagram = new SequenceRenderer().render(entries(anyOf(type)));

        assertThat(diagram.lines().filter(line -> line.contains("->>") || line.contains("Note over")))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void nothing_isSaidToo() {
        assertThat(new TextRenderer().render(List.of())).isEqualTo("(nothing happened)\n");
        assertThat(new SequenceRenderer().render(List.of())).isEqualTo("sequenceDiagram\n");
    }

    @Test
    void layerWithoutFilters_takesOneLineForQuestionAndAnswer() {
        Layer layer = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
        String text = new TextRenderer()
                .render(entries(
                        new TraceEvent.ClassifyStarted(SUBJECT, layer, TUPLE),
                        new TraceEvent.ClassifyDecided(SUBJECT, layer, TUPLE, ActionType.FWP_ACTION_PERMIT)));

        assertThat(text.lines()).hasSize(1);
        assertThat(text).contains("AUTH_CONNECT_V4 permits 127.0.0.1:80 -> 127.0.0.1:80");
    }

    @Test
    void layerWithFilters_showsThemBetweenQuestionAndAnswer() {
        Layer layer = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
        String text = new TextRenderer()
                .render(entries(
                        new TraceEvent.ClassifyStarted(SUBJECT, layer, TUPLE),
                        new TraceEvent.FilterEvaluated(
                                SUBJECT, layer, 5, "firewall", "fw.sys", ActionType.FWP_ACTION_BLOCK),
                        new TraceEvent.ClassifyDecided(SUBJECT, layer, TUPLE, ActionType.FWP_ACTION_BLOCK)));

        assertThat(text.lines().map(String::strip))
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("AUTH_CONNECT_V4 is asked: 127.0.0.1:80 -> 127.0.0.1:80"),
                        line -> assertThat(line).endsWith("filter 5 \"firewall\" asks fw.sys: BLOCK"),
                        line -> assertThat(line).endsWith("AUTH_CONNECT_V4 BLOCKS"));
    }

    @Test
    void droppedEvents_areMentioned() {
        List<TraceLog.Entry> later = List.of(new TraceLog.Entry(6, START, new TraceEvent.SocketOpened(SUBJECT)));

        assertThat(new TextRenderer().render(later)).startsWith("(5 earlier events are not shown)\n");
    }

    /** Names come from tests and drivers: no line may be torn, no Mermaid syntax smuggled in. */
    @Test
    void hostileNames_doNotBreakTheOutput() {
        Subject hostile = new Subject(4, 4, 1000, "a;b#c\nd->>e\u0000: %%.exe");
        TraceEvent event = new TraceEvent.RedirectDropped(hostile, "first\r\nsecond; third");

        assertThat(new TextRenderer().render(entries(event)).lines()).hasSize(1);
        String diagram = new SequenceRenderer().render(entries(event));
        assertThat(diagram.lines()).hasSize(3);
        assertThat(Pattern.compile("#35;").matcher(diagram).replaceAll("")).doesNotContain(";", "#");
    }
}
