package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a callout may change of a connect request, and what becomes of each change. */
@Timeout(20)
class ConnectRequestTest {

    private static RedirectBench bench(AddressFamily family, Consumer<Edit> edit) {
        return bench(family, SimOptions.defaults(), edit);
    }

    private static RedirectBench bench(AddressFamily family, SimOptions options, Consumer<Edit> edit) {
        RedirectBench bench = new RedirectBench(family, options);
        bench.atConnectRedirect(call -> bench.redirect(call, request -> edit.accept(new Edit(bench, request))));
        return bench;
    }

    private record Edit(RedirectBench bench, ConnectRequest request) {}

    private static List<Diagnostic> diagnostics(RedirectBench bench) {
        return bench.sim.verifier().diagnostics().stream()
                .map(finding -> finding.kind())
                .toList();
    }

    @Test
    @Spec("WFP-47")
    void requests_offerSettersForWhatMayChangeAndNoOthers() {
        assertThat(setters(ConnectRequest.class))
                .containsExactlyInAnyOrder(
                        "setRemoteAddressAndPort",
                        "setLocalAddressAndPort",
                        "setPortReservationToken",
                        "setLocalRedirectTargetPid",
                        "setLocalRedirectHandle",
                        "setLocalRedirectContext");
        assertThat(setters(BindRequest.class))
                .containsExactlyInAnyOrder("setLocalAddressAndPort", "setPortReservationToken");
    }

