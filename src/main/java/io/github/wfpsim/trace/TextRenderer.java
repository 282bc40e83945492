package io.github.wfpsim.trace;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Tells the story of connections in lines, one for each event. A layer without filters takes one line for question and
 * answer, numbered by the answer, so numbers may skip. Stateless.
 */
public final class TextRenderer {

    private static final int WIDEST_ACTOR = 28;

    /** Creates a renderer. */
    public TextRenderer() {}

    /**
     * Renders events.
     *
     * @param entries as {@link TraceLog} lists them
     * @return one line each: number, milliseconds of virtual time since the first, who, what
     */
    public String render(List<TraceLog.Entry> entries) {
        if (Objects.requireNonNull(entries, "entries must not be null: give those of a TraceLog")
                .isEmpty()) {
            return "(nothing happened)\n";
        }
        StringBuilder story = new StringBuilder();
        TraceLog.Entry first = entries.get(0);
        if (first.sequence() > 1) {
            story.append(notShown(first.sequence() - 1));
        }
        int actorWidth = Math.min(
                WIDEST_ACTOR,
                entries.stream()
                        .mapToInt(entry -> actor(entry.event()).length())
                        .max()
                        .orElse(0));
        for (StoryLine line : StoryLine.of(entries)) {
            TraceLog.Entry entry = line.entry();
            long millis = Duration.between(first.time(), entry.time()).toMillis();
            story.append(pad(String.valueOf(entry.sequence()), 5, true))
                    .append(pad("+" + millis + "ms", 8, true))
                    .append("  ")
                    .append(pad(actor(entry.event()), actorWidth, false))
                    .append("  ")
                    .append(line.text())
                    .append('\n');
        }
        return story.toString();
    }

    private static String notShown(long events) {
        return events == 1 ? "(1 earlier event is not shown)\n" : "(" + events + " earlier events are not shown)\n";
    }

    private static String actor(TraceEvent event) {
        Subject subject = event.subject();
        if (subject != null) {
            return EventText.oneLine(subject.toString());
        }
        if (event instanceof TraceEvent.ProcessStarted started) {
            return fileName(started.image()) + "(" + started.pid() + ")";
        }
        if (event instanceof TraceEvent.ProcessEnded ended) {
            return EventText.oneLine(ended.process()) + "(" + ended.pid() + ")";
        }
        return event instanceof TraceEvent.Noted note ? EventText.author(note) : "-";
    }

    private static String fileName(String image) {
        return EventText.oneLine(image.substring(image.lastIndexOf('\\') + 1));
    }

    private static String pad(String text, int width, boolean right) {
        String space = " ".repeat(Math.max(0, width - text.length()));
        return right ? space + text : text + space;
    }
}
