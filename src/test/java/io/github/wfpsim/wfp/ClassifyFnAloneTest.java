package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user's classifyFn, called by a unit test without a machine. */
@Timeout(20)
class ClassifyFnAloneTest {

    /** The components are the values: no method has to be written. */
    private record Values(
            Layer layer,
            String appId,
            String originalAppId,
            String packageId,
            Token userId,
            IpProtocol protocol,
            InetSocketAddress local,
            InetSocketAddress remote,
            int flags,
            int reauthorizeReason)
            implements IncomingValues {

        static Values to(int port) {
            return new Values(
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    "c:\\app.exe",
                    "c:\\app.exe",
                    NULL_SID,
                    Token.STANDARD_USER,
                    IpProtocol.IPPROTO_TCP,
                    new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 50_000),
                    new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), port),
                    0,
                    0);
        }
    }

    private static final IncomingMetadataValues NOTHING = new IncomingMetadataValues() {
        @Override
        public int currentMetadataValues() {
            return 0;
        }

        @Override
        public boolean isPresent(MetadataField field) {
            return false;
        }

        @Override
        public int compartmentId() {
            return 0;
        }

        @Override
        public int processId() {
            return 0;
        }

        @Override
        public @Nullable Token token() {
            return null;
        }

        @Override
        public long transportEndpointHandle() {
            return 0;
        }

        @Override
        public long parentEndpointHandle() {
            return 0;
        }

        @Override
        public @Nullable RedirectRecords redirectRecords() {
            return null;
        }

        @Override
        public long flowHandle() {
            return 0;
        }

        @Override
        public @Nullable CompletionHandle completionHandle() {
            return null;
        }

        @Override
        public int localRedirectTargetPid() {
            return 0;
        }

        @Override
        public @Nullable InetSocketAddress originalDestination() {
            return null;
        }
    };

    private static ActionType answerOf(ClassifyFn1 classifyFn, IncomingValues values) {
        ClassifyOut out = new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, ActionType.FWPS_RIGHT_ACTION_WRITE);
        FwpsFilter filter = FwpsFilter.of(1, "of the test", ActionType.FWP_ACTION_CALLOUT_TERMINATING);
        classifyFn.classify(values, NOTHING, null, new ClassifyContext() {}, filter, 0, out);
        return out.actionType();
    }

    @Test
    void classifyFn_isCalledWithValuesOfATest() {
        ClassifyFn1 noTelnet = (values, meta, data, context, filter, flow, out) -> {
            if (values.remotePort() == 23) {
                out.setActionType(ActionType.FWP_ACTION_BLOCK);
                out.clearWriteRight();
            }
        };

        assertThat(answerOf(noTelnet, Values.to(23))).isEqualTo(ActionType.FWP_ACTION_BLOCK);
        assertThat(answerOf(noTelnet, Values.to(80))).isEqualTo(ActionType.FWP_ACTION_CONTINUE);
    }

    @Test
    void valuesOfATest_areReadByFieldAsTheMachinesAre() {
        Values values = Values.to(443);

        assertThat(values.value(ConditionField.FWPM_CONDITION_IP_REMOTE_PORT)).isEqualTo(443);
        assertThat(values.value(ConditionField.FWPM_CONDITION_ALE_APP_ID)).isEqualTo(FwpByteBlob.ofText("c:\\app.exe"));
        assertThat(values.value(values.layer().indexOf(ConditionField.FWPM_CONDITION_IP_PROTOCOL)))
                .isEqualTo(IpProtocol.IPPROTO_TCP.code());
        assertThat(values.number(ConditionField.FWPM_CONDITION_ALE_APP_ID)).isEqualTo(IncomingValues.NO_NUMBER);
    }

    @Test
    void opaqueValuesOfATest_areRefusedByTheMachineWithTheReason() {
        try (WfpSim sim = WfpSim.open()) {
            Fwps fwps = sim.loadDriver("acme.sys").fwps();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fwps.fwpsAcquireClassifyHandle0(new ClassifyContext() {}, 0, Out.empty()))
                    .withMessageContaining("was not made by the simulator: hand on what classifyFn");
        }
    }
}
