package io.github.wfpsim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.recorder.TraceRecorder;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TextRendererTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private final TextRenderer renderer = new TextRenderer();

    static List<TraceEvent> eventOfEachType() {
        return Events.oneOfEach("some text");
    }

    static List<TraceEvent> nastyEventOfEachType() {
        return Events.oneOfEach("a\nb\rc\u0085d\u2028e\u2029f\u001b[31m");
    }

    private String render(TraceEvent... events) {
        return renderer.render(Events.logged(List.of(events)));
    }

    @ParameterizedTest
    @MethodSource("eventOfEachType")
    void event_ofEachType_hasWordsOnOneLine(TraceEvent event) {
        assertThat(EventText.of(event)).isNotBlank();
        assertThat(render(event)).matches(" +1 +\\+0ms  \\S[^\\n]*  \\S[^\\n]*\\n");
    }

    @ParameterizedTest
    @MethodSource("nastyEventOfEachType")
    void event_whenItsTextHasLineBreaks_staysOnOneLine(TraceEvent event) {
        String story = render(event);

        assertThat(story).endsWith("\n");
        assertThat(story.substring(0, story.length() - 1)).doesNotContainPattern("[\\p{Cntrl}\\u0085\\u2028\\u2029]");
    }

    @Test
    void story_ofNothing_saysSo() {
        assertThat(renderer.render(List.of())).isEqualTo("(nothing happened)\n");
    }

    @Test
    void story_tellsNumberTimeWhoAndWhat() {
        assertThat(render(new TraceEvent.Connecting(Events.subject(4), Events.address(10, 80))))
                .isEqualTo("    1    +0ms  app.exe(1000) #4  connects to 192.0.2.10:80\n");
    }

    @Test
    void story_countsTimeFromItsFirstEvent() {
        VirtualClock clock = new VirtualClock();
        TraceRecorder trace = new TraceRecorder(clock, 2);
        clock.advance(Duration.ofSeconds(5));
        trace.emit(Events.opened(4));
        clock.advance(Duration.ofMillis(1500));
        trace.emit(Events.opened(8));

        assertThat(renderer.render(trace.log().entries()).lines())
                .satisfiesExactly(
                        first -> assertThat(first).contains("+0ms"),
                        second -> assertThat(second).contains("+1500ms"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void story_whenTheLogDroppedEvents_saysHowMany(int dropped) {
        TraceRecorder trace = new TraceRecorder(new VirtualClock(), 1);
        for (int i = 0; i <= dropped; i++) {
            trace.emit(Events.opened(4));
        }

        assertThat(renderer.render(trace.log().entries()))
                .startsWith(dropped == 1 ? "(1 earlier event is not shown)\n" : "(2 earlier events are not shown)\n")
                .hasLineCount(2);
    }

    @Test
    void layer_whenNobodyHadASay_asksAndAnswersInOneLine() {
        assertThat(render(asked(4), decided(4, ActionType.FWP_ACTION_PERMIT)).lines())
                .singleElement()
                .asString()
                .endsWith("  AUTH_CONNECT_V4 permits 192.0.2.2:49152 -> 192.0.2.10:80");
    }

    @Test
    void layer_whenAFilterDecides_tellsItBetweenQuestionAndAnswer() {
        assertThat(render(
                                asked(4),
                                new TraceEvent.FilterEvaluated(
                                        Events.subject(4),
                                        LAYER,
                                        "firewall",
                                        100,
                                        20,
                                        "no web",
                                        null,
                                        null,
                                        ActionType.FWP_ACTION_BLOCK,
                                        true),
                                decided(4, ActionType.FWP_ACTION_BLOCK))
                        .lines())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .endsWith("AUTH_CONNECT_V4 is asked: 192.0.2.2:49152 -> 192.0.2.10:80"),
                        second -> assertThat(second)
                                .endsWith("sub-layer \"firewall\" (100), filter 20 \"no web\": BLOCK (hard)"),
                        third -> assertThat(third).endsWith("AUTH_CONNECT_V4 BLOCKS by filter 20"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            acme.sys, , FWP_ACTION_PERMIT, false, acme.sys answers PERMIT
            acme.sys, , FWP_ACTION_PERMIT, true, acme.sys answers PERMIT (hard)
            acme.sys, , FWP_ACTION_CONTINUE, false, acme.sys answers CONTINUE
            , 00000000-0000-0001-0000-000000000002, FWP_ACTION_BLOCK, true, \
            'callout {00000000-0000-0001-0000-000000000002} is not registered, BLOCK (hard)'
            , , FWP_ACTION_PERMIT, true, PERMIT (hard)
            """)
    void filter_tellsWhoAnsweredWhat(
            @Nullable String driver, @Nullable UUID unregistered, ActionType result, boolean hard, String told) {
        assertThat(render(new TraceEvent.FilterEvaluated(
                        Events.subject(4), LAYER, "universal", 0, 20, "web", driver, unregistered, result, hard)))
                .endsWith("filter 20 \"web\": " + told + "\n");
    }

    @Test
    void layer_whenTheNextAnswerIsAnotherConnections_keepsTheLinesApart() {
        assertThat(render(asked(4), decided(8, ActionType.FWP_ACTION_PERMIT))).hasLineCount(2);
    }

    private static TraceEvent asked(long endpoint) {
        return new TraceEvent.ClassifyStarted(Events.subject(endpoint), LAYER, Events.tuple(), 0);
    }

    private static TraceEvent decided(long endpoint, ActionType action) {
        return new TraceEvent.ClassifyDecided(
                Events.subject(endpoint),
                LAYER,
                Events.tuple(),
                action,
                action == ActionType.FWP_ACTION_BLOCK ? 20 : 0);
    }

    @Test
    void query_whenTheBufferIsTooSmall_tellsTheNeed() {
        assertThat(render(new TraceEvent.RecordsQueried(Events.subject(4), NtStatus.STATUS_BUFFER_TOO_SMALL, 183)))
                .endsWith("queries redirect records: STATUS_BUFFER_TOO_SMALL, needs 183 bytes\n");
    }

    @Test
    void fault_withoutConnection_isToldWithItsRules() {
        assertThat(render(new TraceEvent.FaultRaised(null, "POOL_LEAK", "acme.sys: 'rCtx'", List.of("REC-31"))))
                .endsWith("-  !! POOL_LEAK [REC-31] acme.sys: 'rCtx'\n");
    }

    @Test
    @SuppressWarnings("NullAway")
    void entries_whenNull_areNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> renderer.render(null))
                .withMessageContaining("entries must not be null");
    }
}
