package io.github.wfpsim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.net.FiveTuple;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SequenceRendererTest {

    /** Text in which every hash sign and semicolon belongs to a character code. */
    private static final String TEXT = "(?:[^#;%<\\p{Cntrl}\\u0085\\u2028\\u2029]|#\\d+;)+";

    private static final Pattern HEAD = Pattern.compile("sequenceDiagram");
    private static final Pattern PARTICIPANT = Pattern.compile("    participant p\\d+ as " + TEXT);
    private static final Pattern ARROW = Pattern.compile("    p\\d+--?>>p\\d+: " + TEXT);
    private static final Pattern NOTE = Pattern.compile("    Note over p\\d+: " + TEXT);

    private final SequenceRenderer renderer = new SequenceRenderer();

    private List<String> render(TraceEvent... events) {
        return render(List.of(events));
    }

    private List<String> render(List<TraceEvent> events) {
        return renderer.render(Events.logged(events)).lines().toList();
    }

    private static boolean isMermaid(String line) {
        return List.of(HEAD, PARTICIPANT, ARROW, NOTE).stream()
                .anyMatch(form -> form.matcher(line).matches());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C:\\a;b#c.exe",
                "#35;",
                "%%{init: {}}%%",
                "%% comment",
                "<script>",
                "<br/>",
                "a\nparticipant x",
                "a\u2028b",
                "end",
                "Alice->>Bob: hi",
                "as",
                ":",
                " ",
                ""
            })
    void diagram_whenNamesHoldMermaidSyntax_staysADiagram(String name) {
        assertThat(render(Events.oneOfEach(name))).allMatch(SequenceRendererTest::isMermaid);
    }

    @Test
    void diagram_showsEveryEventOfAConnectionAndEveryFinding() {
        List<TraceEvent> missing = new ArrayList<>(Events.oneOfEach("text"));
        missing.removeIf(event -> render(event).stream()
                .anyMatch(line ->
                        ARROW.matcher(line).matches() || NOTE.matcher(line).matches()));

        assertThat(missing).hasOnlyElementsOfTypes(TraceEvent.ProcessStarted.class, TraceEvent.ProcessEnded.class);
    }

    @Test
    void diagram_ofNothing_isEmpty() {
        assertThat(renderer.render(List.of())).isEqualTo("sequenceDiagram\n");
    }

    @Test
    void participants_areListedOnceInOrderOfAppearance() {
        assertThat(render(
                        Events.opened(4),
                        new TraceEvent.SocketOpened(new Subject(8, 8, 1004, "a;b.exe")),
                        Events.opened(12)))
                .containsExactly(
                        "sequenceDiagram",
                        "    participant p0 as app.exe(1000)",
                        "    participant p1 as a#59;b.exe(1004)",
                        "    p0->>p0: #35;4 opens a socket",
                        "    p1->>p1: #35;8 opens a socket",
                        "    p0->>p0: #35;12 opens a socket");
    }

    @Test
    void accept_whenTheClientWasSeen_isAnArrowFromIt() {
        FiveTuple atClient = Events.tuple();
        FiveTuple atServer = atClient.reversed();
        Subject server = new Subject(8, 8, 1004, "proxy.exe");

        assertThat(render(
                        new TraceEvent.Connected(Events.subject(4), atClient, atClient.remote()),
                        new TraceEvent.Accepted(server, 6, server.endpoint(), atServer)))
                .contains("    p0->>p1: #35;8 accepts from 192.0.2.2:49152 at listener #35;6");
    }

    @Test
    void finding_withoutConnection_isANoteAtTheEngine() {
        assertThat(render(new TraceEvent.FaultRaised(null, "POOL_LEAK", "acme.sys", List.of("REC-31"))))
                .containsExactly(
                        "sequenceDiagram",
                        "    participant p0 as engine",
                        "    Note over p0: !! POOL_LEAK [REC-31] acme.sys");
    }

    @Test
    @SuppressWarnings("NullAway")
    void entries_whenNull_areNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> renderer.render(null))
                .withMessageContaining("entries must not be null");
    }
}
