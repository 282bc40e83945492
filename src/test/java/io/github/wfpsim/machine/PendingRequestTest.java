package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets to end a call whose end comes later. */
class PendingRequestTest {

    private final List<String> told = new ArrayList<>();
    private final Call call = new Call();

    private final class Call extends PendingRequest {

        Call() {
            super("WSARecv", false);
        }

        void await() {
            letWait(() -> told.add("out of the queue"));
        }

        void succeed() {
            end();
            told.add("ended");
        }

        void refuse() {
            answer();
            told.add("refused");
        }

        boolean refuseUnlessAnswered() {
            return answerUnlessAnswered();
        }

        @Override
        protected void endCancelled() {
            end();
            told.add("cancelled");
        }
    }

    @Test
    @Spec({"IRP-13", "IRP-16"})
    void waitingCall_isEndedByTheOneWhoTakesIt() {
        call.await();

        assertThat(call.take()).isTrue();
        assertThat(call.take()).isFalse();
        assertThat(call.cancel()).isFalse();
        assertThat(call.isOver()).isTrue();
        assertThat(call.isFinished()).isFalse();
        call.succeed();

        assertThat(call.isFinished()).isTrue();
        assertThat(told).containsExactly("ended");
    }

    @Test
    @Spec("IRP-14")
    void cancelledCall_leavesTheQueueBeforeItsEndIsTold() {
        call.await();

        assertThat(call.cancel()).isTrue();
        assertThat(call.cancel()).isFalse();
        assertThat(call.take()).isFalse();

        assertThat(told).containsExactly("out of the queue", "cancelled");
    }

    @Test
    @Spec("IRP-14")
    void callThatIsCancelledWhileSomebodyTries_isCancelledAsItIsGivenBack() {
        call.await();
        assertThat(call.take()).isTrue();
        assertThat(call.cancel()).isFalse();
        assertThat(told).isEmpty();

        call.giveBack();

        assertThat(told).containsExactly("out of the queue", "cancelled");
    }

    @Test
    void callThatIsCancelledBeforeItWaits_isCancelledAsItBeginsTo() {
        assertThat(call.cancel()).isFalse();

        call.await();

        assertThat(call.isFinished()).isTrue();
        assertThat(told).containsExactly("out of the queue", "cancelled");
    }

    @Test
    void callThatWaitsElsewhere_isTakenOutThere_alsoIfItWasCancelledBefore() {
        call.await();
        call.onCancel(() -> told.add("out of the other queue"));
        assertThat(call.cancel()).isTrue();

        call.onCancel(() -> told.add("out of the third"));

        assertThat(told).containsExactly("out of the other queue", "cancelled", "out of the third");
    }

    @Test
    void callThatWasAnswered_isNotAnsweredAgain() {
        call.refuse();

        assertThat(call.refuseUnlessAnswered()).isFalse();
        assertThatIllegalStateException().isThrownBy(call::refuse).withMessageContaining("WSARecv is FINISHED");
        assertThatIllegalStateException().isThrownBy(call::await);
        assertThat(call.cancel()).isFalse();
        assertThat(told).containsExactly("refused");
    }

    @Test
    void hookThatThrows_leavesNoCallWithoutItsEnd() {
        call.await();
        call.onCancel(() -> {
            throw new IllegalArgumentException("thrown by the test");
        });

        assertThatIllegalArgumentException().isThrownBy(call::cancel);

        assertThat(told).containsExactly("cancelled");
    }
}
