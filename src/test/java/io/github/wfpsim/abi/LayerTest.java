package io.github.wfpsim.abi;

import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_LISTEN_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V6;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4;
import static io.github.wfpsim.abi.Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class LayerTest {

    private static Stream<Layer> v4() {
        return Arrays.stream(Layer.values()).filter(layer -> layer.family() == AddressFamily.AF_INET);
    }

    @ParameterizedTest
    @EnumSource
    void withFamily_ofEitherFamily_isTheSameLayerForIt(Layer layer) {
        Layer v4 = layer.withFamily(AddressFamily.AF_INET);
        Layer v6 = layer.withFamily(AddressFamily.AF_INET6);

        assertThat(v4.name()).endsWith("_V4");
        assertThat(v6.name()).isEqualTo(v4.name().replace("_V4", "_V6"));
        assertThat(layer).isIn(v4, v6);
        assertThat(layer.family()).isEqualTo(layer == v4 ? AddressFamily.AF_INET : AddressFamily.AF_INET6);
    }

    @ParameterizedTest
    @EnumSource
    void twins_offerTheSameFieldsAndMetadata(Layer layer) {
        Layer twin = layer.withFamily(
                layer.family() == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET);

        assertThat(twin).isNotEqualTo(layer);
        assertThat(twin.fields()).isEqualTo(layer.fields());
        assertThat(twin.metadata()).isEqualTo(layer.metadata());
    }

    @Test
    void isRedirectLayer_holdsForConnectAndBindRedirectOnly() {
        assertThat(v4().filter(Layer::isRedirectLayer))
                .containsExactlyInAnyOrder(FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, FWPS_LAYER_ALE_BIND_REDIRECT_V4);
        assertThat(FWPS_LAYER_ALE_CONNECT_REDIRECT_V6.isRedirectLayer()).isTrue();
    }

    @Test
    void isAuthorizationLayer_holdsForTheThreeAuthLayersOnly() {
        assertThat(v4().filter(Layer::isAuthorizationLayer))
                .containsExactlyInAnyOrder(
                        FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        FWPS_LAYER_ALE_AUTH_LISTEN_V4,
                        FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4);
    }

    @ParameterizedTest
    @EnumSource
    void fieldsAndIndexOf_areTheInverseOfEachOther(Layer layer) {
        Set<ConditionField> offered = EnumSet.noneOf(ConditionField.class);
        for (int index = 0; index < layer.fields().size(); index++) {
            ConditionField field = layer.fields().get(index);
            if (field != null) {
                offered.add(field);
                assertThat(layer.indexOf(field)).isEqualTo(index);
            }
        }
        assertThat(EnumSet.complementOf(EnumSet.copyOf(offered)))
                .allSatisfy(field -> assertThat(layer.indexOf(field)).isEqualTo(-1));
    }

    @Test
    void fieldsAndMetadata_cannotBeChanged() {
        assertThatThrownBy(() -> FWPS_LAYER_ALE_AUTH_CONNECT_V4.fields().set(0, null))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> FWPS_LAYER_ALE_AUTH_CONNECT_V4.metadata().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void originalAppId_isOfferedAtConnectRedirectAuthConnectAndFlowEstablishedOnly() {
        assertThat(v4().filter(layer -> layer.indexOf(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID) >= 0))
                .containsExactlyInAnyOrder(
                        FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                        FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                        FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4);
    }

    @ParameterizedTest
    @EnumSource
    void flagsAndPackage_areOfferedEverywhere(Layer layer) {
        assertThat(layer.indexOf(ConditionField.FWPM_CONDITION_FLAGS)).isNotNegative();
        assertThat(layer.indexOf(ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID)).isNotNegative();
    }

    // Bits without the prefix FWPS_METADATA_FIELD_, as the page "Metadata Fields at Each Filtering Layer" lists them.
    @ParameterizedTest
    @CsvSource({
        "ALE_CONNECT_REDIRECT, 'TOKEN PROCESS_ID TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE ICMP_ID_AND_SEQUENCE"
                + " LOCAL_REDIRECT_TARGET_PID REDIRECT_RECORD_HANDLE SUB_PROCESS_TAG'",
        "ALE_BIND_REDIRECT,"
                + " 'TOKEN PROCESS_ID TRANSPORT_ENDPOINT_HANDLE LOCAL_REDIRECT_TARGET_PID SUB_PROCESS_TAG'",
        "ALE_ENDPOINT_CLOSURE," + " 'TOKEN PROCESS_ID COMPARTMENT_ID TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
        "ALE_AUTH_CONNECT, 'TOKEN PROCESS_ID COMPARTMENT_ID COMPLETION_HANDLE TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE"
                + " LOCAL_REDIRECT_TARGET_PID ORIGINAL_DESTINATION SUB_PROCESS_TAG'",
        "ALE_FLOW_ESTABLISHED," + " 'FLOW_HANDLE TOKEN PROCESS_ID TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
        "ALE_RESOURCE_ASSIGNMENT, 'TOKEN PROCESS_ID COMPLETION_HANDLE TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
        "ALE_AUTH_LISTEN, 'TOKEN PROCESS_ID COMPLETION_HANDLE TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
        "ALE_AUTH_RECV_ACCEPT, 'TOKEN PROCESS_ID COMPLETION_HANDLE TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
        "ALE_RESOURCE_RELEASE, 'TOKEN PROCESS_ID TRANSPORT_ENDPOINT_HANDLE PARENT_ENDPOINT_HANDLE'",
    })
    void metadata_isTheDocumentedSetOfBits(String name, String bits) {
        assertThat(Layer.valueOf("FWPS_LAYER_" + name + "_V4").metadata())
                .extracting(field -> field.name().replace("FWPS_METADATA_FIELD_", ""))
                .containsExactlyInAnyOrder(bits.split(" "));
    }

    @Test
    void fromKey_ofAnUnknownGuid_isEmpty() {
        assertThat(Layer.fromKey(new UUID(0, 0))).isEmpty();
        assertThat(Layer.fromKey(ConditionField.FWPM_CONDITION_FLAGS.key())).isEmpty();
        assertThat(ConditionField.fromKey(FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4.key()))
                .isEmpty();
    }
}