    private static List<String> setters(Class<?> type) {
        return Stream.of(type.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("set"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-47", "WFP-49"})
    void changedDestination_isWhatAuthConnectSees(AddressFamily family) {
        List<InetSocketAddress> authorized = new ArrayList<>();
        try (RedirectBench bench = bench(family, edit -> edit.bench().toProxy(edit.request()))) {
            bench.at(
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> authorized.add(call.values().remote()));

            bench.connect();
            bench.accept();

            assertThat(authorized).containsExactly(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-47")
    void changedBind_isWhatResourceAssignmentSees(AddressFamily family) throws Exception {
        List<InetSocketAddress> assigned = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            InetSocketAddress moved = new InetSocketAddress(IpAddress.loopback(family), 7777);
            bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                Out<Object> data = Out.empty();
                bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                        handle, call.filter().filterId(), 0, data, call.out());
                ((BindRequest) data.get()).setLocalAddressAndPort(moved);
                bench.fwps.fwpsApplyModifiedLayerData0(handle, data.get(), 0);
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
                call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
            });
            bench.at(
                    Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4,
                    call -> assigned.add(call.values().local()));

            SimSocket socket = bench.app.winsock().tcpSocket(family);
            socket.bind(new InetSocketAddress(IpAddress.loopback(family), 6666));

            assertThat(assigned).containsExactly(moved);
            assertThat(socket.localAddress()).isEqualTo(moved);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-47", "WFP-56"})
    void portReservationToken_isPassedAlongWithoutEffect(AddressFamily family) {
        List<Long> seen = new ArrayList<>();
        try (RedirectBench bench = bench(family, edit -> edit.request().setPortReservationToken(99))) {
            bench.atConnectRedirect(call -> bench.redirect(call, request -> seen.add(request.portReservationToken())));

            bench.connect();

            assertThat(seen).containsExactly(99L);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void request_afterApply_cannotBeChanged(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                List<ConnectRequest> kept = new ArrayList<>();
                bench.redirect(call, kept::add);

                assertThatIllegalStateException()
                        .isThrownBy(() -> kept.get(0).setLocalRedirectTargetPid(1))
                        .withMessageContaining("FwpsApplyModifiedLayerData0");
            });

            bench.connect();

            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-48")
    void changedSource_isDroppedWithAFault(AddressFamily family) throws Exception {
        try (RedirectBench bench =
                bench(family, edit -> edit.request().setLocalAddressAndPort(own(edit.bench(), family)))) {
            InetAddress local = bench.connect().localAddress().getAddress();

            assertThat(bench.faults()).containsExactly(Fault.LOCAL_ADDRESS_CHANGED_AT_CONNECT);
            assertThat(local).isEqualTo(firstAddress(bench, family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-48")
    void changedSource_withKnob_isHonouredForTcp(AddressFamily family) throws Exception {
        SimOptions options = SimOptions.defaults().with(Deviation.LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP);
        try (RedirectBench bench = bench(family, options, edit -> {
            edit.bench().toProxy(edit.request());
            edit.request().setLocalAddressAndPort(loopbackSource(family));
        })) {
            SimSocket client = bench.connect();

            assertThat(bench.faults()).isEmpty();
            assertThat(client.localAddress().getAddress())
                    .isEqualTo(loopbackSource(family).getAddress());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-48")
    void changedSource_ofAnotherMachine_isDroppedWithAFaultInSpiteOfTheKnob(AddressFamily family) throws Exception {
        SimOptions options = SimOptions.defaults().with(Deviation.LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP);
        try (RedirectBench bench = bench(
                family,
                options,
                edit -> edit.request().setLocalAddressAndPort(edit.bench().remote(7)))) {
            InetAddress local = bench.connect().localAddress().getAddress();

            assertThat(bench.faults()).containsExactly(Fault.LOCAL_ADDRESS_CHANGED_AT_CONNECT);
            assertThat(local).isEqualTo(firstAddress(bench, family));
        }
    }

    private static InetSocketAddress loopbackSource(AddressFamily family) {
        return new InetSocketAddress(IpAddress.loopback(family), 0);
    }

    private static InetSocketAddress own(RedirectBench bench, AddressFamily family) {
        return new InetSocketAddress(firstAddress(bench, family), 1234);
    }

    private static InetAddress firstAddress(RedirectBench bench, AddressFamily family) {
        return bench.sim.addresses().stream()
                .filter(address -> AddressFamily.of(address) == family)
                .findFirst()
                .orElseThrow();
    }

    /** One way to leave a local redirect incomplete. */
    private enum Incomplete {
        WITHOUT_PID("localRedirectTargetPID"),
        WITHOUT_HANDLE("localRedirectHandle"),
        WITH_DESTROYED_HANDLE("a live localRedirectHandle of this machine"),
        WITH_HANDLE_OF_ANOTHER_MACHINE("a live localRedirectHandle of this machine");

        private final String named;

        Incomplete(String named) {
            this.named = named;
        }

        void edit(Edit edit) {
            edit.bench().toProxy(edit.request());
            switch (this) {
                case WITHOUT_PID -> edit.request().setLocalRedirectTargetPid(0);
                case WITHOUT_HANDLE -> edit.request().setLocalRedirectHandle(null);
                case WITH_DESTROYED_HANDLE -> {
                    RedirectHandle gone = edit.bench().driver.createRedirectHandle(new UUID(8, 8));
                    edit.bench().fwps.fwpsRedirectHandleDestroy0(gone);
                    edit.request().setLocalRedirectHandle(gone);
                }
                case WITH_HANDLE_OF_ANOTHER_MACHINE -> {
                    try (RedirectBench other = new RedirectBench(AddressFamily.AF_INET)) {
                        edit.request().setLocalRedirectHandle(other.handle);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Incomplete.class)
    @Spec({"WFP-49", "WFP-50"})
    void incompleteLocalRedirect_isDenied_andNamesTheField(Incomplete incomplete) {
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectBench bench = bench(family, incomplete::edit)) {
                assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
                assertThat(bench.faults()).containsExactly(Fault.INCOMPLETE_LOCAL_REDIRECT);
                assertThat(bench.sim.verifier().violations().get(0).detail()).endsWith("without " + incomplete.named);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Incomplete.class)
    @Spec("WFP-50")
    void incompleteLocalRedirect_withKnob_goesOnToTheFirstDestination(Incomplete incomplete) {
        SimOptions lax = SimOptions.defaults().with(Deviation.INCOMPLETE_LOCAL_REDIRECT_DISCARDED);
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectBench bench = bench(family, lax, incomplete::edit)) {
                bench.connect();

                assertThat(bench.destination()).isEqualTo(bench.origin);
                assertThat(bench.faults()).containsExactly(Fault.INCOMPLETE_LOCAL_REDIRECT);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-49")
    void localRedirect_onWindows7_needsNoHandle(AddressFamily family) {
        SimOptions old = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7);
        try (RedirectBench bench = bench(family, old, Incomplete.WITHOUT_HANDLE::edit)) {
            bench.connect();
            bench.accept();

            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-49")
    void localRedirect_toAnAddressOfTheHost_isLocalToo(AddressFamily family) throws Exception {
        try (RedirectBench bench = bench(family, edit -> {
            edit.bench().toProxy(edit.request());
            edit.request().setRemoteAddressAndPort(own(edit.bench(), family));
        })) {
            SimSocket second = bench.proxy
                    .winsock()
                    .tcpSocket(family)
                    .bind(own(bench, family))
                    .listen();
            bench.connect();

            assertThat(second.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-51")
    void targetThatIsNoProcess_isDiagnosedAndTakesEffect(AddressFamily family) {
        try (RedirectBench bench = bench(family, edit -> {
            edit.bench().toProxy(edit.request());
            edit.request().setLocalRedirectTargetPid(987_654);
        })) {
            bench.connect();

            assertThat(diagnostics(bench)).containsExactly(Diagnostic.UNKNOWN_REDIRECT_TARGET);
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-52")
    void changedFamily_isDroppedWithAFault(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        try (RedirectBench bench = bench(family, edit -> {
            edit.bench().toProxy(edit.request());
            edit.request().setRemoteAddressAndPort(new InetSocketAddress(IpAddress.loopback(other), 8080));
        })) {
            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.ADDRESS_FAMILY_CHANGED);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-52")
    void sourceOfAnotherFamily_isDroppedWithAFaultWhereSourcesMayChange(AddressFamily family) {
        AddressFamily other = family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
        SimOptions options = SimOptions.defaults().with(Deviation.LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP);
        try (RedirectBench bench =
                bench(family, options, edit -> edit.request().setLocalAddressAndPort(loopbackSource(other)))) {
            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.ADDRESS_FAMILY_CHANGED);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-17")
    void targetPid_survivesALaterCalloutThatChangesSomethingElse(AddressFamily family) {
        List<Integer> pids = new ArrayList<>();
        try (RedirectBench bench = bench(family, edit -> edit.bench().toProxy(edit.request()))) {
            bench.atConnectRedirect(call -> bench.redirect(call, request -> request.setPortReservationToken(7)));
            bench.at(
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> pids.add(call.meta().localRedirectTargetPid()));

            bench.connect();

            assertThat(pids).containsExactly(bench.proxy.id());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-17", "REC-35"})
    void targetPid_writtenByALaterCalloutThatDoesNotRedirect_isNoTarget(AddressFamily family) throws Exception {
        List<Integer> pids = new ArrayList<>();
        try (RedirectBench bench = bench(family, edit -> edit.bench().toProxy(edit.request()))) {
            bench.atConnectRedirect(
                    call -> bench.redirect(call, request -> request.setLocalRedirectTargetPid(bench.app.id())));
            bench.at(
                    Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4,
                    call -> pids.add(call.meta().localRedirectTargetPid()));

            bench.connect();

            assertThat(pids).containsExactly(bench.proxy.id());
            assertThat(bench.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-53")
    void redirectToLoopback_fromASocketBoundElsewhere_fails(AddressFamily family) throws Exception {
        try (RedirectBench bench = bench(family, edit -> edit.bench().toProxy(edit.request()))) {
            SimSocket socket = bench.app.winsock().tcpSocket(family).bind(own(bench, family));

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.connect(bench.origin))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-53")
    void redirectAwayFromLoopback_fromASocketBoundThere_fails(AddressFamily family) throws Exception {
        try (RedirectBench bench = bench(family, edit -> edit.request().setRemoteAddressAndPort(edit.bench().origin))) {
            SimSocket socket = bench.app.winsock().tcpSocket(family).bind(loopbackSource(family));

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(() -> socket.connect(bench.proxyAddress))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEADDRNOTAVAIL));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-57")
    void blockAtTheRedirectLayer_doesNotStopTheConnectionAndIsAFault(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.BLOCK_AT_REDIRECT_LAYER);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-57")
    void failurePathOfTheSample_blocksButLeavesNoOtherFault(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                ClassifyHandle handle = bench.acquireHandle(call);
                ConnectRequest request = bench.acquireRequest(call, handle);
                call.out().setActionType(ActionType.FWP_ACTION_BLOCK);
                call.out().setRights(ActionType.FWPS_RIGHT_ACTION_WRITE);
                bench.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
                bench.fwps.fwpsReleaseClassifyHandle0(handle);
            });

            bench.connect();

            assertThat(bench.faults()).containsExactly(Fault.BLOCK_AT_REDIRECT_LAYER);
            assertThat(bench.destination()).isEqualTo(bench.origin);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-57")
    void blockAtTheRedirectLayer_withKnob_stopsTheConnection(AddressFamily family) {
        SimOptions enforcing = SimOptions.defaults().with(Deviation.REDIRECT_LAYER_BLOCK_ENFORCED);
        try (RedirectBench bench = new RedirectBench(family, enforcing)) {
            bench.atConnectRedirect(call -> call.out().setActionType(ActionType.FWP_ACTION_BLOCK));

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
            assertThat(bench.faults()).isEmpty();
        }
    }
}
