package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ChangeType;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.FaultException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who hears of a change of management, of what, when, and until when. */
@Timeout(20)
class ChangeNoticeTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final Layer ELSEWHERE = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V6;
    private static final UUID KEY = new UUID(138, 1);
    private static final Provider ACME = new Provider(new UUID(138, 2), "Acme");

    private final WfpSim sim = WfpSim.open();
    private final Fwpm watcher = sim.fwpm().open(FwpmSession.dynamic("watcher"));
    private final Fwpm other = sim.fwpm().open(new FwpmSession("other", false));
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void closeMachine() {
        sim.close();
    }

    private static String kindOf(ChangeType type) {
        return type == ChangeType.FWPM_CHANGE_ADD ? "add " : "delete ";
    }

    private FwpmChangeHandle watch(@Nullable FwpmFilterEnumTemplate template) {
        return watch(
                FwpmSubscription.toAll(template), change -> heard.add(kindOf(change.changeType()) + change.filterId()));
    }

    private FwpmChangeHandle watch(
            FwpmSubscription<FwpmFilterEnumTemplate> subscription, Consumer<FwpmFilterChange> callback) {
        Out<FwpmChangeHandle> handle = Out.empty();
        assertThat(watcher.fwpmFilterSubscribeChanges0(
                        subscription, (context, change) -> callback.accept(change), null, handle))
                .isEqualTo(Win32Error.NO_ERROR);
        return Objects.requireNonNull(handle.get());
    }

    private static Filter permit() {
        return Filter.at(LAYER).permit();
    }

    // ---- what is told

    @Test
    @Spec("WFP-138")
    void subscriber_hearsWhatOthersAddAndDelete() {
        watch(null);

        long id = other.addFilter(permit());
        other.fwpmFilterDeleteById0(id);

        assertThat(heard).containsExactly("add " + id, "delete " + id);
    }

    @Test
    @Spec("WFP-138")
    void subscriber_hearsNothingOfItsOwnSession() {
        watch(null);

        watcher.fwpmFilterDeleteById0(watcher.addFilter(permit()));

        assertThat(heard).isEmpty();
    }

    @Test
    @Spec("WFP-138")
    void subscriber_hearsOnlyWhatItsTemplateDescribes() {
        other.fwpmProviderAdd0(ACME);
        watch(FwpmFilterEnumTemplate.at(LAYER).provider(ACME));

        long mine = other.addFilter(Filter.at(LAYER).provider(ACME).permit());
        other.addFilter(permit());
        other.addFilter(Filter.at(ELSEWHERE).provider(ACME).permit());
        other.addFilter(Filter.at(LAYER)
                .provider(ACME)
                .flag(FilterFlag.FWPM_FILTER_FLAG_BOOTTIME)
                .permit());
        other.fwpmFilterDeleteById0(mine);

        assertThat(heard).containsExactly("add " + mine, "delete " + mine);
    }

    @Test
    @Spec("WFP-138")
    void flags_chooseAdditionsOrDeletions() {
        watch(FwpmSubscription.toDeletions(null), change -> heard.add("deletions: " + change.changeType()));
        watch(
                new FwpmSubscription<>(null, FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD),
                change -> heard.add("additions: " + change.changeType()));

        other.fwpmFilterDeleteById0(other.addFilter(permit()));

        assertThat(heard).containsExactly("additions: FWPM_CHANGE_ADD", "deletions: FWPM_CHANGE_DELETE");
    }

    @Test
    @Spec("WFP-138")
    void subscriptionThatCouldHearOfNothing_isRefused() {
        FwpmFilterEnumTemplate all = FwpmFilterEnumTemplate.at(LAYER);
        Out<FwpmChangeHandle> handle = Out.empty();
        FwpmChangeCallback<FwpmFilterChange> nothing = (context, change) -> {};

        assertThat(watcher.fwpmFilterSubscribeChanges0(new FwpmSubscription<>(all, 0), nothing, null, handle))
                .isEqualTo(Win32Error.FWP_E_NEVER_MATCH);
        assertThat(watcher.fwpmFilterSubscribeChanges0(
                        FwpmSubscription.toAll(all.actionMask(0)), nothing, null, handle))
                .isEqualTo(Win32Error.FWP_E_NEVER_MATCH);
        assertThat(watcher.fwpmFilterSubscribeChanges0(new FwpmSubscription<>(all, 4), nothing, null, handle))
                .isEqualTo(Win32Error.FWP_E_INVALID_FLAGS);
        assertThat(handle.get()).isNull();
    }

    @Test
    @Spec("WFP-138")
    void callback_isGivenItsContextAndTheKeyOfTheFilter() {
        Object mine = new Object();
        List<Object> given = new ArrayList<>();
        watcher.fwpmFilterSubscribeChanges0(
                FwpmSubscription.toAll(null),
                (context, change) -> Collections.addAll(given, context, change.filterKey()),
                mine,
                Out.empty());

        other.addFilter(Filter.at(LAYER).key(KEY).permit());

        assertThat(given).containsExactly(mine, KEY);
    }

    @Test
    @Spec("WFP-138")
    void otherKindsOfObjects_areHeardOfToo() {
        List<Object> changes = new ArrayList<>();
        watcher.fwpmSubLayerSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> changes.add(change), null, Out.empty());
        watcher.fwpmProviderSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> changes.add(change), null, Out.empty());
        watcher.fwpmCalloutSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> changes.add(change), null, Out.empty());
        watcher.fwpmProviderContextSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> changes.add(change), null, Out.empty());
        ChangeType added = ChangeType.FWPM_CHANGE_ADD;
        ChangeType deleted = ChangeType.FWPM_CHANGE_DELETE;
        UUID sub = new UUID(138, 3);
        UUID data = new UUID(138, 4);
        Out<Long> dataId = Out.empty();

        try (KernelDriver driver = sim.loadDriver("acme.sys");
                var callout = driver.registerCallout(KEY, (values, meta, layerData, c, filter, flow, out) -> {})) {
            other.fwpmProviderAdd0(ACME);
            other.fwpmSubLayerAdd0(new SubLayer(sub, "mine", 1, ACME.key()));
            other.fwpmCalloutAdd0(new FwpmCallout(KEY, "callout", LAYER), null);
            other.fwpmProviderContextAdd0(new FwpmProviderContext(data, "data", FwpByteBlob.empty()), dataId);
            other.fwpmProviderContextDeleteByKey0(data);
            other.fwpmCalloutDeleteByKey0(KEY);
            other.fwpmSubLayerDeleteByKey0(sub);
            other.fwpmProviderDeleteByKey0(ACME.key());

            long id = Objects.requireNonNull(dataId.get());
            assertThat(changes)
                    .containsExactly(
                            new FwpmProviderChange(added, ACME.key()),
                            new FwpmSubLayerChange(added, sub),
                            new FwpmCalloutChange(added, KEY, callout.calloutId()),
                            new FwpmProviderContextChange(added, data, id),
                            new FwpmProviderContextChange(deleted, data, id),
                            new FwpmCalloutChange(deleted, KEY, callout.calloutId()),
                            new FwpmSubLayerChange(deleted, sub),
                            new FwpmProviderChange(deleted, ACME.key()));
        }
    }

    @Test
    @Spec("WFP-138")
    void templatesOfOtherKinds_narrowASubscription() {
        other.fwpmProviderAdd0(ACME);
        watcher.fwpmSubLayerSubscribeChanges0(
                FwpmSubscription.toAll(new FwpmSubLayerEnumTemplate(ACME.key())),
                (context, change) ->
                        heard.add("sub-layer " + change.subLayerKey().getLeastSignificantBits()),
                null,
                Out.empty());
        watcher.fwpmCalloutSubscribeChanges0(
                FwpmSubscription.toAll(new FwpmCalloutEnumTemplate(null, LAYER)),
                (context, change) -> heard.add("callout " + change.calloutKey().getLeastSignificantBits()),
                null,
                Out.empty());

        other.fwpmSubLayerAdd0(new SubLayer(new UUID(138, 10), "nobody's", 1));
        other.fwpmSubLayerAdd0(new SubLayer(new UUID(138, 11), "acme's", 1, ACME.key()));
        other.fwpmCalloutAdd0(new FwpmCallout(new UUID(138, 12), "elsewhere", ELSEWHERE), null);
        other.fwpmCalloutAdd0(new FwpmCallout(new UUID(138, 13), "here", LAYER), null);

        assertThat(heard).containsExactly("sub-layer 11", "callout 13");
    }

    // ---- when

    @Test
    @Spec("WFP-139")
    void transaction_isHeardOfWhenItCommits_inTheOrderOfItsCalls() {
        long old = other.addFilter(permit());
        watch(null);
        other.fwpmTransactionBegin0(0);
        other.fwpmFilterDeleteById0(old);
        long first = other.addFilter(permit());
        long second = other.addFilter(permit());
        assertThat(heard).isEmpty();

        other.fwpmTransactionCommit0();

        assertThat(heard).containsExactly("delete " + old, "add " + first, "add " + second);
    }

    @Test
    @Spec("WFP-139")
    void abortedTransaction_isNotHeardOf() {
        long old = other.addFilter(permit());
        watch(null);
        other.fwpmTransactionBegin0(0);
        other.fwpmFilterDeleteById0(old);
        other.addFilter(permit());
        other.fwpmTransactionAbort0();
        assertThat(heard).isEmpty();

        other.fwpmTransactionBegin0(0);
        other.addFilter(permit());
        other.close();

        assertThat(heard).isEmpty();
    }

    @Test
    @Spec("WFP-139")
    void failedCall_isNotHeardOf_andSpoilsNoTransaction() {
        watch(null);
        other.fwpmTransactionBegin0(0);
        long id = other.addFilter(Filter.at(LAYER).key(KEY).permit());
        assertThat(other.fwpmFilterAdd0(Filter.at(LAYER).key(KEY).permit(), null))
                .isEqualTo(Win32Error.FWP_E_ALREADY_EXISTS);
        assertThat(other.fwpmFilterGetByKey0(new UUID(0, 0), Out.empty())).isEqualTo(Win32Error.FWP_E_FILTER_NOT_FOUND);

        other.fwpmTransactionCommit0();

        assertThat(heard).containsExactly("add " + id);
    }

    @Test
    @Spec("WFP-139")
    void filterThatComesAndGoesInOneTransaction_isNotHeardOf() {
        watch(null);
        other.fwpmTransactionBegin0(0);
        other.fwpmFilterDeleteById0(other.addFilter(permit()));
        other.fwpmTransactionCommit0();

        assertThat(heard).isEmpty();
    }

    @Test
    @Spec("WFP-139")
    void whatADynamicSessionLeaves_isDeleted_alsoWhenItsProcessEnds() {
        var process = sim.process("C:\\service.exe", Token.SYSTEM);
        Fwpm session = process.openEngine(FwpmSession.dynamic("service"));
        session.fwpmProviderAdd0(ACME);
        long id = session.addFilter(permit());
        watch(null);
        watcher.fwpmProviderSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> heard.add("provider"), null, Out.empty());

        process.close();

        assertThat(heard).containsExactlyInAnyOrder("delete " + id, "provider");
    }

    @Test
    @Spec("WFP-139")
    void changesBeforeTheSubscription_areNotHeardOf_butATransactionThatCommitsAfterItIs() {
        other.addFilter(permit());
        other.fwpmTransactionBegin0(0);
        long late = other.addFilter(permit());

        watch(null);
        other.fwpmTransactionCommit0();

        assertThat(heard).containsExactly("add " + late);
    }

    // ---- how

    @Test
    @Spec("WFP-140")
    void callback_runsBeforeTheChangingCallReturns_andSeesTheChange() {
        List<Win32Error> found = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        watch(FwpmSubscription.toAll(null), change -> {
            found.add(watcher.fwpmFilterGetById0(change.filterId(), Out.empty()));
            threads.add(Thread.currentThread());
        });

        other.fwpmFilterDeleteById0(other.addFilter(permit()));

        assertThat(found).containsExactly(Win32Error.NO_ERROR, Win32Error.FWP_E_FILTER_NOT_FOUND);
        assertThat(threads).containsOnly(Thread.currentThread());
    }

    @Test
    @Spec("WFP-140")
    void watcher_putsBackWhatAnotherDeletes_fromItsCallback() {
        Filter mine = Filter.at(LAYER).key(KEY).name("guard").block();
        watcher.addFilter(mine);
        long others = other.addFilter(permit());
        watch(FwpmSubscription.toDeletions(FwpmFilterEnumTemplate.at(LAYER)), change -> {
            if (change.filterKey().equals(KEY)) {
                watcher.addFilter(mine);
            }
        });
        // A dynamic session's filters are out of the reach of others.
        assertThat(other.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.FWP_E_WRONG_SESSION);
        other.fwpmFilterDeleteById0(others);
        assertThat(other.filters(null)).extracting(Filter::name).containsExactly("guard");
    }

    @Test
    @Spec("WFP-140")
    void persistentGuard_isBackWhenTheDeletingCallReturns() {
        Fwpm service = sim.fwpm().open(new FwpmSession("service", false));
        Filter guard = Filter.at(LAYER).key(KEY).name("guard").block();
        service.addFilter(guard);
        List<Win32Error> results = new ArrayList<>();
        service.fwpmFilterSubscribeChanges0(
                FwpmSubscription.toDeletions(FwpmFilterEnumTemplate.at(LAYER)),
                (context, change) -> results.add(service.fwpmFilterAdd0(guard, null)),
                null,
                Out.empty());

        for (int i = 0; i < 3; i++) {
            assertThat(other.fwpmFilterDeleteByKey0(KEY)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(other.filters(null)).extracting(Filter::name).containsExactly("guard");
        }

        assertThat(results).hasSize(3).containsOnly(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-140")
    void callback_isCalledWithNoLockHeld() {
        AtomicReference<@Nullable Win32Error> result = new AtomicReference<>();
        watch(FwpmSubscription.toAll(null), change -> {
            Thread another = new Thread(() -> result.set(other.fwpmProviderAdd0(ACME)));
            another.start();
            joinForAWhile(another);
        });

        other.addFilter(permit());

        assertThat(result.get()).isEqualTo(Win32Error.NO_ERROR);
    }

    private static void joinForAWhile(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    @Spec("WFP-140")
    void callbackThatThrows_isAFault_andTheOthersHear() {
        watch(FwpmSubscription.toAll(null), change -> {
            throw new ArithmeticException("division by zero");
        });
        watch(null);

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(() -> other.addFilter(permit()))
                .withMessageContaining("CHANGE_CALLBACK_THREW")
                .withCauseInstanceOf(ArithmeticException.class);

        assertThat(heard).hasSize(1);
        assertThat(sim.fwpm().filters(null)).hasSize(1);
    }

    @Test
    @Spec("WFP-141")
    void whatACallbackChanges_isToldAfterItHasReturned() {
        Fwpm third = sim.fwpm().open(FwpmSession.dynamic("third"));
        third.fwpmFilterSubscribeChanges0(
                FwpmSubscription.toAll(null), (context, change) -> heard.add("third hears"), null, Out.empty());
        watch(FwpmSubscription.toAll(null), change -> {
            heard.add("watcher begins");
            assertThat(heard).as("it hears of its own change").hasSizeLessThan(5);
            watcher.addFilter(Filter.at(ELSEWHERE).permit());
            heard.add("watcher ends");
        });

        other.addFilter(permit());

        assertThat(heard).containsExactly("third hears", "watcher begins", "watcher ends", "third hears");
    }

    @Test
    @Spec("WFP-141")
    void twoWatchersThatFight_neitherNestNorLoseAChange() {
        Fwpm rival = sim.fwpm().open(new FwpmSession("rival", false));
        Fwpm service = sim.fwpm().open(new FwpmSession("service", false));
        Filter guard = Filter.at(LAYER).key(KEY).block();
        int[] rounds = {0};
        List<Integer> depths = new ArrayList<>();
        service.fwpmFilterSubscribeChanges0(
                FwpmSubscription.toDeletions(null),
                (context, change) -> {
                    depths.add(Thread.currentThread().getStackTrace().length);
                    service.fwpmFilterAdd0(guard, null);
                },
                null,
                Out.empty());
        rival.fwpmFilterSubscribeChanges0(
                new FwpmSubscription<>(null, FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD),
                (context, change) -> {
                    if (++rounds[0] < 1_000) {
                        rival.fwpmFilterDeleteByKey0(KEY);
                    }
                },
                null,
                Out.empty());

        service.addFilter(guard);

        assertThat(rounds[0]).isEqualTo(1_000);
        assertThat(depths).hasSize(999);
        assertThat(Collections.max(depths)).as("the stack stays flat").isEqualTo(Collections.min(depths));
    }

    // ---- until when

    @Test
    @Spec("WFP-142")
    void unsubscribed_hearsNothingMore_andTheHandleIsSpent() {
        FwpmChangeHandle handle = watch(null);
        assertThat(other.fwpmFilterUnsubscribeChanges0(handle))
                .as("of another session")
                .isEqualTo(Win32Error.WSA_INVALID_HANDLE);
        assertThat(watcher.fwpmSubLayerUnsubscribeChanges0(handle))
                .as("to changes of other objects")
                .isEqualTo(Win32Error.WSA_INVALID_HANDLE);

        assertThat(watcher.fwpmFilterUnsubscribeChanges0(handle)).isEqualTo(Win32Error.NO_ERROR);

        other.addFilter(permit());
        assertThat(heard).isEmpty();
        assertThat(watcher.fwpmFilterUnsubscribeChanges0(handle)).isEqualTo(Win32Error.WSA_INVALID_HANDLE);
    }

    @Test
    @Spec("WFP-142")
    void eachKind_hasItsUnsubscribe() {
        Out<FwpmChangeHandle> handle = Out.empty();
        watcher.fwpmProviderSubscribeChanges0(FwpmSubscription.toAll(null), (c, change) -> {}, null, handle);
        assertThat(watcher.fwpmProviderUnsubscribeChanges0(Objects.requireNonNull(handle.get())))
                .isEqualTo(Win32Error.NO_ERROR);
        watcher.fwpmCalloutSubscribeChanges0(FwpmSubscription.toAll(null), (c, change) -> {}, null, handle);
        assertThat(watcher.fwpmCalloutUnsubscribeChanges0(Objects.requireNonNull(handle.get())))
                .isEqualTo(Win32Error.NO_ERROR);
        watcher.fwpmSubLayerSubscribeChanges0(FwpmSubscription.toAll(null), (c, change) -> {}, null, handle);
        assertThat(watcher.fwpmSubLayerUnsubscribeChanges0(Objects.requireNonNull(handle.get())))
                .isEqualTo(Win32Error.NO_ERROR);
        watcher.fwpmProviderContextSubscribeChanges0(FwpmSubscription.toAll(null), (c, change) -> {}, null, handle);
        assertThat(watcher.fwpmProviderContextUnsubscribeChanges0(Objects.requireNonNull(handle.get())))
                .isEqualTo(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-142")
    void inATransaction_nobodySubscribesOrUnsubscribes() {
        FwpmChangeHandle handle = watch(null);
        watcher.fwpmTransactionBegin0(0);

        assertThat(watcher.fwpmFilterSubscribeChanges0(
                        FwpmSubscription.toAll(null), (context, change) -> {}, null, Out.empty()))
                .isEqualTo(Win32Error.FWP_E_TXN_IN_PROGRESS);
        assertThat(watcher.fwpmFilterUnsubscribeChanges0(handle)).isEqualTo(Win32Error.FWP_E_TXN_IN_PROGRESS);

        watcher.fwpmTransactionAbort0();
        other.addFilter(permit());
        assertThat(heard).hasSize(1);
    }

    @Test
    @Spec("WFP-142")
    void unsubscribing_waitsForTheCallbackThatRuns() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        FwpmChangeHandle handle = watch(FwpmSubscription.toAll(null), change -> {
            running.countDown();
            awaitForAWhile(mayReturn);
            heard.add("callback");
        });
        Thread changing = new Thread(() -> other.addFilter(permit()));
        changing.start();
        awaitForAWhile(running);
        Thread unsubscribing = new Thread(() -> {
            watcher.fwpmFilterUnsubscribeChanges0(handle);
            heard.add("unsubscribed");
        });
        unsubscribing.start();
        while (sim.waits().stream().noneMatch(wait -> wait.contains("the subscription to changes of filters"))) {
            assertThat(Thread.currentThread().isInterrupted())
                    .as("nobody waits")
                    .isFalse();
            Thread.onSpinWait();
        }
        assertThat(heard).isEmpty();

        mayReturn.countDown();
        changing.join(10_000);
        unsubscribing.join(10_000);

        assertThat(heard).containsExactly("callback", "unsubscribed");
    }

    private static void awaitForAWhile(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    @Spec("WFP-142")
    void unsubscribingInItsOwnCallback_isAFault_andEndsTheSubscriptionAllTheSame() {
        AtomicReference<@Nullable FwpmChangeHandle> handle = new AtomicReference<>();
        List<Win32Error> results = new ArrayList<>();
        handle.set(watch(
                FwpmSubscription.toAll(null),
                change -> results.add(watcher.fwpmFilterUnsubscribeChanges0(Objects.requireNonNull(handle.get())))));

        assertThatExceptionOfType(FaultException.class)
                .isThrownBy(() -> other.addFilter(permit()))
                .withMessageContaining("UNSUBSCRIBED_IN_OWN_CALLBACK");
        other.addFilter(permit());

        assertThat(results).containsExactly(Win32Error.NO_ERROR);
    }

    @Test
    @Spec("WFP-142")
    void unsubscribingAnotherSubscription_inACallback_isNoFault() {
        FwpmChangeHandle silent = watch(null);
        watch(FwpmSubscription.toAll(null), change -> watcher.fwpmFilterUnsubscribeChanges0(silent));

        other.addFilter(permit());
        other.addFilter(permit());

        assertThat(heard).hasSize(1);
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    @Spec("WFP-142")
    void faultsThatAreRecorded_leaveTheSameStateAsFaultsThatAreThrown() {
        try (WfpSim recording = WfpSim.open(SimOptions.defaults().faultMode(SimOptions.FaultMode.RECORD))) {
            Fwpm mine = recording.fwpm().open(FwpmSession.dynamic("mine"));
            Out<FwpmChangeHandle> handle = Out.empty();
            mine.fwpmFilterSubscribeChanges0(
                    FwpmSubscription.toAll(null),
                    (context, change) -> {
                        heard.add("called");
                        mine.fwpmFilterUnsubscribeChanges0(Objects.requireNonNull(handle.get()));
                    },
                    null,
                    handle);

            recording.fwpm().addFilter(permit());
            recording.fwpm().addFilter(permit());

            assertThat(heard).containsExactly("called");
            assertThat(recording.verifier().violations())
                    .extracting(finding -> finding.kind())
                    .containsExactly(Fault.UNSUBSCRIBED_IN_OWN_CALLBACK);
        }
    }

    @Test
    @Spec("WFP-143")
    void closedSession_hearsNothingMore_alsoIfItClosesItselfInTheCallback() {
        watch(FwpmSubscription.toAll(null), change -> {
            heard.add("called");
            watcher.close();
        });

        other.addFilter(permit());
        other.addFilter(permit());

        assertThat(heard).containsExactly("called");
        assertThat(watcher.fwpmFilterSubscribeChanges0(
                        FwpmSubscription.toAll(null), (context, change) -> {}, null, Out.empty()))
                .isEqualTo(Win32Error.FWP_E_SESSION_ABORTED);
        assertThat(sim.verifier().violations()).isEmpty();
    }

    @Test
    @Spec("WFP-143")
    void closing_doesNotWaitForTheCallbackThatRuns() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        watch(FwpmSubscription.toAll(null), change -> {
            running.countDown();
            awaitForAWhile(mayReturn);
        });
        Thread changing = new Thread(() -> other.addFilter(permit()));
        changing.start();
        awaitForAWhile(running);

        watcher.close();

        mayReturn.countDown();
        joinForAWhile(changing);
        assertThat(changing.isAlive()).isFalse();
    }

    /** Each of two products deletes what the other adds, and adds its own again. */
    @Test
    @Spec("WFP-141")
    void twoWatchersThatUndoEachOtherForEver_areTold_andTheCallReturns() {
        AtomicInteger turns = new AtomicInteger();
        watch(FwpmSubscription.toAll(null), change -> {
            turns.incrementAndGet();
            if (change.changeType() == ChangeType.FWPM_CHANGE_ADD) {
                watcher.fwpmFilterDeleteById0(change.filterId());
            }
        });
        Out<FwpmChangeHandle> handle = Out.empty();
        other.fwpmFilterSubscribeChanges0(
                FwpmSubscription.toAll(null),
                (context, change) -> {
                    if (change.changeType() == ChangeType.FWPM_CHANGE_DELETE) {
                        other.addFilter(permit());
                    }
                },
                null,
                handle);

        other.addFilter(permit());

        assertThat(sim.verifier().diagnostics())
                .singleElement()
                .satisfies(told -> assertThat(told.kind()).isEqualTo(Diagnostic.CHANGE_NOTICES_IN_A_LOOP));
        assertThat(turns.get()).isBetween(4_000, 10_000);
        assertThat(sim.waits()).isEmpty();
        long calm = turns.get();
        sim.fwpm()
                .open(FwpmSession.dynamic("third"))
                .addFilter(Filter.at(ELSEWHERE).permit());
        assertThat(turns.get()).as("who changes something later is heard anew").isGreaterThan((int) calm);
    }
}
