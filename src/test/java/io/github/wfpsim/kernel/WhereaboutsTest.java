package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose code a thread runs, where a routine and a callback run inside each other, as with inline completion. */
class WhereaboutsTest {

    private final IoManager manager = Bench.inline().manager;
    private final List<String> seen = new ArrayList<>();

    private void look() {
        String routine = manager.isInCompletionRoutine() ? "routine" : "";
        String callback = manager.isInEventCallback() ? "callback" : "";
        seen.add(routine + (routine.isEmpty() || callback.isEmpty() ? "" : "+") + callback);
    }

    @Test
    @Spec({"WSKS-35", "WSKS-36"})
    void callbackInsideARoutine_mayStartRequestsAndMayNotWait_untilItReturns() {
        manager.asCompletionRoutine(() -> {
            manager.asEventCallback(this::look);
            look();
        });
        look();

        assertThat(seen).containsExactly("callback", "routine", "");
    }

    @Test
    @Spec({"WSKS-35", "WSKS-36"})
    void routineInsideACallback_mayNeitherStartNorWait_untilItReturns() {
        manager.asEventCallback(() -> {
            manager.asCompletionRoutine(this::look);
            look();
        });
        look();

        assertThat(seen).containsExactly("routine+callback", "callback", "");
    }

    @Test
    @Spec("WSKS-36")
    void routineInsideARoutine_leavesTheThreadInTheOuterOne() {
        manager.asCompletionRoutine(() -> {
            manager.asCompletionRoutine(this::look);
            look();
        });

        assertThat(seen).containsExactly("routine", "routine");
    }

    @Test
    @Spec("WSKS-35")
    void callbackInsideACallback_leavesTheThreadInTheOuterOne() {
        manager.asEventCallback(() -> {
            manager.asEventCallback(this::look);
            look();
        });

        assertThat(seen).containsExactly("callback", "callback");
    }
}
