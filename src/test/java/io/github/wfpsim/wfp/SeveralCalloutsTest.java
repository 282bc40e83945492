package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectContext;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.Finding;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two callouts at CONNECT_REDIRECT in one classification. */
@Timeout(20)
class SeveralCalloutsTest {

    private static final int OTHER_PORT = 9090;

    private static InetSocketAddress otherProxy(AddressFamily family) {
        return new InetSocketAddress(IpAddress.loopback(family), OTHER_PORT);
    }

    private static SimSocket listenAtOther(RedirectBench bench) {
        try {
            return bench.proxy
                    .winsock()
                    .tcpSocket(bench.family)
                    .bind(otherProxy(bench.family))
                    .listen();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void toOther(RedirectBench bench, ConnectRequest request, RedirectHandle handle) {
        bench.toProxy(request);
        request.setLocalRedirectHandle(handle);
        request.setRemoteAddressAndPort(otherProxy(bench.family));
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-30", "WFP-55", "WFP-56"})
    void laterCallout_seesTheEarlierVersionAndWhoMadeIt(AddressFamily family) {
        List<Long> modifiers = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            FwpsFilter first = bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            FwpsFilter second = bench.atConnectRedirect(call -> bench.redirect(call, own -> {
                modifiers.add(own.modifierFilterId());
                assertThat(own.remoteAddressAndPort()).isEqualTo(bench.proxyAddress);
                ConnectRequest before = own.previousVersion();
                modifiers.add(before.modifierFilterId());
                assertThat(before.localRedirectHandle()).isSameAs(bench.handle);
                assertThat(before.localRedirectTargetPid()).isEqualTo(bench.proxy.id());
                assertThat(before.previousVersion()).isNull();
                assertThat(own.previousVersion()).isSameAs(before);
            }));

            bench.connect();

            assertThat(modifiers).containsExactly(second.filterId(), first.filterId());
            assertThat(bench.faults()).isEmpty();
        }
    }

    /** Whose filters are in the list of a request's versions, newest first; the request's own is not. */
    private static List<Long> modifiersOf(WritableLayerData request) {
        List<Long> modifiers = new ArrayList<>();
        for (WritableLayerData version = request.previousVersion();
                version != null;
                version = version.previousVersion()) {
            modifiers.add(version.modifierFilterId());
        }
        return modifiers;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-55")
    void connectRequestThatNobodyHasChanged_hasNoPreviousVersion(AddressFamily family) {
        List<Integer> versions = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            for (int i = 0; i < 2; i++) {
                bench.atConnectRedirect(call -> bench.redirect(
                        call, request -> versions.add(modifiersOf(request).size())));
            }

            bench.connect();

            assertThat(versions)
                    .as("who applies without a change has changed nothing")
                    .containsExactly(0, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-55")
    void unmodifiedConnectRequest_isTheLastVersionUnderTheDeviation(AddressFamily family) {
        List<List<Long>> modifiers = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(
                family, SimOptions.defaults().with(Deviation.UNMODIFIED_CONNECT_REQUEST_AS_PREVIOUS_VERSION))) {
            FwpsFilter first = bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                modifiers.add(modifiersOf(request));
                assertThat(request.previousVersion().remoteAddressAndPort()).isEqualTo(bench.origin);
                bench.toProxy(request);
            }));
            bench.atConnectRedirect(call -> bench.redirect(call, request -> modifiers.add(modifiersOf(request))));

            bench.connect();

            assertThat(modifiers).containsExactly(List.of(0L), List.of(first.filterId(), 0L));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-55")
    void bindRequest_leadsToTheUnmodifiedOneAlways(AddressFamily family) {
        List<List<Long>> modifiers = new ArrayList<>();
        List<FwpsFilter> filters = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            // The second leaves the request as it is.
            for (long token : new long[] {7, 7, 8}) {
                filters.add(bench.at(Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4, call -> {
                    ClassifyHandle handle = bench.acquireHandle(call);
                    Out<Object> data = Out.empty();
                    bench.fwps.fwpsAcquireWritableLayerDataPointer0(
                            handle, call.filter().filterId(), 0, data, call.out());
                    BindRequest request = (BindRequest) data.get();
                    modifiers.add(modifiersOf(request));
                    request.setPortReservationToken(token);
                    bench.fwps.fwpsApplyModifiedLayerData0(handle, request, 0);
                    call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
                    bench.fwps.fwpsReleaseClassifyHandle0(handle);
                }));
            }

            bench.connect();

            long first = filters.get(0).filterId();
            assertThat(modifiers).containsExactly(List.of(0L), List.of(first, 0L), List.of(first, 0L));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-30")
    void filterId_isTheOneThatAddingTheFilterReturned(AddressFamily family) {
        List<Long> passed = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            FwpsFilter first =
                    bench.atConnectRedirect(call -> passed.add(call.filter().filterId()));
            FwpsFilter second =
                    bench.atConnectRedirect(call -> passed.add(call.filter().filterId()));

            bench.connect();

            assertThat(passed).containsExactly(first.filterId(), second.filterId());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-11")
    void targetPid_isMetadataOfCalloutsBelowARedirectOnly(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            MetadataField field = MetadataField.FWPS_METADATA_FIELD_LOCAL_REDIRECT_TARGET_PID;
            List<Boolean> present = new ArrayList<>();
            List<Integer> named = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                present.add(call.meta().isPresent(field));
                bench.redirect(call, bench::toProxy);
            });
            bench.atConnectRedirect(call -> {
                present.add(call.meta().isPresent(field));
                named.add(call.meta().localRedirectTargetPid());
            });

            bench.connect();

            assertThat(present).containsExactly(false, true);
            assertThat(named).containsExactly(bench.proxy.id());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-16", "REC-17"})
    void secondRedirect_winsAndBothStayInTheChain(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            SimSocket atOther = listenAtOther(bench);
            List<RedirectState> after = new ArrayList<>();
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bench.atConnectRedirect(call -> {
                bench.redirect(call, request -> toOther(bench, request, other));
                for (RedirectHandle handle : List.of(bench.handle, other)) {
                    after.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                            call.meta().redirectRecords(), handle, null));
                }
            });

            bench.connect();

            assertThat(atOther.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
            assertThat(bench.destination()).isEqualTo(otherProxy(family));
            assertThat(after)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(chain(bench))
                    .extracting(RedirectRecord::handleId)
                    .containsExactly(bench.handle.id(), other.id());
            List<Finding<Diagnostic>> findings = bench.sim.verifier().diagnostics();
            assertThat(findings).extracting(Finding::kind).containsExactly(Diagnostic.REDIRECT_OVERRIDDEN);
            assertThat(findings.get(0).detail()).contains(String.valueOf(RedirectBench.PROXY_PORT));
            assertThat(bench.faults()).isEmpty();
        }
    }

    private static List<RedirectRecord> chain(RedirectBench bench) {
        return bench.sim.connections().stream()
                .filter(connection -> connection.process().equals(bench.app))
                .findFirst()
                .orElseThrow()
                .redirectChain();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-17", "REC-28"})
    void contextsOfBothRedirects_areFreedOnceWithTheFlow(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            SimSocket atOther = listenAtOther(bench);
            PoolBlock loser = bench.driver.pool().allocate(new byte[] {1}, "lose");
            PoolBlock winner = bench.driver.pool().allocate(new byte[] {2, 3, 4, 5}, "winn");
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(loser, 1);
            }));
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                toOther(bench, request, other);
                request.setLocalRedirectContext(winner, 4);
            }));
            SimSocket client = bench.connect();
            SimSocket accepted = atOther.accept();

            assertThat(accepted.queryRedirectContext()).contains(new byte[] {2, 3, 4, 5});
            client.close();
            assertThat(List.of(loser.state(), winner.state())).containsOnly(PoolBlock.State.ENGINE_OWNED);
            accepted.close();

            assertThat(List.of(loser.state(), winner.state())).containsOnly(PoolBlock.State.FREED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-28")
    void redirectThatALaterCalloutUndoes_freesItsContext(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock undone = bench.driver.pool().allocate(new byte[] {1}, "undo");
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(undone, 1);
            }));
            bench.atConnectRedirect(
                    call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.origin)));

            bench.connect();

            assertThat(bench.destination()).isEqualTo(bench.origin);
            assertThat(undone.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-18")
    void sameHandleAgain_replacesItsRecordAndFreesTheReplacedContext(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock replaced = bench.driver.pool().allocate(new byte[] {1}, "old1");
            SimSocket atOther = listenAtOther(bench);
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(replaced, 1);
            }));
            bench.atConnectRedirect(call -> bench.redirect(call, request -> toOther(bench, request, bench.handle)));

            bench.connect();
            atOther.accept();

            assertThat(chain(bench)).hasSize(1);
            assertThat(chain(bench).get(0).redirectedTo()).isEqualTo(otherProxy(family));
            assertThat(replaced.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-11", "REC-18"})
    void sameHandle_firstAbroadThenHere_deliversTheLocalRedirectOnly(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                request.setRemoteAddressAndPort(bench.remote(20));
                request.setLocalRedirectHandle(bench.handle);
            }));
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));

            bench.connect();

            assertThat(bench.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
            assertThat(chain(bench)).extracting(RedirectRecord::redirectedTo).containsExactly(bench.proxyAddress);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-11", "REC-16"})
    void otherHandle_firstAbroadThenHere_deliversTheLocalRedirectOnly(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            List<RedirectState> states = new ArrayList<>();
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                request.setRemoteAddressAndPort(bench.remote(20));
                request.setLocalRedirectHandle(other);
            }));
            bench.atConnectRedirect(call -> {
                bench.redirect(call, bench::toProxy);
                states.add(
                        bench.fwps.fwpsQueryConnectionRedirectState0(call.meta().redirectRecords(), other, null));
            });

            bench.connect();

            assertThat(bench.accept().queryRedirectRecords().orElseThrow()).isNotEmpty();
            assertThat(chain(bench)).extracting(RedirectRecord::handleId).containsExactly(bench.handle.id());
            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-18", "REC-22"})
    void recordHandle_showsWhatWasAppliedEarlierInTheSameClassification(AddressFamily family) {
        List<RedirectState> states = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bench.atConnectRedirect(call -> states.add(
                    bench.fwps.fwpsQueryConnectionRedirectState0(call.meta().redirectRecords(), other, null)));

            bench.connect();

            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-18")
    void recordHandle_withKnob_isPresentOnlyWhenRecordsExist(AddressFamily family) throws Exception {
        SimOptions lazy = SimOptions.defaults().with(Deviation.RECORD_HANDLE_ONLY_WHEN_RECORDS_EXIST);
        List<Boolean> present = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family, lazy)) {
            bench.atConnectRedirect(call -> {
                present.add(call.meta().isPresent(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE));
                if (call.meta().processId() == bench.app.id()) {
                    bench.redirect(call, bench::toProxy);
                }
            });
            bench.connect();
            SimSocket onward = bench.proxy.winsock().tcpSocket(family);
            onward.setRedirectRecords(bench.accept().queryRedirectRecords().orElseThrow());
            onward.connect(bench.origin);

            assertThat(present).containsExactly(false, true);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-18")
    void recordHandle_withKnob_isPresentOnceAnEarlierCalloutHasRedirected(AddressFamily family) {
        SimOptions lazy = SimOptions.defaults().with(Deviation.RECORD_HANDLE_ONLY_WHEN_RECORDS_EXIST);
        List<Boolean> present = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family, lazy)) {
            bench.atConnectRedirect(call -> {
                present.add(call.meta().isPresent(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE));
                bench.redirect(call, bench::toProxy);
            });
            bench.atConnectRedirect(call ->
                    present.add(call.meta().isPresent(MetadataField.FWPS_METADATA_FIELD_REDIRECT_RECORD_HANDLE)));

            bench.connect();

            assertThat(present).containsExactly(false, true);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-18")
    void recordHandle_byDefault_isAlwaysPresent(AddressFamily family) {
        List<Boolean> present = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> present.add(call.meta().redirectRecords() != null));

            bench.connect();

            assertThat(present).containsExactly(true);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-24")
    void redirectInSpiteOfOwnState_takesEffectAndIsAFault(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> bench.redirect(call, bench::toProxy));
            bench.connect();
            SimSocket onward = bench.proxy.winsock().tcpSocket(family);
            onward.setRedirectRecords(bench.accept().queryRedirectRecords().orElseThrow());

            onward.connect(bench.origin);

            bench.accept();
            assertThat(bench.faults()).containsExactly(Fault.REDIRECT_NOT_PERMITTED_IN_STATE);
            assertThat(bench.sim.verifier().violations().get(0).detail())
                    .contains("FWPS_CONNECTION_REDIRECTED_BY_SELF")
                    .contains("#" + bench.handle.id());
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-26")
    void stateQuery_givesTheContextOfOwnRedirectsOnly(AddressFamily family) throws Exception {
        List<Boolean> given = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            bench.atConnectRedirect(call -> {
                for (RedirectHandle handle : List.of(bench.handle, other)) {
                    Out<RedirectContext> context = Out.empty();
                    context.set(new CapturedContext(ByteBuffer.allocate(0), 0, "nothing", memory -> {}));
                    bench.fwps.fwpsQueryConnectionRedirectState0(call.meta().redirectRecords(), handle, context);
                    given.add(context.get() != null);
                }
                if (call.meta().processId() == bench.app.id()) {
                    bench.redirect(call, request -> {
                        bench.toProxy(request);
                        request.setLocalRedirectContext(bench.driver.pool().allocate(new byte[4], "ctx1"), 4);
                    });
                }
            });
            SimSocket client = bench.connect();
            SimSocket accepted = bench.accept();
            byte[] records = accepted.queryRedirectRecords().orElseThrow();
            onward(bench, records);
            client.close();
            accepted.close();
            onward(bench, records);

            assertThat(given)
                    .as("first: neither; onward: own only; after the flow is gone: none")
                    .containsExactly(false, false, true, false, false, false);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-23", "REC-26"})
    void stateQuery_ofAnEarlierRedirectOfOnesOwn_givesItsContextToo(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            RedirectHandle other = bench.driver.createRedirectHandle(new UUID(5, 5));
            List<RedirectState> states = new ArrayList<>();
            List<RedirectContext> contexts = new ArrayList<>();
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(bench.driver.pool().allocate(new byte[4], "ctx1"), 4);
            }));
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectHandle(other);
            }));
            bench.atConnectRedirect(call -> {
                Out<RedirectContext> context = Out.empty();
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, context));
                contexts.add(context.get());
            });

            bench.connect();

            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF);
            assertThat(contexts).doesNotContainNull();
        }
    }

    private static void onward(RedirectBench bench, byte[] records) throws IOException {
        bench.proxy
                .winsock()
                .tcpSocket(bench.family)
                .setRedirectRecords(records)
                .connect(bench.origin);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-56")
    void redirectCallout_leavesAConnectionToAnothersLocalProxyAlone(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            KernelDriver second = bench.sim.loadDriver("globex.sys");
            RedirectHandle other = second.createRedirectHandle(new UUID(6, 6));
            UUID key = new UUID(6, 7);
            List<RedirectState> found = new ArrayList<>();
            RedirectCallout callout = second.redirectCallout(other, otherProxy(family), bench.proxy)
                    .withContext((byte) 1)
                    .watching(found::add);
            listenAtOther(bench);
            bench.atConnectRedirect(call -> redirectKeepingTheRight(bench, call));
            try (CalloutRegistration registered = second.registerCallout(key, callout)) {
                SubLayer lightest = new SubLayer(new UUID(6, 8), "globex", 1);
                bench.sim.fwpm().fwpmSubLayerAdd0(lightest);
                bench.sim
                        .fwpm()
                        .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                                .subLayer(lightest)
                                .callout(key));

                bench.connect();
            }

            assertThat(found).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER);
            assertThat(bench.destination()).isEqualTo(bench.proxyAddress);
            assertThat(bench.sim.verifier().diagnostics()).isEmpty();
            assertThat(bench.faults()).isEmpty();
        }
    }

    /** Without a classify-out to clear it in, the write right stays, and the permit is a soft one. */
    private static void redirectKeepingTheRight(RedirectBench bench, RedirectBench.Call call) {
        ClassifyHandle acquired = bench.acquireHandle(call);
        Out<Object> data = Out.empty();
        bench.fwps.fwpsAcquireWritableLayerDataPointer0(acquired, call.filter().filterId(), 0, data, null);
        ConnectRequest request = (ConnectRequest) data.get();
        bench.toProxy(request);
        bench.fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
        call.out().setActionType(ActionType.FWP_ACTION_PERMIT);
        bench.fwps.fwpsReleaseClassifyHandle0(acquired);
    }
}
