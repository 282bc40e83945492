package io.github.wfpsim.trace;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Draws connections as a Mermaid sequence diagram. Stateless. */
public final class SequenceRenderer {

    /** Creates a renderer. */
    public SequenceRenderer() {}

    /**
     * Renders events. Faults, diagnostics and lines of the user's own become notes; the start and end of processes is left out.
     *
     * @param entries as {@link TraceLog} lists them
     * @return the text of a {@code sequenceDiagram}, participants in order of appearance
     */
    public String render(List<TraceLog.Entry> entries) {
        Objects.requireNonNull(entries, "entries must not be null: give those of a TraceLog");
        Drawing drawing = new Drawing();
        StoryLine.of(entries).forEach(drawing::add);
        return drawing.text();
    }

    /** One diagram in the making; used by one thread. */
    private static final class Drawing {

        private static final String ENGINE = "engine";

        private final Map<String, String> participants = new LinkedHashMap<>();
        private final Map<InetSocketAddress, String> clients = new HashMap<>();
        private final StringBuilder arrows = new StringBuilder();

        void add(StoryLine line) {
            TraceEvent event = line.entry().event();
            Subject subject = event.subject();
            String text = line.text().strip();
            if (event instanceof TraceEvent.FaultRaised || event instanceof TraceEvent.DiagnosticRaised) {
                String where = subject == null ? participant(ENGINE) : process(subject);
                arrows.append("    Note over ").append(where).append(": ").append(escape(text));
            } else if (event instanceof TraceEvent.Noted note) {
                String author = participant(EventText.author(note));
                arrows.append("    Note over ")
                        .append(author)
                        .append(": ")
                        .append(note.text().isBlank() ? "(no text)" : escape(note.text()));
            } else if (subject == null) {
                return;
            } else {
                arrows.append("    ")
                        .append(arrow(event, subject))
                        .append(": ")
                        .append(escape("#" + subject.endpoint() + " " + text));
            }
            arrows.append('\n');
        }

        private String arrow(TraceEvent event, Subject subject) {
            String process = process(subject);
            if (event instanceof TraceEvent.ClassifyStarted) {
                return process + "->>" + participant(ENGINE);
            }
            if (event instanceof TraceEvent.ClassifyDecided) {
                return participant(ENGINE) + "-->>" + process;
            }
            if (event instanceof TraceEvent.RedirectDropped
                    || event instanceof TraceEvent.PendEnded
                    || event instanceof TraceEvent.PolicyConflict) {
                return participant(ENGINE) + "->>" + participant(ENGINE);
            }
            String driver = driver(event);
            return driver == null
                    ? client(event, process) + "->>" + process
                    : participant(driver) + "->>" + participant(ENGINE);
        }

        private static @Nullable String driver(TraceEvent event) {
            if (event instanceof TraceEvent.FilterEvaluated evaluated) {
                String callout = evaluated.callout();
                return callout == null ? ENGINE : callout;
            }
            if (event instanceof TraceEvent.ClassifyPended pended) {
                return pended.callout();
            }
            if (event instanceof TraceEvent.PendRefused refused) {
                return refused.callout();
            }
            if (event instanceof TraceEvent.ClassifyCompleted completed) {
                return completed.callout();
            }
            if (event instanceof TraceEvent.RedirectStateQueried queried) {
                return queried.handleOwner();
            }
            if (event instanceof TraceEvent.LocalAddressChanged changed) {
                return changed.driver();
            }
            return event instanceof TraceEvent.RedirectApplied applied ? applied.handleOwner() : null;
        }

        /** An accepted connection comes from its client, if that was seen to connect. */
        private String client(TraceEvent event, String process) {
            if (event instanceof TraceEvent.Connected connected) {
                clients.put(connected.tuple().local(), process);
            }
            return event instanceof TraceEvent.Accepted accepted
                    ? clients.getOrDefault(accepted.tuple().remote(), process)
                    : process;
        }

        private String process(Subject subject) {
            return participant(subject.process() + "(" + subject.pid() + ")");
        }

        private String participant(String name) {
            return participants.computeIfAbsent(name, unseen -> "p" + participants.size());
        }

        String text() {
            StringBuilder diagram = new StringBuilder("sequenceDiagram\n");
            participants.forEach((name, id) -> diagram.append("    participant ")
                    .append(id)
                    .append(" as ")
                    .append(name.isBlank() ? "(no name)" : escape(name))
                    .append('\n'));
            return diagram.append(arrows).toString();
        }

        /** Mermaid reads semicolons, hash signs, percent signs and tags itself; it has codes for them. */
        private static String escape(String text) {
            StringBuilder safe = new StringBuilder(text.length());
            EventText.oneLine(text).codePoints().forEach(c -> {
                if (c == '#' || c == ';' || c == '%' || c == '<') {
                    safe.append('#').append(c).append(';');
                } else {
                    safe.appendCodePoint(c);
                }
            });
            return safe.toString();
        }
    }
}
