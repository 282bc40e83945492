package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import java.util.List;

/**
 * What operations of one kind do, in its order; all of them share it.
 *
 * @param <O> the kind
 */
final class Steps<O extends Operation> {

    /**
     * One step; it waits for nothing, but may say that its end is to come.
     *
     * @param <O> whose step it is
     */
    interface Step<O> {

        /**
         * Runs it.
         *
         * @return STATUS_SUCCESS to go on with the next one; STATUS_PENDING if it ends later, by {@link Operation#ask},
         *     {@link Operation#dial} or {@link Operation#resume}; any other status ends the operation with it
         */
        NtStatus run(O operation);
    }

    private final Class<O> kind;
    private final List<Step<O>> inOrder;

    private Steps(Class<O> kind, List<Step<O>> inOrder) {
        this.kind = kind;
        this.inOrder = inOrder;
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // List.of copies the array.
    static <O extends Operation> Steps<O> of(Class<O> kind, Step<O>... inOrder) {
        return new Steps<>(kind, List.of(inOrder));
    }

    int count() {
        return inOrder.size();
    }

    /** Runs a step, counted from 0, of an operation of this kind. */
    NtStatus run(int index, Operation operation) {
        return inOrder.get(index).run(kind.cast(operation));
    }
}
