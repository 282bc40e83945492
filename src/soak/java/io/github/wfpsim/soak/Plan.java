package io.github.wfpsim.soak;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * What one exchange does, drawn from the seed and its number, so that every party knows it.
 *
 * @param number the number of the exchange, which the application sends first
 * @param route which way it goes
 * @param ending how it ends
 * @param requestBytes bytes that the application sends behind the number
 * @param responseBytes bytes that the origin sends
 * @param leaveAfter bytes after which the party that leaves early does so
 */
record Plan(long number, Route route, Ending ending, int requestBytes, int responseBytes, int leaveAfter) {

    /** Size of the number in front of the request. */
    static final int HEADER_BYTES = Long.BYTES;

    private static final int SMALL_BYTES = 4096;
    private static final int LARGE_BYTES = 200_000;
    private static final int LARGE_ONE_IN = 32;
    private static final int THOUSAND = 1000;

    /** Which way an exchange goes, by the port that the application asks for, and how many of a thousand do. */
    enum Route {
        /** Over the proxy in a process. */
        PROXY(443, 600),
        /** Over the proxy in a driver. */
        DRIVER(8443, 250),
        /** Over the proxy in a process, while filters forbid the port now and then. */
        POLICY(444, 70),
        /** The visiting driver pends the connect and completes it later. */
        PENDED(445, 50),
        /** The visiting driver pends the connect until it unloads; the application gives up before. */
        PENDED_FOR_EVER(446, 30);

        private final int port;
        private final int perMille;

        Route(int port, int perMille) {
            this.port = port;
            this.perMille = perMille;
        }

        int port() {
            return port;
        }

        /** Those that the proxy in a process serves. */
        static int[] portsOfProxy() {
            return Stream.of(values())
                    .filter(route -> route != DRIVER)
                    .mapToInt(Route::port)
                    .toArray();
        }

        private static Route of(int draw) {
            int left = draw;
            for (Route route : values()) {
                left -= route.perMille;
                if (left < 0) {
                    return route;
                }
            }
            return PROXY;
        }
    }

    /** How an exchange ends, and in how many of a thousand. */
    enum Ending {
        /** The application ends its direction, reads the answer to its end, and closes. */
        COMPLETE(548),
        /** The origin answers and ends its direction before it reads the request. */
        ORIGIN_ENDS_FIRST(110),
        /** The application closes before it has sent everything and reads nothing. */
        APPLICATION_CLOSES(60),
        /** The application throws the connection away while it sends. */
        APPLICATION_ABORTS(60),
        /** The application closes as soon as it is connected. */
        APPLICATION_LEAVES(20),
        /** The origin closes in the middle of its answer, with the request unread. */
        ORIGIN_CLOSES(40),
        /** The origin throws the connection away. */
        ORIGIN_ABORTS(30),
        /** The proxy throws both connections away. */
        PROXY_ABORTS(30),
        /** As COMPLETE, but a receive that waits is cancelled first. */
        APPLICATION_CANCELS(100),
        /** The application's process ends in the middle of its request. */
        APPLICATION_DIES(2);

        private final int perMille;

        Ending(int perMille) {
            this.perMille = perMille;
        }

        private boolean isComplete() {
            return this == COMPLETE || this == ORIGIN_ENDS_FIRST || this == APPLICATION_CANCELS;
        }

        private static Ending of(int draw) {
            int left = draw;
            for (Ending ending : values()) {
                left -= ending.perMille;
                if (left < 0) {
                    return ending;
                }
            }
            return COMPLETE;
        }
    }

    /** Whether every byte has to arrive. */
    boolean isComplete() {
        return ending.isComplete() && route != Route.POLICY && route != Route.PENDED_FOR_EVER;
    }

    static Plan of(long seed, long number) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        Ending drawn = Ending.of(random.nextInt(THOUSAND));
        Route route = Route.of(random.nextInt(THOUSAND));
        // The proxy in the driver has no plans.
        Ending ending = drawn == Ending.PROXY_ABORTS && route == Route.DRIVER ? Ending.COMPLETE : drawn;
        int request = size(random);
        int response = size(random);
        int most = Math.min(request, response);
        // Nobody reads while this origin writes: more than the windows hold would wait for ever.
        int bound = ending == Ending.ORIGIN_CLOSES ? Math.min(SMALL_BYTES, most) : most;
        return new Plan(number, route, ending, request, response, random.nextInt(Math.max(1, bound)));
    }

    private static int size(SplittableRandom random) {
        return random.nextInt(LARGE_ONE_IN) == 0 ? random.nextInt(LARGE_BYTES) : random.nextInt(SMALL_BYTES);
    }

    /** What the first bytes of a client tell its proxy. */
    static boolean isToBeAborted(ByteBuffer first, LongFunction<Plan> plans) {
        return first.remaining() >= HEADER_BYTES
                && plans.apply(first.getLong(first.position())).ending() == Ending.PROXY_ABORTS;
    }
}
