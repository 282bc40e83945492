package io.github.wfpsim.soak;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs proxied exchanges on one machine until a great many connections have come and gone, and proves that nothing is
 * lost and nothing stays behind.
 *
 * <p>Ends with status 0 if every byte arrived that should, no rule was broken, no driver holds anything, and the heap
 * after garbage collection did not grow between a tenth of the run and its end.
 */
@Command(name = "soak", mixinStandardHelpOptions = true, sortOptions = false)
public final class Soak implements Callable<Integer> {

    /** Which proxy serves. */
    enum Build {
        /** Threads that wait. */
        THREADS,
        /** A completion port. */
        PORT
    }

    private static final int KERNEL_PROXY_PORT = 8090;
    private static final double MIB = 1024 * 1024;
    private static final int COLLECTIONS = 4;
    private static final int TENTHS = 10;
    private static final Duration QUIET_BOUND = Duration.ofSeconds(60);
    private static final Duration STALL_BOUND = Duration.ofSeconds(60);

    @Option(names = "--connections", description = "exchanges to run (default: ${DEFAULT-VALUE})")
    private long connections = 1_000_000;

    @Option(names = "--concurrency", description = "exchanges at a time (default: ${DEFAULT-VALUE})")
    private int concurrency = 64;

    @Option(names = "--seed", description = "what the exchanges are drawn from (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--proxy", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Build build = Build.PORT;

    @Option(names = "--completion", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private CompletionMode completion = CompletionMode.SEEDED_RANDOM;

    @Option(names = "--workers", description = "threads of a proxy on a port (default: ${DEFAULT-VALUE})")
    private int workers = 2;

    @Option(names = "--heap-bound", description = "MiB that the heap may differ by (default: ${DEFAULT-VALUE})")
    private double heapBound = 1;

    private final PrintStream out = System.out;
    private final Tally tally = new Tally();
    private final AtomicLong next = new AtomicLong();
    private final List<Thread> applications = new ArrayList<>();

    private Soak() {}

    /**
     * Runs it.
     *
     * @param args see {@code --help}
     */
    public static void main(String... args) {
        System.exit(new CommandLine(new Soak())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    static Thread daemon(String role, Runnable work) {
        Thread thread = new Thread(work, role);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public Integer call() throws Exception {
        SimOptions options = SimOptions.defaults()
                .faultMode(FaultMode.RECORD)
                .completionMode(completion)
                .seed(seed)
                .traceCapacity(0);
        WfpSim sim = WfpSim.open(options);
        SimProcess server = sim.process("C:\\Apps\\server.exe", Token.STANDARD_USER);
        SimProcess client = sim.process("C:\\Apps\\app.exe", Token.STANDARD_USER);
        TcpProduct product = sim.product("vendor").redirectTcp(Plan.Route.portsOfProxy());
        KernelProduct inDriver =
                sim.product("filter").proxyPort(KERNEL_PROXY_PORT).redirectTcpInDriver(Plan.Route.DRIVER.port());
        Proxy proxy = proxy(product);
        listen(server, ownIpv4(sim));
        proxy.start();
        Troubles troubles = new Troubles(sim, client.imagePath(), tally);
        double[] heap = run(sim, new Application(sim, client, ownIpv4(sim), tally));
        troubles.close();
        out.println(tally.troubles() + String.format(", %,d connections over the driver's proxy", inDriver.served()));
        inDriver.close();
        proxy.close();
        client.close();
        server.close();
        product.close();
        return judge(sim, heap);
    }

    private void listen(SimProcess server, InetAddress address) throws IOException {
        for (Plan.Route route : Plan.Route.values()) {
            Origin origin = new Origin(server, new InetSocketAddress(address, route.port()), this::plan, tally);
            for (int i = 0; i < concurrency; i++) {
                daemon("origin", origin::work).start();
            }
        }
    }

    private static InetAddress ownIpv4(WfpSim sim) {
        return sim.addresses().stream()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow();
    }

    private Proxy proxy(TcpProduct product) {
        return build == Build.PORT
                ? new PortProxy(product, workers, this::plan, tally)
                : new ThreadProxy(product, concurrency, this::plan, tally);
    }

    private Plan plan(long number) {
        return Plan.of(seed, number);
    }

    // ---- running

    private double[] run(WfpSim sim, Application application) throws InterruptedException {
        double[] heap = new double[2];
        long started = System.nanoTime();
        long tenth = connections / TENTHS;
        runUpTo(tenth, application);
        awaitQuiet(sim);
        heap[0] = usedHeap();
        report("10 %", started, heap[0]);
        for (int step = 2; step <= TENTHS; step++) {
            runUpTo(step == TENTHS ? connections : step * tenth, application);
            report(step * TENTHS + " %", started, 0);
        }
        awaitQuiet(sim);
        heap[1] = usedHeap();
        report("end", started, heap[1]);
        return heap;
    }

    private void runUpTo(long bound, Application application) throws InterruptedException {
        applications.clear();
        for (int i = 0; i < concurrency; i++) {
            Thread thread = daemon("application", () -> {
                for (long number = take(bound); number >= 0; number = take(bound)) {
                    application.exchange(plan(number));
                }
            });
            applications.add(thread);
            thread.start();
        }
        for (Thread thread : applications) {
            join(thread);
        }
    }

    /** Waits as long as exchanges end. */
    private void join(Thread thread) throws InterruptedException {
        long seen = -1;
        while (thread.isAlive()) {
            if (tally.connections() == seen) {
                throw new IllegalStateException("no exchange ended for " + STALL_BOUND + ": " + waiting());
            }
            seen = tally.connections();
            thread.join(STALL_BOUND.toMillis());
        }
    }

    /** Where the applications wait. */
    private String waiting() {
        return applications.stream()
                .filter(Thread::isAlive)
                .map(thread -> List.of(thread.getStackTrace()).toString())
                .distinct()
                .collect(Collectors.joining("; "));
    }

    /** The number of the next exchange, or -1 at the bound. */
    private long take(long bound) {
        long taken = next.getAndUpdate(number -> Math.min(bound, number + 1));
        return taken < bound ? taken : -1;
    }

    private void awaitQuiet(WfpSim sim) {
        long deadline = System.nanoTime() + QUIET_BOUND.toNanos();
        while (!isQuiet(sim)) {
            if (System.nanoTime() > deadline) {
                tally.complain("connections stay behind: "
                        + sim.connections().stream().limit(TENTHS).toList());
                return;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Nothing but listeners, and fresh sockets that wait for AcceptEx to fill them. */
    private static boolean isQuiet(WfpSim sim) {
        return sim.connections().stream()
                .map(ConnectionSnapshot::state)
                .allMatch(state -> state == ConnectionState.LISTENING || state == ConnectionState.OPEN);
    }

    private static double usedHeap() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB;
    }

    private void report(String when, long started, double heap) {
        double seconds = (System.nanoTime() - started) / 1e9;
        out.printf(
                "%-5s %,d connections, %,.0f per second, %,d complete, %,d inspected, %,.1f MiB sent and received%s%n",
                when,
                tally.connections(),
                tally.connections() / seconds,
                tally.completed(),
                tally.inspections(),
                tally.bytes() / MIB,
                heap == 0 ? "" : String.format(", heap %.2f MiB", heap));
    }

    // ---- judging

    private int judge(WfpSim sim, double... heap) {
        List<String> wrong = new ArrayList<>(tally.complaints());
        if (!sim.connections().isEmpty()) {
            wrong.add("endpoints stay behind: " + sim.connections());
        }
        if (!sim.held().isEmpty()) {
            wrong.add("drivers hold " + sim.held());
        }
        var report = sim.tearDown();
        if (!report.isEmpty()) {
            wrong.add("teardown: " + report);
        }
        sim.verifier().violations().forEach(violation -> wrong.add("violation: " + violation));
        sim.verifier().diagnostics().forEach(finding -> wrong.add("diagnostic: " + finding));
        if (Math.abs(heap[1] - heap[0]) >= heapBound) {
            wrong.add(String.format("heap: %.2f MiB at 10 %%, %.2f MiB at the end", heap[0], heap[1]));
        }
        wrong.forEach(what -> out.println("WRONG " + what));
        out.println(wrong.isEmpty() ? "OK" : wrong.size() + " thing(s) wrong");
        return wrong.isEmpty() ? 0 : 1;
    }
}
