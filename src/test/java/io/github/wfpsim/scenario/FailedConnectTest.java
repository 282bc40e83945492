package io.github.wfpsim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.fabric.Fabric;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.wfp.BindRequest;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connect that fails leaves nothing behind: the socket can be used again and the table is as before. */
@Timeout(20)
class FailedConnectTest {

    private static final int SOURCE_PORT = 5000;

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    private static InetAddress ownAddress(WfpSim sim, AddressFamily family) {
        return sim.addresses().stream()
                .filter(address -> AddressFamily.of(address) == family && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow();
    }

    private static void assertRefused(SimSocket socket, InetSocketAddress to) {
        assertThatExceptionOfType(WinsockException.class)
                .isThrownBy(() -> socket.connect(to))
                .satisfies(e -> assertThat(e.error())
                        .isIn(Win32Error.WSAECONNREFUSED, Win32Error.WSAENETUNREACH, Win32Error.WSAEHOSTUNREACH));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_refusedOnce_canBeTriedAgain(AddressFamily family) throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            SimSocket socket = app(sim).winsock().tcpSocket(family);
            List<ConnectionSnapshot> before = sim.connections();

            assertRefused(socket, Vendor.origin(family));

            assertThat(sim.connections()).isEqualTo(before);
            sim.network().listen(Vendor.origin(family));
            socket.connect(Vendor.origin(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-47")
    void connect_refusedAfterTheSourceWasChangedByACallout_canBeTriedAgain(AddressFamily family) throws Exception {
        List<InetSocketAddress> assigned = new ArrayList<>();
        try (WfpSim sim = WfpSim.open();
                CalloutRegistration pin = pinSource(sim.loadDriver("pin.sys"), sim, family);
                CalloutRegistration watch = watchAssignment(sim, family, assigned)) {
            SimSocket socket = app(sim).winsock().tcpSocket(family);
            List<ConnectionSnapshot> before = sim.connections();

            assertRefused(socket, Vendor.origin(family));

            assertThat(assigned).containsExactly(new InetSocketAddress(ownAddress(sim, family), SOURCE_PORT));
            assertThat(sim.connections()).isEqualTo(before);
            sim.network().listen(Vendor.origin(family));
            assertThat(socket.connect(Vendor.origin(family)).localAddress())
                    .isEqualTo(new InetSocketAddress(ownAddress(sim, family), SOURCE_PORT));
        }
    }

    private static CalloutRegistration watchAssignment(
            WfpSim sim, AddressFamily family, List<InetSocketAddress> assigned) {
        UUID key = new UUID(5, 5);
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_RESOURCE_ASSIGNMENT_V4.withFamily(family))
                        .callout(key));
        return sim.loadDriver("watch.sys")
                .registerCallout(key, (values, meta, data, context, filter, flow, out) -> assigned.add(values.local()));
    }

    private static CalloutRegistration pinSource(KernelDriver driver, WfpSim sim, AddressFamily family) {
        UUID key = new UUID(4, 4);
        InetSocketAddress source = new InetSocketAddress(ownAddress(sim, family), SOURCE_PORT);
        CalloutRegistration callout = driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            Out<ClassifyHandle> handle = Out.empty();
            Out<Object> request = Out.empty();
            driver.fwps().fwpsAcquireClassifyHandle0(context, 0, handle);
            ClassifyHandle acquired = Objects.requireNonNull(handle.get());
            driver.fwps().fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, request, out);
            BindRequest bind = (BindRequest) Objects.requireNonNull(request.get());
            bind.setLocalAddressAndPort(source);
            driver.fwps().fwpsApplyModifiedLayerData0(acquired, bind, 0);
            driver.fwps().fwpsReleaseClassifyHandle0(acquired);
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
        });
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4.withFamily(family))
                        .callout(key));
        return callout;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_whenTheFarMachineThrows_leavesTheSocketUsable(AddressFamily family) throws Exception {
        InetAddress far = Vendor.origin(family).getAddress();
        try (WfpSim sim = WfpSim.open()) {
            ((Fabric) sim.network()).attach(far, (tuple, dialer) -> {
                throw new IllegalStateException("the far machine is broken");
            });
            SimSocket socket = app(sim).winsock().tcpSocket(family);
            List<ConnectionSnapshot> before = sim.connections();

            assertThatIllegalStateException().isThrownBy(() -> socket.connect(Vendor.origin(family)));

            assertThat(sim.connections()).isEqualTo(before);
            ((Fabric) sim.network()).detach(far);
            sim.network().listen(Vendor.origin(family));
            socket.connect(Vendor.origin(family));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void connect_fromTheSamePortOfTwoAddresses_isTwoConnections(AddressFamily family) throws Exception {
        String prefix = family == AddressFamily.AF_INET ? "192.0.2." : "2001:db8::";
        InetAddress own = InetAddress.getByName(prefix + 7);
        InetAddress other = InetAddress.getByName(prefix + 8);
        try (WfpSim sim = WfpSim.builder().address(own).address(other).open()) {
            sim.network().listen(Vendor.origin(family));
            for (InetAddress source : List.of(own, other)) {
                SimSocket socket = app(sim).winsock().tcpSocket(family);
                socket.bind(new InetSocketAddress(source, SOURCE_PORT));
                assertThat(socket.connect(Vendor.origin(family)).localAddress().getAddress())
                        .isEqualTo(source);
            }
        }
    }
}
