package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.BlockedCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitingQueueTest {

    private final VirtualClock clock = new VirtualClock();
    private final Waits waits = new Waits();
    private final WaitingQueue<String> queue = new WaitingQueue<>(waits, () -> "a letter");

    @Test
    void elements_areTakenInTheirOrder() throws Exception {
        assertThat(queue.poll()).isNull();
        assertThat(queue.offer("one")).isTrue();
        assertThat(queue.offer("two")).isTrue();

        assertThat(queue.take(clock.deadlineAfter(Duration.ZERO))).isEqualTo("one");
        assertThat(queue.poll()).isEqualTo("two");
        assertThat(queue.take(clock.deadlineAfter(Duration.ZERO))).isNull();
    }

    @Test
    void take_waitsForTheNextElement_inWords() throws Exception {
        BlockedCall<String> taking = BlockedCall.startAndAwaitBlocked(() -> queue.take(Deadline.NEVER));
        assertThat(waits.standing()).containsExactly("blocked call waits for a letter");

        queue.offer("one");

        assertThat(taking.result()).isEqualTo("one");
        assertThat(queue.isReady()).isFalse();
    }

    @Test
    void close_givesBackWhatNobodyTook_andEndsWaits() throws Exception {
        BlockedCall<String> taking = BlockedCall.startAndAwaitBlocked(() -> queue.take(Deadline.NEVER));
        assertThat(queue.close()).isEmpty();
        assertThat(taking.result()).isNull();
        assertThat(queue.offer("late")).isFalse();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.isReady()).isTrue();

        WaitingQueue<String> full = new WaitingQueue<>(waits, () -> "a letter");
        full.offer("one");
        full.offer("two");
        assertThat(full.close()).containsExactly("one", "two");
        assertThat(full.close()).isEmpty();
        assertThat(full.take(Deadline.NEVER)).isNull();
    }

    @Test
    void watcher_isCalledOnce_atOnceIfThereIsSomething() {
        List<String> called = new ArrayList<>();
        queue.whenReady(() -> called.add("waited"));
        assertThat(called).isEmpty();
        queue.offer("one");
        queue.offer("two");
        assertThat(called).containsExactly("waited");

        queue.whenReady(() -> called.add("at once"));
        assertThat(called).containsExactly("waited", "at once");
        queue.close();
        queue.whenReady(() -> called.add("closed"));
        assertThat(called).hasSize(3);
    }

    @Test
    void peek_leavesWhatIsToStay() throws Exception {
        queue.offer("stays");
        assertThat(queue.peek("stays"::equals, Deadline.NEVER)).isEqualTo("stays");
        assertThat(queue.peek("other"::equals, Deadline.NEVER)).isEqualTo("stays");
        assertThat(queue.peek("stays"::equals, clock.deadlineAfter(Duration.ZERO)))
                .as("the second one took it")
                .isNull();
    }

    /** Room for so many letters, but the first one fits always. */
    private static final class Letters implements WaitingQueue.Room<String> {
        private int left = 3;

        @Override
        public boolean take(String element, boolean first) {
            boolean fits = first || element.length() <= left;
            left -= fits ? element.length() : 0;
            return fits;
        }

        @Override
        public void giveBack(String element) {
            left += element.length();
        }
    }

    @Test
    void room_decidesWhatIsAdded_andHearsWhatLeaves() {
        Letters room = new Letters();
        WaitingQueue<String> small = new WaitingQueue<>(waits, () -> "a letter", room);
        assertThat(small.offer("ab")).isTrue();
        assertThat(small.offer("cd")).isFalse();
        assertThat(small.offer("c")).isTrue();
        assertThat(small.poll()).isEqualTo("ab");
        assertThat(small.offer("de")).isTrue();
        assertThat(small.close()).containsExactly("c", "de");
        assertThat(room.left).isEqualTo(3);
    }
}
