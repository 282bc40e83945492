package io.github.wfpsim.trace;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Draws connections as a Mermaid sequence diagram. Stateless. */
public final class SequenceRenderer {

    private static final String ENGINE = "engine";

    /** Creates a renderer. */
    public SequenceRenderer() {}

    /**
     * Renders events.
     *
     * @param entries as {@link TraceLog} lists them
     * @return the text of a {@code sequenceDiagram}, participants in order of appearance
     */
    public String render(List<TraceLog.Entry> entries) {
        Objects.requireNonNull(entries, "entries must not be null: give those of a TraceLog");
        Map<String, String> participants = new LinkedHashMap<>();
        StringBuilder arrows = new StringBuilder();
        for (StoryLine line : StoryLine.of(entries)) {
            Subject subject = line.entry().event().subject();
            if (subject != null) {
                String who = participant(participants, subject.process() + "(" + subject.pid() + ")");
                arrows.append(arrow(participants, who, subject, line));
            }
        }
        StringBuilder diagram = new StringBuilder("sequenceDiagram\n");
        participants.forEach((name, id) -> diagram.append("    participant ")
                .append(id)
                .append(" as ")
                .append(escape(name))
                .append('\n'));
        return diagram.append(arrows).toString();
    }

    private static String arrow(Map<String, String> participants, String who, Subject subject, StoryLine line) {
        TraceEvent event = line.entry().event();
        String text = escape("#" + subject.endpoint() + " " + line.text().strip());
        if (event instanceof TraceEvent.FaultRaised || event instanceof TraceEvent.DiagnosticRaised) {
            return "    Note over " + who + ": " + text + "\n";
        }
        String other = otherSide(participants, event);
        return other == null
                ? "    " + who + "->>" + who + ": " + text + "\n"
                : "    " + who + "->>" + other + ": " + text + "\n";
    }

    private static @Nullable String otherSide(Map<String, String> participants, TraceEvent event) {
        if (event instanceof TraceEvent.ClassifyStarted || event instanceof TraceEvent.ClassifyDecided) {
            return participant(participants, ENGINE);
        }
        if (event instanceof TraceEvent.FilterEvaluated evaluated) {
            String callout = evaluated.callout();
            return participant(participants, callout == null ? ENGINE : callout);
        }
        if (event instanceof TraceEvent.RedirectStateQueried queried) {
            return participant(participants, queried.handleOwner());
        }
        return event instanceof TraceEvent.RedirectApplied applied
                ? participant(participants, applied.handleOwner())
                : null;
    }

    private static String participant(Map<String, String> participants, String name) {
        return participants.computeIfAbsent(name, unseen -> "p" + participants.size());
    }

    /** Mermaid reads semicolons and hash signs itself. */
    private static String escape(String text) {
        return EventText.oneLine(text).replace("#", "&#35").replace(";", ",").replace("&#35", "#35;");
    }
}
