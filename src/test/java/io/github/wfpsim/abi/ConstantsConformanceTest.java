package io.github.wfpsim.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.irp.IoStackLocation;
import io.github.wfpsim.wfp.FwpmFilterEnumTemplate;
import io.github.wfpsim.wfp.FwpmSubscription;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import io.github.wfpsim.winsock.WsaPollFd;
import io.github.wfpsim.winsock.Wsaid;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every number of this package against the table of constants, in both directions. */
final class ConstantsConformanceTest {

    private static final ConstantsTable TABLE = ConstantsTable.load();

    /** Names of the table that share their number with the constant on the right. */
    private static final Map<String, String> ALIASES = Map.of(
            "ERROR_OPERATION_ABORTED", "WSA_OPERATION_ABORTED",
            "ERROR_IO_INCOMPLETE", "WSA_IO_INCOMPLETE",
            "ERROR_IO_PENDING", "WSA_IO_PENDING");

    private static <E extends Enum<E>> Stream<Arguments> rows(E[] constants, ToIntFunction<E> code) {
        return Arrays.stream(constants).map(constant -> arguments(constant, code.applyAsInt(constant)));
    }

    static Stream<Arguments> everyConstant() {
        return Stream.of(
                        rows(NtStatus.values(), NtStatus::code),
                        rows(Win32Error.values(), Win32Error::code),
                        rows(ControlCode.values(), ControlCode::code),
                        rows(Layer.values(), Layer::id),
                        rows(ActionType.values(), ActionType::code),
                        rows(RedirectState.values(), RedirectState::code),
                        rows(MatchType.values(), MatchType::code),
                        rows(MetadataField.values(), MetadataField::code),
                        rows(ConditionFlag.values(), ConditionFlag::code),
                        rows(FilterFlag.values(), FilterFlag::code),
                        rows(CalloutFlag.values(), CalloutFlag::code),
                        rows(Irql.values(), Irql::code),
                        rows(AddressFamily.values(), AddressFamily::code),
                        rows(SocketType.values(), SocketType::code),
                        rows(IpProtocol.values(), IpProtocol::code),
                        rows(ShutdownHow.values(), ShutdownHow::code),
                        rows(ReauthorizeReason.values(), ReauthorizeReason::code),
                        rows(NotifyType.values(), NotifyType::code),
                        rows(ChangeType.values(), ChangeType::code),
                        rows(FilterEnumType.values(), FilterEnumType::code),
                        rows(AncillaryType.values(), AncillaryType::code))
                .flatMap(rows -> rows);
    }

    @ParameterizedTest
    @MethodSource("everyConstant")
    void constant_hasTheNumberOfTheTable(Enum<?> constant, int code) {
        assertThat(TABLE.has(constant.name())).as("row for %s", constant).isTrue();
        assertThat(code).isEqualTo(TABLE.number(constant.name()));
    }

    static Stream<Arguments> everyIntField() {
        return Stream.of(
                        ControlCode.class,
                        ActionType.class,
                        IoStackLocation.class,
                        Winsock.class,
                        WsaNetworkEvents.class,
                        WsaMsg.class,
                        WsaPollFd.class,
                        FdSet.class,
                        FwpmFilterEnumTemplate.class,
                        FwpmSubscription.class,
                        FwpsFilter.class)
                .flatMap(type -> Arrays.stream(type.getFields()))
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == int.class)
                .map(field -> arguments(field.getName(), field));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyIntField")
    void buildingBlock_hasTheNumberOfTheTable(String name, Field field) throws IllegalAccessException {
        assertThat(field.getInt(null)).isEqualTo(TABLE.number(name));
    }

    @Test
    void buildingBlocks_areAllHere() {
        assertThat(everyIntField().map(row -> (String) row.get()[0]))
                .containsAll(TABLE.names("IOC_"))
                .containsAll(TABLE.names("FWP_ACTION_FLAG_"))
                .containsAll(TABLE.names("SL_"))
                .containsAll(TABLE.names("FWP_FILTER_ENUM_FLAG_"))
                .containsAll(TABLE.names("FWPM_SUBSCRIPTION_FLAG_"))
                .contains("FWPS_RIGHT_ACTION_WRITE");
    }

