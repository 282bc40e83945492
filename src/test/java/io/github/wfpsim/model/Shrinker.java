package io.github.wfpsim.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Makes a sequence that shows a difference as short and simple as it gets: drops steps, ever smaller runs of them, then
 * simplifies arguments, until nothing helps (delta debugging). Every try runs on a fresh machine.
 */
final class Shrinker {

    private final Supplier<? extends Model> models;
    private Comparison best;

    private Shrinker(Comparison failing, Supplier<? extends Model> models) {
        this.best = failing;
        this.models = models;
    }

    static Comparison shrink(Comparison failing, Supplier<? extends Model> models) {
        Shrinker shrinker = new Shrinker(failing, models);
        boolean better = true;
        while (better) {
            boolean shorter = shrinker.dropRuns();
            better = shrinker.simplify() || shorter;
        }
        shrinker.renumber();
        return shrinker.best;
    }

    private boolean isKept(List<Step> candidate) {
        Comparison tried = Comparison.of(candidate, models);
        boolean alike = best.difference() != null && best.difference().isLike(tried.difference());
        if (alike) {
            best = tried;
        }
        return alike;
    }

    private boolean dropRuns() {
        boolean any = false;
        for (int length = best.made().size() / 2; length > 0; length /= 2) {
            int from = 0;
            while (from < best.made().size()) {
                List<Step> candidate = new ArrayList<>(best.steps());
                candidate
                        .subList(from, Math.min(from + length, candidate.size()))
                        .clear();
                if (isKept(candidate)) {
                    any = true;
                } else {
                    from += length;
                }
            }
        }
        return any;
    }

    private boolean simplify() {
        boolean any = false;
        for (int i = 0; i < best.made().size(); i++) {
            for (Step simpler : best.steps().get(i).simpler()) {
                List<Step> candidate = new ArrayList<>(best.steps());
                candidate.set(i, simpler);
                if (isKept(candidate)) {
                    any = true;
                    break;
                }
            }
        }
        return any;
    }

    /** Numbers sockets, records and structures from 0 on. */
    private void renumber() {
        Map<String, Map<Integer, Integer>> kinds = new HashMap<>();
        isKept(best.steps().stream()
                .map(step -> step.renumbered(kind -> old -> {
                    Map<Integer, Integer> numbers = kinds.computeIfAbsent(kind, fresh -> new HashMap<>());
                    Integer number = numbers.get(old);
                    if (number == null) {
                        number = numbers.size();
                        numbers.put(old, number);
                    }
                    return number;
                }))
                .toList());
    }
}
