package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NotifyType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions, transactions, and the objects of management. */
@Timeout(20)
class ManagementTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final UUID KEY = new UUID(60, 1);

    private final RedirectBench bench = new RedirectBench(AddressFamily.AF_INET);
    private final Fwpm fwpm = bench.sim.fwpm();

    @AfterEach
    void closeBench() {
        bench.close();
    }

    private boolean connects() {
        int result = bench.app.winsock().connect(bench.app.winsock().socket(2, 1, 6), bench.origin);
        return result == 0;
    }

    // ---- transactions

    @Test
    void transaction_takesEffectAsAWholeWhenItCommits() {
        assertThat(fwpm.fwpmTransactionBegin0(0)).isEqualTo(Win32Error.NO_ERROR);
        fwpm.addFilter(Filter.at(LAYER).block());
        assertThat(connects()).as("not committed").isTrue();

        assertThat(fwpm.fwpmTransactionCommit0()).isEqualTo(Win32Error.NO_ERROR);

        assertThat(connects()).isFalse();
    }

    @Test
    void transaction_whenAborted_leavesNothing() {
        long kept = fwpm.addFilter(Filter.at(LAYER).key(KEY).permit());
        SubLayer subLayer = new SubLayer(new UUID(60, 2), "draft", 5);
        fwpm.fwpmTransactionBegin0(0);
        fwpm.addSubLayer(subLayer);
        fwpm.addFilter(Filter.at(LAYER).subLayer(subLayer).block());
        fwpm.fwpmFilterDeleteById0(kept);

        assertThat(fwpm.fwpmTransactionAbort0()).isEqualTo(Win32Error.NO_ERROR);

        assertThat(connects()).isTrue();
        assertThat(fwpm.fwpmSubLayerDeleteByKey0(subLayer.key())).isEqualTo(Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
        assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    void transaction_stillOpenWhenAnotherSessionEnds_isNotInForceAndLeavesNothing() {
        Fwpm session = fwpm.open(FwpmSession.dynamic("service"));
        session.addFilter(Filter.at(LAYER).permit());
        long kept =
                fwpm.addFilter(Filter.at(LAYER).weight(FilterWeight.explicit(9)).permit());
        fwpm.fwpmTransactionBegin0(0);
        fwpm.addFilter(Filter.at(LAYER).weight(FilterWeight.explicit(5)).block());
        fwpm.fwpmFilterDeleteById0(kept);

        session.close();

        assertThat(connects()).as("not committed").isTrue();
        fwpm.fwpmTransactionAbort0();
        assertThat(connects()).as("aborted").isTrue();
    }

    @Test
    void transactionCalls_outOfOrder_haveTheirErrors() {
        assertThat(fwpm.fwpmTransactionCommit0()).isEqualTo(Win32Error.FWP_E_NO_TXN_IN_PROGRESS);
        assertThat(fwpm.fwpmTransactionAbort0()).isEqualTo(Win32Error.FWP_E_NO_TXN_IN_PROGRESS);
        fwpm.fwpmTransactionBegin0(0);
        assertThat(fwpm.fwpmTransactionBegin0(0)).isEqualTo(Win32Error.FWP_E_TXN_IN_PROGRESS);
        try (Fwpm other = fwpm.open(FwpmSession.dynamic("other"))) {
            assertThat(other.fwpmTransactionBegin0(0)).isEqualTo(Win32Error.FWP_E_TIMEOUT);
            assertThat(other.fwpmFilterAdd0(Filter.at(LAYER).block(), null)).isEqualTo(Win32Error.FWP_E_TIMEOUT);
            assertThat(other.fwpmTransactionCommit0()).isEqualTo(Win32Error.FWP_E_NO_TXN_IN_PROGRESS);
        }
        assertThat(fwpm.fwpmTransactionCommit0()).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    void transactionThatOnlyReads_cannotWrite() {
        fwpm.fwpmTransactionBegin0(Fwpm.FWPM_TXN_READ_ONLY);

        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).block(), null)).isEqualTo(Win32Error.FWP_E_INCOMPATIBLE_TXN);

        fwpm.fwpmTransactionAbort0();
        assertThat(connects()).isTrue();
    }

    @Test
    @Spec("WFP-73")
    void transaction_hasLiveFlowsAuthorizedOnceForAllItsChanges() {
        List<Integer> asked = new ArrayList<>();
        bench.at(LAYER, call -> asked.add(call.values().flags()));
        bench.connect();
        asked.clear();

        fwpm.fwpmTransactionBegin0(0);
        for (int i = 0; i < 3; i++) {
            fwpm.addFilter(Filter.at(LAYER).permit());
        }
        assertThat(asked).isEmpty();
        fwpm.fwpmTransactionCommit0();

        assertThat(asked).hasSize(1);
    }

    // ---- sessions

    @Test
    void dynamicSession_takesItsObjectsWithIt() {
        SubLayer subLayer = new SubLayer(new UUID(60, 2), "mine", 5);
        Provider provider = new Provider(new UUID(60, 3), "vendor");
        try (Fwpm session = fwpm.open(FwpmSession.dynamic("service"))) {
            session.fwpmProviderAdd0(provider);
            session.addSubLayer(subLayer);
            session.addFilter(Filter.at(LAYER)
                    .subLayer(subLayer)
                    .provider(provider)
                    .key(KEY)
                    .block());
            assertThat(connects()).isFalse();
            assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_WRONG_SESSION);
        }

        assertThat(connects()).isTrue();
        assertThat(fwpm.fwpmSubLayerDeleteByKey0(subLayer.key())).isEqualTo(Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
        assertThat(fwpm.fwpmProviderDeleteByKey0(provider.key())).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
    }

    @Test
    void dynamicSession_leavesObjectsOfOtherKindsWithTheSameKey() {
        SubLayer subLayer = fwpm.addSubLayer(new SubLayer(KEY, "of everybody", 5));
        try (Fwpm session = fwpm.open(FwpmSession.dynamic("service"))) {
            session.fwpmProviderAdd0(new Provider(KEY, "vendor"));
            session.fwpmCalloutAdd0(new FwpmCallout(KEY, "callout", LAYER), null);
        }

        assertThat(fwpm.fwpmCalloutDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_CALLOUT_NOT_FOUND);
        assertThat(fwpm.fwpmSubLayerDeleteByKey0(subLayer.key())).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    void sessionThatIsNotDynamic_leavesItsObjects() {
        try (Fwpm session = fwpm.open(new FwpmSession("service", false))) {
            session.addFilter(Filter.at(LAYER).block());
        }

        assertThat(connects()).isFalse();
    }

    @Test
    void dynamicSession_endsWithItsProcess() {
        Fwpm session = bench.proxy.openEngine(FwpmSession.dynamic("service"));
        session.addFilter(Filter.at(LAYER).block());
        session.fwpmTransactionBegin0(0);
        assertThat(connects()).isFalse();

        bench.proxy.close();

        assertThat(connects()).isTrue();
        assertThat(session.fwpmFilterAdd0(Filter.at(LAYER).block(), null)).isEqualTo(Win32Error.FWP_E_SESSION_ABORTED);
        assertThat(session.fwpmTransactionBegin0(0)).isEqualTo(Win32Error.FWP_E_SESSION_ABORTED);
        assertThat(session.fwpmEngineClose0()).isEqualTo(Win32Error.FWP_E_SESSION_ABORTED);
        assertThat(fwpm.fwpmTransactionBegin0(0))
                .as("its transaction was aborted")
                .isEqualTo(Win32Error.NO_ERROR);
    }

    // ---- objects

    @Test
    void object_addedTwice_existsAlready() {
        SubLayer subLayer = new SubLayer(new UUID(60, 2), "mine", 5);
        FwpmCallout callout = new FwpmCallout(KEY, "callout", LAYER);
        Provider provider = new Provider(KEY, "vendor");
        fwpm.fwpmSubLayerAdd0(subLayer);
        fwpm.fwpmCalloutAdd0(callout, null);
        fwpm.fwpmProviderAdd0(provider);
        fwpm.addFilter(Filter.at(LAYER).key(KEY).permit());

        assertThat(List.of(
                        fwpm.fwpmSubLayerAdd0(subLayer),
                        fwpm.fwpmCalloutAdd0(callout, null),
                        fwpm.fwpmProviderAdd0(provider),
                        fwpm.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).permit(), null)))
                .containsOnly(Win32Error.FWP_E_ALREADY_EXISTS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fwpm.addSubLayer(subLayer))
                .withMessageContaining("FWP_E_ALREADY_EXISTS");
    }

    @Test
    void object_thatFiltersName_cannotBeDeletedBeforeThem() {
        SubLayer subLayer = new SubLayer(new UUID(60, 2), "mine", 5);
        Provider provider = new Provider(new UUID(60, 3), "vendor");
        fwpm.fwpmSubLayerAdd0(subLayer);
        fwpm.fwpmProviderAdd0(provider);
        fwpm.fwpmCalloutAdd0(new FwpmCallout(KEY, "callout", LAYER), null);
        long filter = fwpm.addFilter(
                Filter.at(LAYER).subLayer(subLayer).provider(provider).callout(KEY));
        assertThat(List.of(
                        fwpm.fwpmSubLayerDeleteByKey0(subLayer.key()),
                        fwpm.fwpmProviderDeleteByKey0(provider.key()),
                        fwpm.fwpmCalloutDeleteByKey0(KEY)))
                .containsOnly(Win32Error.FWP_E_IN_USE);

        fwpm.fwpmFilterDeleteById0(filter);

        assertThat(List.of(
                        fwpm.fwpmSubLayerDeleteByKey0(subLayer.key()),
                        fwpm.fwpmProviderDeleteByKey0(provider.key()),
                        fwpm.fwpmCalloutDeleteByKey0(KEY)))
                .containsOnly(Win32Error.NO_ERROR);
    }

    @Test
    void object_thatDoesNotExist_cannotBeDeletedOrNamed() {
        assertThat(fwpm.fwpmSubLayerDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
        assertThat(fwpm.fwpmProviderDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        assertThat(fwpm.fwpmCalloutDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_CALLOUT_NOT_FOUND);
        assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);
        assertThat(fwpm.fwpmFilterAdd0(
                        Filter.at(LAYER).provider(new Provider(KEY, "nobody")).permit(), null))
                .isEqualTo(Win32Error.FWP_E_PROVIDER_NOT_FOUND);
        assertThat(fwpm.fwpmFilterAdd0(
                        Filter.at(LAYER).subLayer(new SubLayer(KEY, "none", 1)).permit(), null))
                .isEqualTo(Win32Error.FWP_E_SUBLAYER_NOT_FOUND);
    }

    @Test
    void universalSubLayer_isBuiltIn() {
        assertThat(fwpm.fwpmSubLayerDeleteByKey0(SubLayer.UNIVERSAL.key())).isEqualTo(Win32Error.FWP_E_BUILTIN_OBJECT);
    }

    @Test
    void callout_belongsToTheLayerThatItWasAddedFor() {
        Out<Integer> id = Out.empty();
        fwpm.fwpmCalloutAdd0(new FwpmCallout(KEY, "callout", LAYER), id);

        assertThat(id.get()).as("not registered").isZero();
        assertThat(fwpm.fwpmFilterAdd0(
                        Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4).callout(KEY), null))
                .isEqualTo(Win32Error.FWP_E_INCOMPATIBLE_LAYER);
        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).callout(KEY), null)).isEqualTo(Win32Error.NO_ERROR);
    }

    // ---- notifyFn

    private final List<String> heard = new ArrayList<>();
    private NtStatus answer = NtStatus.STATUS_SUCCESS;

    private void register() {
        ClassifyFn1 classifyFn = (values, meta, data, context, filter, flow, out) -> {};
        bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, classifyFn, this::hear, null), null);
    }

    private NtStatus hear(NotifyType type, @Nullable UUID key, FwpsFilter filter) {
        heard.add(type.name().replace("FWPS_CALLOUT_NOTIFY_", "") + " " + filter.name() + " " + key);
        return answer;
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_hearsOfAdditionsWithKeyAndOfDeletionsWithout() {
        fwpm.addFilter(Filter.at(LAYER).name("before").callout(KEY));
        register();
        long id =
                fwpm.addFilter(Filter.at(LAYER).name("one").key(new UUID(7, 7)).callout(KEY));
        fwpm.addFilter(Filter.at(LAYER).name("of nobody").permit());
        fwpm.fwpmFilterDeleteById0(id);

        assertThat(heard).containsExactly("ADD_FILTER one " + new UUID(7, 7), "DELETE_FILTER one null");
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_thatFails_stopsAnAdditionButNoDeletion() {
        register();
        long id = fwpm.addFilter(Filter.at(LAYER).name("one").callout(KEY));
        answer = NtStatus.STATUS_ACCESS_DENIED;
        Out<Long> second = Out.empty();

        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).name("two").callout(KEY), second))
                .isEqualTo(Win32Error.FWP_E_CALLOUT_NOTIFICATION_FAILED);
        assertThat(second.get()).isNull();
        assertThat(fwpm.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);
        assertThat(fwpm.fwpmFilterDeleteById0(id)).isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_hearsOfADeletionWhenItsTransactionCommits() {
        register();
        long id = fwpm.addFilter(Filter.at(LAYER).name("one").callout(KEY));
        heard.clear();
        fwpm.fwpmTransactionBegin0(0);
        fwpm.fwpmFilterDeleteById0(id);
        fwpm.fwpmTransactionAbort0();
        assertThat(heard).as("it lives on").isEmpty();

        fwpm.fwpmTransactionBegin0(0);
        fwpm.fwpmFilterDeleteById0(id);
        fwpm.fwpmTransactionCommit0();

        assertThat(heard).containsExactly("DELETE_FILTER one null");
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_hearsNothingOfAFilterThatTheSessionMayNotAdd() {
        register();
        Out<Long> id = Out.empty();
        id.set(5L);
        try (Fwpm other = fwpm.open(FwpmSession.dynamic("other"))) {
            other.fwpmTransactionBegin0(0);

            assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).callout(KEY), id)).isEqualTo(Win32Error.FWP_E_TIMEOUT);
        }

        assertThat(heard).isEmpty();
        assertThat(id.get()).as("left alone").isEqualTo(5L);
    }

    @Test
    @Spec("WFP-34")
    void notifyFn_hearsOfFiltersThatGoWithTheirTransactionOrSession() {
        register();
        fwpm.fwpmTransactionBegin0(0);
        fwpm.addFilter(Filter.at(LAYER).name("aborted").callout(KEY));
        fwpm.fwpmTransactionAbort0();
        Fwpm session = fwpm.open(FwpmSession.dynamic("service"));
        session.addFilter(Filter.at(LAYER).name("dynamic").callout(KEY));
        session.close();

        assertThat(heard)
                .filteredOn(line -> line.startsWith("DELETE"))
                .containsExactly("DELETE_FILTER aborted null", "DELETE_FILTER dynamic null");
    }

    @Test
    void notifyFn_isCalledWithNoLockHeld() throws Exception {
        ClassifyFn1 classifyFn = (values, meta, data, context, filter, flow, out) -> {};
        FwpsNotifyFn1 reentrant = (type, key, filter) -> {
            Thread other = new Thread(() -> fwpm.fwpmProviderAdd0(new Provider(KEY, "from another thread")));
            other.start();
            try {
                other.join(10_000);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            return other.isAlive() ? NtStatus.STATUS_UNSUCCESSFUL : NtStatus.STATUS_SUCCESS;
        };
        bench.fwps.fwpsCalloutRegister1(new FwpsCallout1(KEY, classifyFn, reentrant, null), null);

        assertThat(fwpm.fwpmFilterAdd0(Filter.at(LAYER).callout(KEY), null)).isEqualTo(Win32Error.NO_ERROR);
    }
}
