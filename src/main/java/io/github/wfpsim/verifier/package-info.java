/**
 * Misuse of the simulated API, found where the state is and reported here.
 *
 * <p>Start reading at {@link io.github.wfpsim.verifier.Verifier}. The room knows what to do about a fault, record or
 * throw; it detects none itself. Safe for use by many threads.
 *
 * <p>Mirrors the idea of Driver Verifier (WDK).
 */
@NullMarked
package io.github.wfpsim.verifier;

import org.jspecify.annotations.NullMarked;
