package io.github.wfpsim.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * What a renderer says about one event.
 *
 * @param entry the event
 * @param text what to say; may begin with blanks that show how deep inside an operation it happened
 */
record StoryLine(TraceLog.Entry entry, String text) {

    /** The lines of a story: a layer that had no filter to ask takes one line for question and answer. */
    static List<StoryLine> of(List<TraceLog.Entry> entries) {
        List<StoryLine> lines = new ArrayList<>(entries.size());
        boolean together = false;
        for (int i = 0; i < entries.size(); i++) {
            TraceLog.Entry entry = entries.get(i);
            String text = together && entry.event() instanceof TraceEvent.ClassifyDecided answer
                    ? EventText.answered(answer)
                    : EventText.of(entry.event());
            together = isAnsweredAtOnce(entries, i);
            if (!together) {
                lines.add(new StoryLine(entry, EventText.oneLine(text)));
            }
        }
        return lines;
    }

    private static boolean isAnsweredAtOnce(List<TraceLog.Entry> entries, int index) {
        return entries.get(index).event() instanceof TraceEvent.ClassifyStarted asked
                && index + 1 < entries.size()
                && entries.get(index + 1).event() instanceof TraceEvent.ClassifyDecided answered
                && asked.layer() == answered.layer()
                && asked.subject().equals(answered.subject());
    }
}
