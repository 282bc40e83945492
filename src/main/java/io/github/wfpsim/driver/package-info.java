/**
 * What a kernel driver owns between load and unload: its pool memory, its name, its IRQL.
 *
 * <p>Start reading at {@link io.github.wfpsim.kernel.LoadedDriver}. The room plays the part that LoadedDriver Verifier plays on
 * Windows: whatever a driver allocates is tracked by tag, and what is still held at unload is reported. All types are
 * safe for use by many threads; no lock is held while code of a driver runs.
 *
 * <p>Mirrors: ExAllocatePool2, ExFreePoolWithTag and KeGetCurrentIrql (WDK).
 */
@NullMarked
package io.github.wfpsim.driver;

import org.jspecify.annotations.NullMarked;
