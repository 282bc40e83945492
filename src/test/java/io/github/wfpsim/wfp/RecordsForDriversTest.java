package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.RedirectBench.Call;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** FwpsQueryConnectionSioFormatRedirectRecords0. */
@Timeout(20)
class RecordsForDriversTest {

    private static final int ROOMY = 1024;
    private static final int UNTOUCHED = 0x5A5A;
    private static final byte FILL = 0x33;

    /** Asks inside the callout, after it has redirected to the proxy. */
    private static RedirectBench afterRedirect(AddressFamily family, Consumer<Asker> question) {
        return afterRedirect(family, SimOptions.defaults(), question);
    }

    private static RedirectBench afterRedirect(AddressFamily family, SimOptions options, Consumer<Asker> question) {
        RedirectBench bench = new RedirectBench(family, options);
        bench.atConnectRedirect(call -> {
            bench.redirect(call, bench::toProxy);
            question.accept(new Asker(bench, call));
        });
        bench.connect();
        return bench;
    }

    private record Asker(RedirectBench bench, Call call) {

        NtStatus ask(@Nullable ByteBuffer buffer, long length, @Nullable OutUlong count) {
            return bench.fwps.fwpsQueryConnectionSioFormatRedirectRecords0(
                    call.meta().redirectRecords(), buffer, length, count);
        }

        int size() {
            OutUlong count = new OutUlong();
            assertThat(ask(null, 0, count)).isEqualTo(NtStatus.STATUS_BUFFER_TOO_SMALL);
            return count.value();
        }
    }

    private static OutUlong count() {
        OutUlong count = new OutUlong();
        count.set(UNTOUCHED);
        return count;
    }