    static Stream<Arguments> everyLookUp() {
        return Stream.of(
                lookUp("STATUS_", NtStatus::fromCode),
                lookUp("ERROR_", Win32Error::fromCode),
                lookUp("NO_ERROR", Win32Error::fromCode),
                lookUp("WSA_I", Win32Error::fromCode),
                lookUp("WSA_OPERATION", Win32Error::fromCode),
                lookUp("WSAE", Win32Error::fromCode),
                lookUp("WSANOT", Win32Error::fromCode),
                lookUp("WSAVER", Win32Error::fromCode),
                lookUp("FWP_E_", Win32Error::fromCode),
                lookUp("SIO_", ControlCode::fromCode),
                lookUp("FIONBIO", ControlCode::fromCode),
                lookUp("FWPS_LAYER_", Layer::fromCode),
                lookUp("FWP_ACTION_", ActionType::fromCode),
                lookUp("FWPS_CONNECTION_", RedirectState::fromCode),
                lookUp("FWP_MATCH_", MatchType::fromCode),
                lookUp("FWPS_METADATA_FIELD_", MetadataField::fromCode),
                lookUp("FWP_CONDITION_FLAG_", ConditionFlag::fromCode),
                lookUp("FWPM_FILTER_FLAG_", FilterFlag::fromCode),
                lookUp("FWPM_CALLOUT_FLAG_", CalloutFlag::fromCode),
                lookUp("PASSIVE_", Irql::fromCode),
                lookUp("APC_", Irql::fromCode),
                lookUp("DISPATCH_", Irql::fromCode),
                lookUp("AF_", AddressFamily::fromCode),
                lookUp("SOCK_", SocketType::fromCode),
                lookUp("IPPROTO_", IpProtocol::fromCode),
                lookUp("SD_", ShutdownHow::fromCode),
                lookUp("FWP_CONDITION_REAUTHORIZE_REASON_", ReauthorizeReason::fromCode),
                lookUp("FWPM_CHANGE_", ChangeType::fromCode),
                lookUp("FWP_FILTER_ENUM_FULLY", FilterEnumType::fromCode),
                lookUp("FWP_FILTER_ENUM_OVERLAPPING", FilterEnumType::fromCode),
                lookUp("FWPS_CALLOUT_NOTIFY_", NotifyType::fromCode));
    }

    private static <E extends Enum<E>> Arguments lookUp(String prefix, IntFunction<Optional<E>> fromCode) {
        return arguments(prefix, fromCode);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyLookUp")
    void fromCode_forEveryRowOfTheTable_findsItsConstant(String prefix, IntFunction<Optional<Enum<?>>> fromCode) {
        List<String> rows = TABLE.names(prefix).stream()
                .filter(name -> !name.startsWith("FWP_ACTION_FLAG_"))
                .toList();
        assertThat(rows)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(fromCode.apply(TABLE.number(name)))
                        .map(Enum::name)
                        .contains(ALIASES.getOrDefault(name, name)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyLookUp")
    void fromCode_ofAnyNumber_neverThrowsAndNeverInvents(String prefix, IntFunction<Optional<Enum<?>>> fromCode) {
        assertThat(fromCode.apply(0x7EADBEEF)).isEmpty();
        IntStream everySort = IntStream.concat(
                IntStream.of(Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1), IntStream.range(-70_000, 70_000));
        everySort.forEach(code -> fromCode.apply(code)
                .ifPresent(constant -> assertThat(TABLE.number(constant.name())).isEqualTo(code)));
    }

    @ParameterizedTest
    @MethodSource("everyLayer")
    void layer_hasTheKeyOfTheTableAndIsFoundByIt(Layer layer) {
        String managementName = layer.name().replace("FWPS_LAYER_", "FWPM_LAYER_");

        assertThat(layer.key()).hasToString(TABLE.text(managementName));
        assertThat(Layer.fromKey(layer.key())).contains(layer);
    }

    static Stream<Layer> everyLayer() {
        return Arrays.stream(Layer.values());
    }

    @ParameterizedTest
    @MethodSource("everyField")
    void conditionField_hasTheKeyOfTheTableAndIsFoundByIt(ConditionField field) {
        assertThat(field.key()).hasToString(TABLE.text(field.name()));
        assertThat(ConditionField.fromKey(field.key())).contains(field);
    }

    static Stream<ConditionField> everyField() {
        return Arrays.stream(ConditionField.values());
    }

    @ParameterizedTest
    @EnumSource(Wsaid.class)
    void extensionFunction_hasTheGuidOfTheTable(Wsaid function) {
        assertThat(function.guid()).hasToString(TABLE.text(function.name()));
    }

    @Test
    void conditionFields_areAllHere() {
        assertThat(everyField().map(Enum::name)).containsExactlyInAnyOrderElementsOf(TABLE.names("FWPM_CONDITION_"));
    }

    @ParameterizedTest
    @MethodSource("everyLayer")
    void layer_offersItsFieldsAtTheIndicesOfTheTable(Layer layer) {
        String prefix = layer.name().replace("FWPS_LAYER_", "FWPS_FIELD_") + "_";

        for (ConditionField field : ConditionField.values()) {
            String row = prefix + field.name().replace("FWPM_CONDITION_", "");
            int expected = TABLE.has(row) ? TABLE.number(row) : -1;
            assertThat(layer.indexOf(field)).as(row).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FWPS_FIELD_ALE_CONNECT_REDIRECT_V4_", "FWPS_FIELD_ALE_BIND_REDIRECT_V6_"})
    void redirectLayer_hasAsManyFixedValuesAsTheTable(String prefix) {
        Layer layer = everyLayer()
                .filter(it -> prefix.equals(it.name().replace("FWPS_LAYER_", "FWPS_FIELD_") + "_"))
                .findFirst()
                .orElseThrow();

        assertThat(layer.fields()).hasSameSizeAs(TABLE.names(prefix));
    }
}
