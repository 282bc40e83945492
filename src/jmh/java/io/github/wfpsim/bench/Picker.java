package io.github.wfpsim.bench;

/** Picks one of many, each time another, so that memory is met as at random, by a multiplication and an addition. */
final class Picker {

    private static final int FACTOR = 1_664_525;
    private static final int SUMMAND = 1_013_904_223;
    private static final int SPREAD = 7919;

    private int next = (int) (Thread.currentThread().getId() * SPREAD);

    /** A number from 0 on and below the count. */
    int pick(int count) {
        next = next * FACTOR + SUMMAND;
        return (int) ((Integer.toUnsignedLong(next) * count) >>> Integer.SIZE);
    }
}
