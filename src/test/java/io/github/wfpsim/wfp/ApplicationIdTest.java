package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Finding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Application ids, and conditions that do not say what was meant. */
@Timeout(20)
class ApplicationIdTest {

    private static final ConditionField APP = ConditionField.FWPM_CONDITION_ALE_APP_ID;
    private static final Layer AUTH = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    @ParameterizedTest
    @CsvSource({
        "C:\\App.exe, \\device\\harddiskvolume3\\app.exe",
        "c:/Apps/App.exe, \\device\\harddiskvolume3\\apps\\app.exe",
        "\\\\?\\C:\\App.exe, \\device\\harddiskvolume3\\app.exe",
        "D:\\App.exe, \\device\\harddiskvolume7\\app.exe",
        "\\\\Server\\Share\\App.exe, \\device\\mup\\server\\share\\app.exe",
        "\\\\?\\UNC\\Server\\Share\\App.exe, \\device\\mup\\server\\share\\app.exe",
        "\\\\.\\C:\\App.exe, \\device\\harddiskvolume3\\app.exe",
        "\\Device\\HarddiskVolume1\\App.exe, \\device\\harddiskvolume1\\app.exe"
    })
    @Spec("WFP-12")
    void appIdOfAFile_isItsLowerCaseDevicePathWithANull(String fileName, String path) {
        try (WfpSim sim = WfpSim.open(SimOptions.defaults().hardDiskVolume('d', 7))) {
            byte[] expected = (path + "\0").getBytes(StandardCharsets.UTF_16LE);

            assertThat(sim.fwpm().appIdOf(fileName).toByteArray()).isEqualTo(expected);
            assertThat(sim.process(fileName, Token.STANDARD_USER).appId())
                    .as("of a process")
                    .isEqualTo(path);
        }
    }

    @Test
    @Spec("WFP-12")
    void nameWithoutAPath_isNoFile_andSystemHasNone() {
        try (WfpSim sim = WfpSim.open()) {
            for (String name : List.of("", "app.exe", "System", "..\\app.exe", "C:app.exe")) {
                Out<FwpByteBlob> appId = Out.empty();

                assertThat(sim.fwpm().fwpmGetAppIdFromFileName0(name, appId))
                        .isEqualTo(Win32Error.ERROR_FILE_NOT_FOUND);
                assertThat(appId.get()).isNull();
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> sim.fwpm().appIdOf(name))
                        .withMessageContaining("full path");
            }
            assertThat(sim.system().appId()).isEqualTo("System");
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-12", "WFP-21"})
    void conditions_matchByBlobAndByFileName_andCalloutsReadTheBlob(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            List<Object> seen = new ArrayList<>();
            Layer layer = AUTH.withFamily(family);
            bench.at(AUTH, call -> {
                seen.add(call.values().value(layer.indexOf(APP)));
                seen.add(call.values().value(ConditionField.FWPM_CONDITION_ALE_ORIGINAL_APP_ID));
            });
            for (FilterCondition condition : List.of(
                    FilterCondition.appId("C:\\APP.exe"),
                    FilterCondition.originalAppId("c:\\app.exe"),
                    FilterCondition.appId(bench.sim.fwpm().appIdOf("C:\\App.exe")))) {
                long id = bench.sim
                        .fwpm()
                        .addFilter(Filter.at(layer).when(condition).block());
                assertThat(bench.failToConnect()).as("%s", condition).isEqualTo(Win32Error.WSAEACCES);
                bench.sim.fwpm().fwpmFilterDeleteById0(id);
            }
            bench.connect();

            assertThat(seen).containsOnly(FwpByteBlob.ofText("\\device\\harddiskvolume3\\app.exe"));
            assertThat(bench.sim.verifier().diagnostics()).isEmpty();
            bench.unregisterAll();
        }
    }

    @Test
    @Spec("WFP-12")
    void twoMachines_mayHaveADriveOnDifferentVolumes() {
        try (WfpSim one = WfpSim.open();
                WfpSim other = WfpSim.open(SimOptions.defaults().hardDiskVolume('C', 5))) {
            SimProcess app = other.app("app.exe");

            assertThat(one.app("app.exe").appId()).isEqualTo("\\device\\harddiskvolume3\\apps\\app.exe");
            assertThat(app.appId()).isEqualTo("\\device\\harddiskvolume5\\apps\\app.exe");
            assertThat(other.options().hardDiskVolume('c')).isEqualTo(5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SimOptions.defaults().hardDiskVolume('1'))
                    .withMessageContaining("letter");
        }
    }