    private static ByteBuffer filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, FILL);
        return ByteBuffer.wrap(bytes);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-75", "WFP-78", "REC-10", "REC-05"})
    void records_ofALocalRedirect_areThoseThatTheProxyQueriesLater(AddressFamily family) throws Exception {
        List<byte[]> early = new ArrayList<>();
        try (RedirectBench bench = afterRedirect(family, asker -> {
            ByteBuffer buffer = filled(ROOMY);
            OutUlong count = count();
            assertThat(asker.ask(buffer, ROOMY, count)).isEqualTo(NtStatus.STATUS_SUCCESS);
            assertThat(buffer.position()).isZero();
            assertThat(buffer.get(count.value())).isEqualTo(FILL);
            byte[] moved = new byte[count.value()];
            buffer.get(0, moved);
            early.add(moved);
        })) {
            assertThat(bench.accept().queryRedirectRecords().orElseThrow()).isEqualTo(early.get(0));
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-75")
    void records_fromTheDriver_areAcceptedBySet(AddressFamily family) throws Exception {
        List<byte[]> early = new ArrayList<>();
        List<RedirectState> states = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, null));
                if (early.isEmpty()) {
                    bench.redirect(call, bench::toProxy);
                    Asker asker = new Asker(bench, call);
                    ByteBuffer buffer = ByteBuffer.allocate(asker.size());
                    asker.ask(buffer, buffer.capacity(), null);
                    early.add(buffer.array());
                }
            });
            bench.connect();

            bench.proxy
                    .winsock()
                    .tcpSocket(family)
                    .setRedirectRecords(early.get(0))
                    .connect(bench.origin);

            assertThat(states)
                    .containsExactly(
                            RedirectState.FWPS_CONNECTION_NOT_REDIRECTED,
                            RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WFP-75", "REC-11"})
    void records_ofARedirectToAForeignAddress_areNotFound(AddressFamily family) {
        List<NtStatus> answers = new ArrayList<>();
        List<RedirectState> states = new ArrayList<>();
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.sim.network().listen(bench.remote(20));
            bench.atConnectRedirect(call -> {
                bench.redirect(call, request -> {
                    request.setRemoteAddressAndPort(bench.remote(20));
                    request.setLocalRedirectHandle(bench.handle);
                });
                answers.add(new Asker(bench, call).ask(filled(ROOMY), ROOMY, count()));
                states.add(bench.fwps.fwpsQueryConnectionRedirectState0(
                        call.meta().redirectRecords(), bench.handle, null));
            });

            bench.connect();

            assertThat(answers).containsExactly(NtStatus.STATUS_NOT_FOUND);
            assertThat(states).containsExactly(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF);
            assertThat(bench.destination()).isEqualTo(bench.remote(20));
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-11")
    void redirectToAForeignAddress_needsNeitherPidNorHandle(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.sim.network().listen(bench.remote(20));
            bench.atConnectRedirect(
                    call -> bench.redirect(call, request -> request.setRemoteAddressAndPort(bench.remote(20))));

            bench.connect();

            assertThat(bench.destination()).isEqualTo(bench.remote(20));
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-77")
    void nullHandleAndEmptyChain_areNotFoundAndWriteNothing(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.atConnectRedirect(call -> {
                ByteBuffer buffer = filled(ROOMY);
                OutUlong count = count();
                assertThat(bench.fwps.fwpsQueryConnectionSioFormatRedirectRecords0(null, buffer, ROOMY, count))
                        .isEqualTo(NtStatus.STATUS_NOT_FOUND);
                assertThat(new Asker(bench, call).ask(buffer, ROOMY, count)).isEqualTo(NtStatus.STATUS_NOT_FOUND);
                assertThat(buffer).isEqualTo(filled(ROOMY));
                assertThat(count.value()).isEqualTo(UNTOUCHED);
            });

            bench.connect();

            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-78")
    void everyShortLength_isTooSmallWithTheNeededSizeAndNoData(AddressFamily family) {
        try (RedirectBench bench = afterRedirect(family, asker -> {
            int needed = asker.size();
            for (int length : new int[] {0, 1, needed / 2, needed - 1}) {
                ByteBuffer buffer = filled(ROOMY);
                OutUlong count = count();
                assertThat(asker.ask(buffer, length, count)).isEqualTo(NtStatus.STATUS_BUFFER_TOO_SMALL);
                assertThat(count.value()).isEqualTo(needed);
                assertThat(buffer).isEqualTo(filled(ROOMY));
            }
            for (int length : new int[] {needed, needed + 1}) {
                OutUlong count = count();
                assertThat(asker.ask(filled(ROOMY), length, count)).isEqualTo(NtStatus.STATUS_SUCCESS);
                assertThat(count.value()).isEqualTo(needed);
            }
        })) {
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-79")
    void nullCount_isAcceptedUnlessTheKnobRejectsIt(AddressFamily family) {
        try (RedirectBench bench = afterRedirect(
                family,
                asker -> assertThat(asker.ask(filled(ROOMY), ROOMY, null)).isEqualTo(NtStatus.STATUS_SUCCESS))) {
            assertThat(bench.faults()).isEmpty();
        }
        SimOptions rejecting = SimOptions.defaults().with(Deviation.NULL_BYTES_TRANSFERRED_REJECTED);
        try (RedirectBench bench = afterRedirect(family, rejecting, asker -> {
            ByteBuffer buffer = filled(ROOMY);
            assertThat(asker.ask(buffer, ROOMY, null)).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(buffer).isEqualTo(filled(ROOMY));
        })) {
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-79")
    void misalignedBuffer_isRefusedAndAnAlignedPositionIsNot(AddressFamily family) {
        try (RedirectBench bench = afterRedirect(family, asker -> {
            for (int position = 0; position <= Fwps.POINTER_ALIGNMENT; position++) {
                ByteBuffer buffer = filled(ROOMY).position(position);
                boolean aligned = position % Fwps.POINTER_ALIGNMENT == 0;
                assertThat(asker.ask(buffer, ROOMY - position, count()))
                        .isEqualTo(aligned ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_DATATYPE_MISALIGNMENT);
            }
        })) {
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void unsoundBuffers_areInvalidParameters(AddressFamily family) {
        try (RedirectBench bench = afterRedirect(family, asker -> {
            ByteBuffer readOnly = filled(ROOMY).asReadOnlyBuffer();
            assertThat(asker.ask(readOnly, ROOMY, count())).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(asker.ask(filled(ROOMY), ROOMY + 1L, count())).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
            assertThat(asker.ask(filled(ROOMY), -1, count())).isEqualTo(NtStatus.STATUS_INVALID_PARAMETER);
        })) {
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-19")
    void recordHandle_afterTheClassification_isStale(AddressFamily family) {
        List<RedirectRecords> kept = new ArrayList<>();
        try (RedirectBench bench =
                afterRedirect(family, asker -> kept.add(asker.call().meta().redirectRecords()))) {
            assertThat(bench.fwps.fwpsQueryConnectionSioFormatRedirectRecords0(kept.get(0), filled(ROOMY), ROOMY, null))
                    .isEqualTo(NtStatus.STATUS_NOT_FOUND);
            assertThat(bench.fwps.fwpsQueryConnectionRedirectState0(kept.get(0), bench.handle, null))
                    .isEqualTo(RedirectState.FWPS_CONNECTION_NOT_REDIRECTED);

            assertThat(bench.faults()).containsExactly(Fault.STALE_REFERENCE, Fault.STALE_REFERENCE);
        }
    }
}
