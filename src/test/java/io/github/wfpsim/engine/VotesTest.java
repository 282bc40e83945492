package io.github.wfpsim.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.engine.Arbitration.Decision;
import org.junit.jupiter.api.Test;

/** What stands when sub-layers decide, decide again and take their decision back, in any order. */
class VotesTest {

    private final Arbitration arbitration = new Arbitration();

    private void decide(int subLayer, Decision decision) {
        arbitration.decide(subLayer, decision, null);
    }

    @Test
    void decision_ofASubLayerThatHasDecided_takesTheOldOnesPlace() {
        decide(1, Decision.HARD_PERMIT);
        decide(1, Decision.SOFT_BLOCK);

        assertThat(arbitration.mayWrite(2)).isTrue();
        assertThat(arbitration.result()).isEqualTo(ActionType.FWP_ACTION_BLOCK);
    }

    @Test
    void decisions_countByWeight_whateverTheOrderInWhichTheyCome() {
        decide(2, Decision.SOFT_PERMIT);
        decide(3, Decision.SOFT_BLOCK);
        decide(1, Decision.SOFT_BLOCK);

        assertThat(arbitration.standingAction(1)).isEqualTo(ActionType.FWP_ACTION_CONTINUE);
        assertThat(arbitration.standingAction(2)).isEqualTo(ActionType.FWP_ACTION_BLOCK);
        assertThat(arbitration.standingAction(3)).isEqualTo(ActionType.FWP_ACTION_PERMIT);
        assertThat(arbitration.result()).isEqualTo(ActionType.FWP_ACTION_BLOCK);
    }

    @Test
    void decision_thatIsTakenBack_leavesTheOthers() {
        decide(1, Decision.SOFT_PERMIT);
        decide(2, Decision.HARD_BLOCK);
        decide(3, Decision.SOFT_PERMIT);

        arbitration.retract(2);
        arbitration.retract(4);

        assertThat(arbitration.standingAction(2)).isEqualTo(ActionType.FWP_ACTION_PERMIT);
        assertThat(arbitration.mayWrite(3)).isTrue();
        assertThat(arbitration.result()).isEqualTo(ActionType.FWP_ACTION_PERMIT);
        arbitration.retract(3);
        arbitration.retract(1);
        assertThat(arbitration.standingAction(9)).isEqualTo(ActionType.FWP_ACTION_CONTINUE);
    }
}
