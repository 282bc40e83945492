/**
 * The machine's settings before networking: options and deviations, Windows version, kinds of token, virtual time, and the
 * dispatcher as tests see it.
 *
 * <p>Start reading at {@link io.github.wfpsim.host.SimOptions}, then {@link io.github.wfpsim.host.VirtualClock}. Every type
 * is safe for use by many threads. No lock is held while timers and dispatched tasks run.
 *
 * <p>Mirrors: System Worker Threads (WDK).
 */
@NullMarked
package io.github.wfpsim.host;

import org.jspecify.annotations.NullMarked;
