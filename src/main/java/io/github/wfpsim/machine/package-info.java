/**
 * Not API. What every room above works with: processes, handle numbers and what they stand for, the queue on which work
 * changes threads, the line in which all wait, and who waits to be called.
 *
 * <p>Start reading at {@link io.github.wfpsim.machine.HandleTable} and {@link io.github.wfpsim.machine.WaitingLine}. Safe
 * for use by many threads, where a type does not say that its owner guards it.
 */
@NullMarked
package io.github.wfpsim.machine;

import org.jspecify.annotations.NullMarked;
