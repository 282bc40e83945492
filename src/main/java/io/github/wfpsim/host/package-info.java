/**
 * The machine before networking: options, Windows version, processes, virtual time, handle numbers, and the one place
 * where work changes threads.
 *
 * <p>Start reading at {@link io.github.wfpsim.host.SimOptions}, then {@link io.github.wfpsim.machine.ProcessTable} and
 * {@link io.github.wfpsim.host.VirtualClock}. Every type is safe for use by many threads. No lock is held while foreign code runs: exit listeners, timers and dispatched tasks.
 *
 * <p>Users type the names of {@code SimOptions}, {@code Deviation}, {@code WindowsVersion}, {@code Token}, {@code ProcessEntry},
 * {@code VirtualClock} and {@code Deadline}; the other public types are for the rooms above.
 *
 * <p>Mirrors the process list with its System process, and the system worker threads; see Processes and Threads (SDK)
 * and System Worker Threads (WDK).
 */
@NullMarked
package io.github.wfpsim.host;

import org.jspecify.annotations.NullMarked;
