package io.github.wfpsim.model;

/** The output of a query, judged by the length of what there is to copy. */
enum Room {
    ZERO,
    ONE,
    THREE,
    FOUR,
    /** One byte less than needed. */
    SHORT,
    EXACT,
    LARGE,
    /** A null pointer with a size. */
    NULL,
    /** More is declared than there is. */
    OVERSTATED,
    READ_ONLY,
    /** Large, but without a place for the count. */
    NO_COUNT;

    private static final int LARGE_BYTES = 4096;

    /** The declared size. */
    int bytes(int needed) {
        return switch (this) {
            case ZERO -> 0;
            case ONE -> 1;
            case THREE -> 3;
            case FOUR -> 4;
            case SHORT -> needed - 1;
            case EXACT -> needed;
            case LARGE, NULL, OVERSTATED, READ_ONLY, NO_COUNT -> LARGE_BYTES;
        };
    }

    boolean isBadMemory() {
        return switch (this) {
            case NULL, OVERSTATED, READ_ONLY, NO_COUNT -> true;
            case ZERO, ONE, THREE, FOUR, SHORT, EXACT, LARGE -> false;
        };
    }
}
