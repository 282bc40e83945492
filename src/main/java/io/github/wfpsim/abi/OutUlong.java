package io.github.wfpsim.abi;

/**
 * The Java dress of a pointer to a ULONG: a mutable cell of 32 bits without sign, 0 at first.
 *
 * <p>Not safe for use by several threads at once; a call that completes later fills it before it signals completion.
 */
public final class OutUlong {

    private int value;

    /** Creates a cell that holds 0. */
    public OutUlong() {
        this.value = 0;
    }

    /** {@return the 32 bits; numbers above 2<sup>31</sup> - 1 are negative} */
    public int value() {
        return value;
    }

    /** {@return the value as Windows reads it, 0 to 2<sup>32</sup> - 1} */
    public long unsigned() {
        return Integer.toUnsignedLong(value);
    }

    /**
     * Stores 32 bits.
     *
     * @param value the new value
     */
    public void set(int value) {
        this.value = value;
    }

    @Override
    public String toString() {
        return "OutUlong[" + Integer.toUnsignedString(value) + "]";
    }
}
