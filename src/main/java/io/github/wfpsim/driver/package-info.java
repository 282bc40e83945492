/**
 * What a kernel driver owns between load and unload: its pool memory, its IRQL.
 *
 * <p>Start reading at {@link io.github.wfpsim.driver.Pool}. The simulator plays the part that Driver Verifier plays on
 * Windows: whatever a driver allocates is tracked by tag, and what is still held at unload is reported. All types are
 * safe for use by many threads; no lock is held while code of a driver runs.
 *
 * <p>Mirrors: ExAllocatePool2, ExFreePoolWithTag and KeGetCurrentIrql (WDK).
 */
@NullMarked
package io.github.wfpsim.driver;

import org.jspecify.annotations.NullMarked;
