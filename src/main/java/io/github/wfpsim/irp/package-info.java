/**
 * I/O request packets as drivers know them, and the memory descriptor lists that come with them.
 *
 * <p>Start reading at {@link io.github.wfpsim.irp.Io}, the functions of a driver; {@link io.github.wfpsim.irp.Mm} has those
 * about buffers. Both are those of {@code KernelDriver}; the I/O manager behind them is not for users.
 *
 * <h2>Life of an IRP</h2>
 *
 * <ol>
 *   <li>A driver allocates it, which makes it an <em>own</em> one, or gets it at a device of its, <em>passed down</em> by
 *       {@link io.github.wfpsim.irp.DeviceObject#irpFromAbove()} or by another driver's IoCallDriver.
 *   <li>The driver sets a completion routine, which is stored in the next stack location, and hands the IRP in. From here
 *       on it must not touch it.
 *   <li>The provider claims it, one stack location down, and completes it once: at once, on the dispatcher, or when somebody
 *       cancels.
 *   <li>Completion climbs the stack locations. Each routine whose flags fit the outcome is called, and has the IRP again.
 *       STATUS_MORE_PROCESSING_REQUIRED stops the climb; that is what the routine of an own IRP returns.
 *   <li>An own IRP is freed or reused by its driver; a passed-down one reaches the top, and nobody touches it any more.
 * </ol>
 *
 * <p>At each moment one party has the IRP; handing over is one compare-and-set, and every access by another party is a fault.
 * The room takes no lock. Completion routines run on the dispatcher or on the thread that completes, as the option {@code
 * completionMode} says, and at the IRQL of the option {@code completionIrql}.
 *
 * <p>Mirrors: Using IRPs with Winsock Kernel Functions; IoCompleteRequest; IO_COMPLETION_ROUTINE; Canceling IRPs; Using MDLs
 * (WDK).
 */
@NullMarked
package io.github.wfpsim.irp;

import org.jspecify.annotations.NullMarked;
