package io.github.wfpsim.soak;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * What one exchange does, drawn from the seed and its number, so that every party knows it.
 *
 * @param number the number of the exchange, which the application sends first
 * @param ending how it ends
 * @param requestBytes bytes that the application sends behind the number
 * @param responseBytes bytes that the origin sends
 * @param leaveAfter bytes after which the party that leaves early does so
 */
record Plan(long number, Ending ending, int requestBytes, int responseBytes, int leaveAfter) {

    /** Size of the number in front of the request. */
    static final int HEADER_BYTES = Long.BYTES;

    private static final int SMALL_BYTES = 4096;
    private static final int LARGE_BYTES = 200_000;
    private static final int LARGE_ONE_IN = 32;
    private static final int HUNDRED = 100;

    /** How an exchange ends, and in how many of a hundred. */
    enum Ending {
        /** The application ends its direction, reads the answer to its end, and closes. */
        COMPLETE(64),
        /** The origin answers and ends its direction before it reads the request. */
        ORIGIN_ENDS_FIRST(12),
        /** The application closes before it has sent everything and reads nothing. */
        APPLICATION_CLOSES(6),
        /** The application throws the connection away while it sends. */
        APPLICATION_ABORTS(6),
        /** The application closes as soon as it is connected. */
        APPLICATION_LEAVES(2),
        /** The origin closes in the middle of its answer, with the request unread. */
        ORIGIN_CLOSES(4),
        /** The origin throws the connection away. */
        ORIGIN_ABORTS(3),
        /** The proxy throws both connections away. */
        PROXY_ABORTS(3);

        private final int percent;

        Ending(int percent) {
            this.percent = percent;
        }

        /** Whether every byte has to arrive. */
        boolean isComplete() {
            return this == COMPLETE || this == ORIGIN_ENDS_FIRST;
        }

        private static Ending of(int draw) {
            int left = draw;
            for (Ending ending : values()) {
                left -= ending.percent;
                if (left < 0) {
                    return ending;
                }
            }
            return COMPLETE;
        }
    }

    static Plan of(long seed, long number) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        Ending ending = Ending.of(random.nextInt(HUNDRED));
        int request = size(random);
        int response = size(random);
        int most = Math.min(request, response);
        // Nobody reads while this origin writes: more than the windows hold would wait for ever.
        int bound = ending == Ending.ORIGIN_CLOSES ? Math.min(SMALL_BYTES, most) : most;
        return new Plan(number, ending, request, response, random.nextInt(Math.max(1, bound)));
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
