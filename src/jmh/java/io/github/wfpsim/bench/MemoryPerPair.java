package io.github.wfpsim.bench;

import java.lang.ref.Reference;
import java.util.Locale;

/**
 * Prints how many bytes of heap one live redirected pair retains: the application's socket, the proxy's inbound and onward
 * sockets, of which the onward one has its records set, and the origin's end. The number of pairs is the only argument.
 *
 * <p>Heap in use after collection, before and after the pairs were opened, divided by their number. What the program itself
 * needs to keep the four ends is allocated before. Run it with the serial collector, whose account has no regions that are
 * half empty.
 */
public final class MemoryPerPair {

    private static final int PAIRS = 200_000;
    private static final int ENDS = 4;
    private static final int COLLECTIONS = 3;
    private static final double EIGHT_GIB = 8.0 * (1L << 30);

    private MemoryPerPair() {}

    /** Prints a table. */
    public static void main(String[] arguments) throws Exception {
        int pairs = arguments.length == 0 ? PAIRS : Integer.parseInt(arguments[0]);
        System.out.println("| Live redirected pair | Bytes | Pairs in 8 GiB, computed |");
        System.out.println("|---|---|---|");
        for (boolean exchanged : new boolean[] {false, true}) {
            for (boolean withContext : new boolean[] {false, true}) {
                double bytes = retained(pairs, withContext, exchanged);
                System.out.printf(
                        Locale.ROOT,
                        "| %s, %s | %.0f | %.1f million |%n",
                        exchanged ? "after one exchange" : "idle",
                        withContext ? "with a context of 16 bytes" : "without context",
                        bytes,
                        EIGHT_GIB / bytes / 1e6);
            }
        }
    }

    static double retained(int pairs, boolean withContext, boolean exchanged) throws Exception {
        try (RedirectedMachine machine = new RedirectedMachine(0)) {
            RedirectedMachine.Lane lane = machine.lane(withContext);
            Object[][] kept = new Object[ENDS][pairs];
            // Classes are loaded and tables of the first size allocated by the first pair.
            Object[] first = lane.pair(0, exchanged);
            try {
                long before = used();
                for (int i = 0; i < pairs; i++) {
                    keep(kept, i, lane.pair(i + 1, exchanged));
                }
                return (used() - before) / (double) pairs;
            } finally {
                Reference.reachabilityFence(first);
                Reference.reachabilityFence(kept);
            }
        }
    }

    private static void keep(Object[][] kept, int place, Object[] ends) {
        for (int end = 0; end < ENDS; end++) {
            kept[end][place] = ends[end];
        }
    }

    private static long used() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
