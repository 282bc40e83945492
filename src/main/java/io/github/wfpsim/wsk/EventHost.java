package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.irp.IoManager;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * What the events of all sockets of one driver work with. Made by the kernel door only.
 *
 * @param stack the machine's transport
 * @param io its IRPs, which know where a thread is
 * @param system who owns the memory that callbacks are shown
 * @param mm the functions about memory of that owner
 * @param faults hears of what the driver does wrong
 */
@SuppressWarnings("exports")
public record EventHost(HostStack stack, IoManager io, LoadedDriver system, Mm mm, BiConsumer<Fault, String> faults) {

    /**
     * Takes its parts.
     *
     * @param stack the machine's transport
     * @param io its IRPs
     * @param system who owns the memory
     * @param mm the functions about memory of that owner
     * @param faults hears of what the driver does wrong
     */
    public EventHost {
        Objects.requireNonNull(stack, "stack must not be null");
        Objects.requireNonNull(io, "io must not be null");
        Objects.requireNonNull(system, "system must not be null");
        Objects.requireNonNull(mm, "mm must not be null");
        Objects.requireNonNull(faults, "faults must not be null");
    }

    void fault(Fault fault, String detail) {
        faults.accept(fault, detail);
    }

    /** The flag that tells callbacks their level. */
    int levelFlag() {
        return stack.options().completionIrql() == Irql.DISPATCH_LEVEL ? WskEventFlags.WSK_FLAG_AT_DISPATCH_LEVEL : 0;
    }
}
