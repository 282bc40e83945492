package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.SubLayer;
import java.util.UUID;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A transaction replaces a filter by two others while a classification looks: it finds the old set or the new one. */
@JCStressTest
@Outcome(
        id = {"1, 1, 6", "1, 6, 6", "6, 6, 6"},
        expect = Expect.ACCEPTABLE,
        desc = "looked before, meanwhile or afterwards")
@Outcome(expect = Expect.FORBIDDEN, desc = "half a transaction was in force, or the new set was lost again")
@State
public class FilterSnapshotStress {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4;

    private final PolicyStore store = new PolicyStore(changed -> {});
    private final PolicySession session = new PolicySession(false);

    public FilterSnapshotStress() {
        store.add(session, filter(1));
    }

    private static InstalledFilter filter(long id) {
        return new InstalledFilter(
                id, new UUID(2, id), Filter.at(LAYER).permit(), SubLayer.UNIVERSAL, ShownFilter.Surroundings.NONE);
    }

    @Actor
    public void change() {
        store.begin(session, false);
        store.add(session, filter(2));
        store.deleteFilter(session, 1);
        store.add(session, filter(4));
        store.commit(session);
    }

    @Actor
    public void classify(III_Result result) {
        result.r1 = inForce();
        result.r2 = inForce();
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = inForce();
    }

    /** The ids of one look, added up. */
    private int inForce() {
        LayerFilters filters = store.at(LAYER);
        int sum = 0;
        for (int id = 1; id <= 4; id *= 2) {
            sum += filters.find(id) == null ? 0 : id;
        }
        return sum;
    }
}
