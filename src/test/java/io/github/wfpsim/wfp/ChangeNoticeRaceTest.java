package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ChangeType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Race;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscribe, unsubscribe, close and commit, all at once. */
@Timeout(60)
class ChangeNoticeRaceTest {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;
    private static final int ROUNDS = 300;

    private static boolean addAndDelete(Fwpm session) {
        for (int i = 0; i < ROUNDS; i++) {
            Out<Long> id = Out.empty();
            if (session.fwpmFilterAdd0(Filter.at(LAYER).permit(), id) == Win32Error.NO_ERROR) {
                while (session.fwpmFilterDeleteById0(Objects.requireNonNull(id.get())) != Win32Error.NO_ERROR) {
                    Thread.onSpinWait(); // another session has a transaction
                }
            }
        }
        return true;
    }

    private static boolean commit(Fwpm session) {
        for (int i = 0; i < ROUNDS; i++) {
            if (session.fwpmTransactionBegin0(0) == Win32Error.NO_ERROR) {
                session.fwpmFilterDeleteById0(session.addFilter(Filter.at(LAYER).permit()));
                long kept = session.addFilter(Filter.at(LAYER).permit());
                session.fwpmTransactionCommit0();
                while (session.fwpmFilterDeleteById0(kept) != Win32Error.NO_ERROR) {
                    Thread.onSpinWait();
                }
            }
        }
        return true;
    }

    /** What the callback saw: each filter comes once, goes once, and in that order, whoever changed it. */
    @Test
    @Spec({"WFP-139", "WFP-141"})
    void oneSubscriber_hearsAllChangesOfManyThreads_inOneOrder_oneAtATime() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            Fwpm watcher = sim.fwpm().open(FwpmSession.dynamic("watcher"));
            Set<Long> there = new HashSet<>(); // not for many threads: one call at a time
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger heard = new AtomicInteger();
            List<String> wrong = new ArrayList<>();
            watcher.fwpmFilterSubscribeChanges0(
                    FwpmSubscription.toAll(null),
                    (context, change) -> {
                        if (inside.incrementAndGet() != 1) {
                            wrong.add("two at once");
                        }
                        boolean came = change.changeType() == ChangeType.FWPM_CHANGE_ADD
                                ? there.add(change.filterId())
                                : there.remove(change.filterId());
                        if (!came) {
                            wrong.add(change.toString());
                        }
                        heard.incrementAndGet();
                        inside.decrementAndGet();
                    },
                    null,
                    Out.empty());
            List<Callable<Boolean>> works = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Fwpm session = sim.fwpm().open(new FwpmSession("session " + i, false));
                boolean inTransactions = i == 0;
                works.add(() -> inTransactions ? commit(session) : addAndDelete(session));
            }

            Race.run(works);

            assertThat(wrong).isEmpty();
            assertThat(there).isEmpty();
            assertThat(heard.get()).isPositive().isEven();
        }
    }

    @Test
    @Spec("WFP-142")
    void afterUnsubscribingHasReturned_nothingIsCalled() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            Fwpm watcher = sim.fwpm().open(FwpmSession.dynamic("watcher"));
            Fwpm other = sim.fwpm().open(new FwpmSession("other", false));
            AtomicInteger late = new AtomicInteger();
            AtomicBoolean over = new AtomicBoolean();
            Callable<Boolean> subscribing = () -> {
                for (int i = 0; i < 2_000; i++) {
                    AtomicBoolean ended = new AtomicBoolean();
                    Out<FwpmChangeHandle> handle = Out.empty();
                    watcher.fwpmFilterSubscribeChanges0(
                            FwpmSubscription.toAll(null),
                            (context, change) -> {
                                Thread.onSpinWait();
                                if (ended.get()) {
                                    late.incrementAndGet();
                                }
                            },
                            null,
                            handle);
                    watcher.fwpmFilterUnsubscribeChanges0(Objects.requireNonNull(handle.get()));
                    ended.set(true);
                }
                over.set(true);
                return true;
            };
            Callable<Boolean> changing = () -> {
                while (!over.get()) {
                    other.fwpmFilterDeleteById0(other.addFilter(Filter.at(LAYER).permit()));
                }
                return true;
            };

            Race.run(List.of(subscribing, changing, changing), 40);

            assertThat(late).hasValue(0);
        }
    }

    @Test
    @Spec({"WFP-140", "WFP-143"})
    void sessionsThatCloseWhileTheirCallbacksAddFilters_leaveNothing() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            Fwpm other = sim.fwpm().open(new FwpmSession("other", false));
            AtomicBoolean over = new AtomicBoolean();
            Callable<Boolean> closing = () -> {
                for (int i = 0; i < 500; i++) {
                    Fwpm session = sim.fwpm().open(FwpmSession.dynamic("short"));
                    session.fwpmFilterSubscribeChanges0(
                            FwpmSubscription.toDeletions(null),
                            (context, change) -> session.fwpmFilterAdd0(
                                    Filter.at(LAYER).name("of a session").permit(), null),
                            null,
                            Out.empty());
                    session.close();
                }
                over.set(true);
                return true;
            };
            Callable<Boolean> changing = () -> {
                while (!over.get()) {
                    other.fwpmFilterDeleteById0(other.addFilter(Filter.at(LAYER).permit()));
                }
                return true;
            };

            Race.run(List.of(closing, changing), 40);

            assertThat(sim.fwpm().filters(null)).isEmpty();
            assertThat(sim.verifier().violations()).isEmpty();
        }
    }

    @Test
    @Spec("WFP-142")
    void manyThreadsThatUnsubscribe_agreeOnWhoDid() throws Exception {
        try (WfpSim sim = WfpSim.open()) {
            Fwpm watcher = sim.fwpm().open(FwpmSession.dynamic("watcher"));
            for (int i = 0; i < 200; i++) {
                Out<FwpmChangeHandle> handle = Out.empty();
                watcher.fwpmFilterSubscribeChanges0(
                        FwpmSubscription.toAll(null), (context, change) -> {}, null, handle);
                FwpmChangeHandle made = Objects.requireNonNull(handle.get());

                List<Win32Error> results = Race.run(3, () -> watcher.fwpmFilterUnsubscribeChanges0(made));

                assertThat(results)
                        .containsExactlyInAnyOrder(
                                Win32Error.NO_ERROR, Win32Error.WSA_INVALID_HANDLE, Win32Error.WSA_INVALID_HANDLE);
            }
        }
    }
}
