package io.github.wfpsim.engine;

import io.github.wfpsim.wfp.BindRequest;
import org.jspecify.annotations.Nullable;

/** A version of a bind request as one turn sees it. Its list ends with the application's own request (WFP-55). */
final class LentBindRequest extends LentRequest<BindVersion> implements BindRequest {

    private @Nullable LentBindRequest previous;

    LentBindRequest(CalloutTurn turn, BindVersion version) {
        super(turn, version);
    }

    @Override
    public @Nullable LentBindRequest previousVersion() {
        BindVersion before = read("previousVersion").before();
        if (before == null) {
            return null;
        }
        LentBindRequest shown = previous;
        if (shown == null) {
            shown = new LentBindRequest(turn(), before);
            previous = shown;
        }
        return shown;
    }
}
