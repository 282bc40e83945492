package io.github.wfpsim.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a redirect service notices about the blob that it moves. */
@Timeout(20)
class RecordsTest {

    private static final int USUAL_FIRST_BUFFER = 1024;

    private static SimSocket connect(SimProcess app, InetSocketAddress to) throws IOException {
        SimSocket socket = app.winsock().tcpSocket(AddressFamily.of(to.getAddress()));
        socket.connect(to);
        return socket;
    }

    private static SimProcess app(WfpSim sim) {
        return sim.process("C:\\app.exe", Token.STANDARD_USER);
    }

    /** Lets the flow pass through so many vendors, and returns the blob that each of them read. */
    private static List<byte[]> blobsAlongAChainOf(int vendors, WfpSim sim, AddressFamily family) throws IOException {
        InetSocketAddress origin = Vendor.origin(family);
        List<Vendor> chain = new ArrayList<>();
        for (int i = 0; i < vendors; i++) {
            chain.add(new Vendor(sim, family, "vendor" + i, 9000 - i).redirecting());
        }
        sim.network().listen(origin);
        connect(app(sim), origin);
        List<byte[]> blobs = new ArrayList<>();
        for (Vendor vendor : chain) {
            SimSocket accepted = vendor.listener.accept();
            blobs.add(accepted.queryRedirectRecords().orElseThrow());
            vendor.onward(accepted, origin);
        }
        chain.forEach(Vendor::close);
        return blobs;
    }

    @Test
    @Spec("REC-02")
    void record_isBytesOnlyToWhoeverHandlesIt() throws IOException {
        Stream<Method> doors = Stream.of(Winsock.class, SimSocket.class).flatMap(c -> Stream.of(c.getMethods()));
        assertThat(doors)
                .noneMatch(method -> method.toGenericString().contains(RedirectChain.class.getName())
                        || method.toGenericString().contains(RedirectRecord.class.getName()));

        try (WfpSim sim = WfpSim.open()) {
            byte[] blob = blobsAlongAChainOf(1, sim, AddressFamily.AF_INET).get(0);
            assertThat(new RedirectRecordCodec(0)
                            .decode(ByteBuffer.wrap(blob), blob.length)
                            .chain())
                    .as("read without the machine's key")
                    .isEqualTo(RedirectChain.empty());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-03", "REC-04"})
    void record_growsWithEveryVendorPastTheUsualFirstBuffer(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open()) {
            List<Integer> lengths = blobsAlongAChainOf(12, sim, family).stream()
                    .map(blob -> blob.length)
                    .toList();

            assertThat(lengths).isSorted().doesNotHaveDuplicates();
            assertThat(lengths.get(0)).isLessThan(USUAL_FIRST_BUFFER);
            assertThat(lengths.get(11)).isGreaterThan(USUAL_FIRST_BUFFER);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-04")
    void record_paddedByTheKnob_exposesAFixedBuffer(AddressFamily family) throws IOException {
        SimOptions padded = SimOptions.defaults().minimumRecordSize(1500);
        try (WfpSim sim = WfpSim.open(padded);
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), Vendor.origin(family));
            SimSocket accepted = vendor.listener.accept();
            Winsock winsock = vendor.process.winsock();
            OutUlong needed = new OutUlong();
            ByteBuffer fixed = ByteBuffer.allocate(USUAL_FIRST_BUFFER);

            int result = winsock.wsaIoctl(
                    accepted.handle(),
                    ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                    null,
                    0,
                    fixed,
                    USUAL_FIRST_BUFFER,
                    needed);

            assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.ERROR_INSUFFICIENT_BUFFER.code());
            assertThat(needed.value()).isGreaterThanOrEqualTo(1500);
            SimSocket onward = winsock.tcpSocket(family);
            onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-05")
    void record_queriedAgain_isTheSame(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting()) {
            connect(app(sim), Vendor.origin(family));
            SimSocket accepted = vendor.listener.accept();

            assertThat(accepted.queryRedirectRecords().orElseThrow())
                    .isEqualTo(accepted.queryRedirectRecords().orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-05")
    void sameScenarioOnTwoMachines_givesTheSameLengths(AddressFamily family) throws IOException {
        List<List<Integer>> lengths = new ArrayList<>();
        for (int machine = 0; machine < 2; machine++) {
            try (WfpSim sim = WfpSim.open()) {
                lengths.add(blobsAlongAChainOf(3, sim, family).stream()
                        .map(blob -> blob.length)
                        .toList());
            }
        }
        assertThat(lengths.get(0)).isEqualTo(lengths.get(1));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-08")
    void connectionThatNobodyRedirected_hasNeitherRecordNorContext(AddressFamily family) throws IOException {
        try (WfpSim sim = WfpSim.open();
                Vendor vendor = new Vendor(sim, family, "acme", 8080).redirecting("ctx".getBytes(UTF_8))) {
            connect(app(sim), vendor.address);
            SimSocket accepted = vendor.listener.accept();

            assertThat(accepted.queryRedirectRecords()).isEmpty();
            assertThat(vendor.process.winsock().wsaGetLastError()).isEqualTo(Win32Error.FWP_E_NOT_FOUND.code());
            assertThat(accepted.queryRedirectContext()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-15", "REC-19"})
    void twoProxies_whenNeitherSetsTheRecords_handTheFlowOnUntilTheGuardSteps(AddressFamily family) throws IOException {
        InetSocketAddress origin = Vendor.origin(family);
        try (WfpSim sim = WfpSim.open();
                Vendor a = new Vendor(sim, family, "a", 9000);
                Vendor b = new Vendor(sim, family, "b", 8000)) {
            SimProcess app = app(sim);
            redirectConnectionsOf(List.of(app.id(), b.process.id()), a);
            redirectConnectionsOf(List.of(a.process.id()), b);
            connect(app, origin);
            int hops = 1;
            Vendor holder = a;
            try {
                for (; hops < 100; hops++) {
                    holder.listener.accept();
                    connect(holder.process, origin);
                    holder = holder == a ? b : a;
                }
            } catch (WinsockException stopped) {
                assertThat(stopped.error()).isEqualTo(Win32Error.WSAECONNABORTED);
            }
            assertThat(hops).as("each proxy as often as the limit allows").isEqualTo(2 * SimOptions.DEFAULT_LOOP_LIMIT);
            assertThat(sim.verifier().diagnostics())
                    .extracting(finding -> finding.kind())
                    .containsExactly(Diagnostic.REDIRECT_LOOP); // nobody is redirected to himself
        }
    }

    private static void redirectConnectionsOf(List<Integer> pids, Vendor vendor) {
        var redirect = vendor.driver.redirectCallout(vendor.handle, vendor.address, vendor.process);
        vendor.calling((values, meta, data, context, filter, flow, out) -> {
            if (pids.contains(meta.processId())) {
                redirect.classify(values, meta, data, context, filter, flow, out);
            }
        });
    }
}
