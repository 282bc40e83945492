package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpsFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A filter as one call of a callout's function is shown it, and a fault for reading it after the loan (WFP-19). */
final class LentFilter implements FwpsFilter {

    private final Loan loan;
    private final ShownFilter filter;

    LentFilter(Loan loan, ShownFilter filter) {
        this.loan = loan;
        this.filter = filter;
    }

    private ShownFilter read(String member) {
        if (loan.isOver()) {
            loan.refuseStale("filter." + member, "read");
        }
        return filter;
    }

    @Override
    public long filterId() {
        return read("filterId").filterId();
    }

    @Override
    public String name() {
        return read("name").name();
    }

    @Override
    public ActionType action() {
        return read("action.type").action();
    }

    @Override
    public int calloutId() {
        return read("action.calloutId").calloutId();
    }

    @Override
    public long weight() {
        return read("weight").weight();
    }

    @Override
    public int subLayerWeight() {
        return read("subLayerWeight").subLayerWeight();
    }

    @Override
    public int flags() {
        return read("flags").flags();
    }

    @Override
    public List<FilterCondition> filterConditions() {
        return read("filterCondition").filterConditions();
    }

    @Override
    public long context() {
        return read("context").context();
    }

    @Override
    public void setContext(long value) {
        filter.setContext(value);
    }

    @Override
    public @Nullable FwpmProviderContext providerContext() {
        return read("providerContext").providerContext();
    }

    @Override
    public String toString() {
        return filter.toString();
    }
}
