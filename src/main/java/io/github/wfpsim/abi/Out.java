package io.github.wfpsim.abi;

import org.jspecify.annotations.Nullable;

/**
 * The Java dress of a pointer to a result: a mutable cell that the callee fills.
 *
 * <p>Not safe for use by several threads at once; a call that completes later fills it before it signals completion.
 *
 * @param <T> type of the result
 */
public final class Out<T> {

    private @Nullable T value;

    private Out() {}

    /**
     * Creates a cell that holds nothing.
     *
     * @param <T> type of the result
     * @return a new cell
     */
    public static <T> Out<T> empty() {
        return new Out<>();
    }

    /** {@return what the callee stored, or null if nothing was stored} */
    public @Nullable T get() {
        return value;
    }

    /**
     * Stores a result.
     *
     * @param value the result, or null to empty the cell
     */
    public void set(@Nullable T value) {
        this.value = value;
    }

    @Override
    public String toString() {
        return "Out[" + value + "]";
    }
}