    static List<Arguments> misunderstood() {
        FwpByteBlob bare = FwpByteBlob.of("\\device\\app.exe".getBytes(StandardCharsets.UTF_16LE));
        FwpByteBlob utf8 = FwpByteBlob.of("\\device\\app.exe\0".getBytes(StandardCharsets.UTF_8));
        ConditionField port = ConditionField.FWPM_CONDITION_IP_REMOTE_PORT;
        int redirected = ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
        int proxied = ConditionFlag.FWP_CONDITION_FLAG_IS_PROXY_CONNECTION.code();
        return List.of(
                Arguments.of(AUTH, equal(APP, FwpByteBlob.ofText("c:\\app.exe")), "DOS path"),
                Arguments.of(AUTH, equal(APP, FwpByteBlob.ofText("\\Device\\App.exe")), "lower case"),
                Arguments.of(AUTH, equal(APP, bare), "ends with a null"),
                Arguments.of(AUTH, equal(APP, utf8), "ends with a null"),
                Arguments.of(AUTH, equal(APP, "c:\\app.exe"), "FWP_E_TYPE_MISMATCH"),
                Arguments.of(
                        AUTH,
                        equal(
                                ConditionField.FWPM_CONDITION_IP_REMOTE_ADDRESS,
                                IpAddress.loopback(AddressFamily.AF_INET6)),
                        "of AF_INET at"),
                Arguments.of(AUTH, equal(ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID, "acme"), "S-1-"),
                Arguments.of(AUTH, equal(port, 65_536), "16 bits"),
                Arguments.of(AUTH, equal(ConditionField.FWPM_CONDITION_IP_PROTOCOL, 256), "8 bits"),
                Arguments.of(
                        Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                        FilterCondition.flagsAllSet(redirected),
                        "AUTH_CONNECT only"),
                Arguments.of(
                        Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4,
                        FilterCondition.flagsAllSet(proxied),
                        "IS_PROXY_CONNECTION"));
    }

    private static FilterCondition equal(ConditionField field, Object value) {
        return new FilterCondition(field, MatchType.FWP_MATCH_EQUAL, value);
    }

    @ParameterizedTest
    @MethodSource("misunderstood")
    @Spec("WFP-93")
    void conditionThatNoConnectionMeetsAsItWasWritten_isTold(Layer layer, FilterCondition condition, String why) {
        try (WfpSim sim = WfpSim.open()) {
            sim.fwpm().fwpmFilterAdd0(Filter.at(layer).when(condition).permit(), null);

            assertThat(sim.verifier().diagnostics()).singleElement().satisfies(found -> {
                assertThat(found.kind()).isEqualTo(Diagnostic.CONDITION_NEVER_MATCHES);
                assertThat(found.detail()).contains(why);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"20480, 80", "47873, 443", "36895, 8080", "13568, 53"})
    @Spec("WFP-93")
    void portWithItsBytesSwapped_isTold(int port, String meant) {
        try (WfpSim sim = WfpSim.open()) {
            sim.fwpm()
                    .addFilter(Filter.at(AUTH)
                            .when(FilterCondition.remotePort(port))
                            .permit());

            assertThat(sim.verifier().diagnostics()).singleElement().satisfies(found -> {
                assertThat(found.kind()).isEqualTo(Diagnostic.PORT_LOOKS_SWAPPED);
                assertThat(found.detail()).contains("which is " + meant + " ");
            });
        }
    }

    @Test
    @Spec("WFP-93")
    void conditionsThatSomeConnectionMeets_areNotTold() {
        try (WfpSim sim = WfpSim.open()) {
            int redirected = ConditionFlag.FWP_CONDITION_FLAG_IS_CONNECTION_REDIRECTED.code();
            sim.fwpm()
                    .addFilter(Filter.at(AUTH)
                            .when(FilterCondition.appId("C:\\App.exe"))
                            .when(FilterCondition.remotePort(80))
                            .when(FilterCondition.remotePort(12_345))
                            .when(FilterCondition.flagsAllSet(redirected))
                            .when(equal(ConditionField.FWPM_CONDITION_ALE_PACKAGE_ID, "S-1-15-2-1"))
                            .permit());
            sim.fwpm()
                    .addFilter(Filter.at(AUTH)
                            .when(equal(APP, FwpByteBlob.ofText("System")))
                            .permit());

            assertThat(sim.verifier().diagnostics()).extracting(Finding::kind).isEmpty();
        }
    }
}
