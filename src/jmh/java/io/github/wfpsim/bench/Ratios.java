package io.github.wfpsim.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs all benchmarks and prints the table of targets and results as Markdown. The arguments are JMH's: names of benchmarks
 * run only these, and leave the other rows open.
 */
public final class Ratios {

    private static final String PACKAGE = "io.github.wfpsim.bench.";
    private static final String OPEN = "not run";

    /** What two threads are measured with. */
    private static final List<String> SHARED =
            List.of("RecordQueryBenchmark", "KernelQueryBenchmark", "RedirectedExchangeBenchmark");

    private final List<RunResult> one = new ArrayList<>();
    private final List<RunResult> two = new ArrayList<>();

    private Ratios() {}

    /** Runs and prints. */
    public static void main(String[] arguments) throws Exception {
        Ratios ratios = measured(new CommandLineOptions(arguments));
        System.out.println(ratios.table());
    }

    static Ratios measured(Options options) throws RunnerException {
        Ratios ratios = new Ratios();
        boolean all = options.getIncludes().isEmpty();
        ratios.one.addAll(run(options, 1, all ? List.of(PACKAGE) : List.of()));
        ratios.two.addAll(run(options, 2, all ? SHARED : List.of()));
        return ratios;
    }

    private static Collection<RunResult> run(Options options, int threads, List<String> includes)
            throws RunnerException {
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .parent(options)
                .threads(threads)
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class);
        includes.forEach(builder::include);
        return new Runner(builder.build()).run();
    }

    /** What ran on one thread, such as "StreamBenchmark.floor". */
    List<String> names() {
        return one.stream().map(Ratios::nameOf).distinct().toList();
    }

    String table() {
        StringBuilder lines = new StringBuilder("| What | Target | Result | Met |\n|---|---|---|---|\n");
        for (Row row : rows()) {
            lines.append(row.line()).append('\n');
        }
        return lines.toString();
    }

    /** One line of the table. A result that is not a number was not run. */
    private record Row(String what, String target, String unit, double result, DoublePredicate met) {
        String line() {
            String shown = Double.isNaN(result) ? OPEN : String.format(Locale.ROOT, "%.2f%s", result, unit);
            boolean judged = !Double.isNaN(result) && !target.isEmpty();
            String verdict = !judged ? "" : met.test(result) ? "yes" : "no";
            return "| " + what + " | " + target + " | " + shown + " | " + verdict + " |";
        }
    }

    private static Row atMost(String what, double limit, String unit, double result) {
        return new Row(what, "≤ " + plain(limit) + unit, unit, result, value -> value <= limit);
    }

    private static Row atLeast(String what, double limit, String unit, double result) {
        return new Row(what, "≥ " + plain(limit) + unit, unit, result, value -> value >= limit);
    }

    /** Without a target: to be read, not to be met. */
    private static Row known(String what, String unit, double result) {
        return new Row(what, "", unit, result, value -> true);
    }

    private static String plain(double limit) {
        return limit == Math.rint(limit) ? String.valueOf((long) limit) : String.valueOf(limit);
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        queries(rows, "WSAIoctl for records", "RecordQueryBenchmark.records", "RecordQueryBenchmark.floor");
        queries(rows, "WSAIoctl for the context", "RecordQueryBenchmark.context", "RecordQueryBenchmark.contextFloor");
        queries(rows, "WskControlSocket for records", "KernelQueryBenchmark.query", "KernelQueryBenchmark.floor");
        String state = "RedirectStateBenchmark.query";
        rows.add(atMost("state query, chain of 3", 30, " ns", nanos(only(one, state, "chain", 3))));
        rows.add(atMost("the same, allocated", 0, " B", allocated(only(one, state, "chain", 3))));
        rows.add(known(
                "the same against its floor",
                " x",
                nanos(only(one, state, "chain", 3)) / nanos(only(one, "RedirectStateBenchmark.floor", "chain", 3))));
        String classify = "ClassifyBenchmark.classify";
        rows.add(atMost(
                "classify, most filters against fewest",
                3,
                " x",
                nanos(most(one, classify)) / nanos(least(one, classify))));
        rows.add(atMost(
                "the same, allocated more", 0, " B", allocated(most(one, classify)) - allocated(least(one, classify))));
        rows.add(known(
                "add a filter to most and delete it", " us", nanos(most(one, "ClassifyBenchmark.addAndDelete")) / 1e3));
        exchanges(rows);
        streams(rows);
        rows.add(atMost(
                "open and close a small machine", 50, " us", nanos(least(one, "StartUpBenchmark.openAndClose")) / 1e3));
        rows.add(atMost(
                "trace and verifier, unheard, of an exchange",
                5,
                " %",
                100 * nanos(least(one, "SilenceBenchmark.unheard")) / nanos(least(one, "SilenceBenchmark.exchange"))));
        return rows;
    }

    private void queries(List<Row> rows, String what, String ours, String floor) {
        rows.add(atMost(
                what + ", most live, against its floor", 2, " x", nanos(most(one, ours)) / nanos(most(one, floor))));
        rows.add(atMost("the same, allocated", 0, " B", allocated(most(one, ours))));
        rows.add(atLeast(
                "the same on 2 threads against 1", 1.8, " x", 2 * nanos(most(one, ours)) / nanos(most(two, ours))));
        rows.add(
                known("its floor on 2 threads against 1", " x", 2 * nanos(most(one, floor)) / nanos(most(two, floor))));
    }

    private void exchanges(List<Row> rows) {
        for (String what : List.of("connection", "exchange")) {
            String ours = "RedirectedExchangeBenchmark." + what;
            double time = nanos(least(one, ours));
            rows.add(atMost(what + " against its floor", 4, " x", time / nanos(least(one, ours + "Floor"))));
            rows.add(atLeast("JDK sockets against " + what, 15, " x", nanos(least(one, ours + "Jdk")) / time));
            rows.add(atLeast("Netty LocalChannel against " + what, 3, " x", nanos(least(one, ours + "Netty")) / time));
            rows.add(atMost(what + ", most live against none", 2.5, " x", nanos(most(one, ours)) / time));
            rows.add(known(
                    "its floor, most live against none",
                    " x",
                    nanos(most(one, ours + "Floor")) / nanos(least(one, ours + "Floor"))));
            rows.add(known(what + " on 2 threads against 1", " x", 2 * time / nanos(least(two, ours))));
        }
    }

    private void streams(List<Row> rows) {
        for (String hops : List.of("", "Relayed")) {
            String what = "64 KiB" + (hops.isEmpty() ? "" : ", relayed") + ", ";
            double time = nanos(least(one, "StreamBenchmark.sockets" + hops));
            rows.add(atLeast(
                    what + "Netty LocalChannel against ours",
                    1,
                    " x",
                    nanos(least(one, "StreamBenchmark.nettyLocalChannel" + hops)) / time));
            rows.add(atLeast(
                    what + "loopback TCP against ours",
                    8,
                    " x",
                    nanos(least(one, "StreamBenchmark.loopbackTcp" + hops)) / time));
            rows.add(known(
                    what + "ours against its floor", " x", time / nanos(least(one, "StreamBenchmark.floor" + hops))));
        }
    }

    private static List<RunResult> named(List<RunResult> runs, String name) {
        return runs.stream().filter(run -> nameOf(run).equals(name)).toList();
    }

    /** With the largest value of the parameter, or without one. */
    private static List<RunResult> most(List<RunResult> runs, String name) {
        List<RunResult> found = named(runs, name);
        return found.isEmpty() ? found : found.subList(found.size() - 1, found.size());
    }

    /** With the smallest value of the parameter, or without one. */
    private static List<RunResult> least(List<RunResult> runs, String name) {
        List<RunResult> found = named(runs, name);
        return found.isEmpty() ? found : found.subList(0, 1);
    }

    private static List<RunResult> only(List<RunResult> runs, String name, String parameter, int value) {
        return named(runs, name).stream()
                .filter(run -> run.getParams().getParam(parameter).equals(String.valueOf(value)))
                .toList();
    }

    private static String nameOf(RunResult run) {
        return run.getParams().getBenchmark().substring(PACKAGE.length());
    }

    private static double nanos(List<RunResult> runs) {
        for (RunResult run : runs) {
            double score = run.getPrimaryResult().getScore();
            return score * TimeUnit.NANOSECONDS.convert(1, run.getParams().getTimeUnit());
        }
        return Double.NaN;
    }

    /**
     * Bytes for each call, of the iteration with the fewest: closing the machine counts for the last one. What a profiler's
     * own threads allocate is less than half a byte.
     */
    private static double allocated(List<RunResult> runs) {
        return runs.stream()
                .limit(1)
                .flatMap(run -> run.getBenchmarkResults().stream())
                .flatMap(fork -> fork.getIterationResults().stream())
                .mapToDouble(iteration -> Math.rint(iteration
                        .getSecondaryResults()
                        .get("gc.alloc.rate.norm")
                        .getScore()))
                .min()
                .orElse(Double.NaN);
    }
}
