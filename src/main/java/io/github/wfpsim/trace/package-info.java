/**
 * What happened, as typed events, and two ways to read it: as text and as a sequence diagram.
 *
 * <p>Start reading at {@link io.github.wfpsim.trace.TraceEvent}. Events carry values only, so a listener cannot reach
 * live objects through them. Emitting costs one read when nobody listens. Safe for use by many threads; listeners run on
 * the emitting thread with no lock held.
 */
@NullMarked
package io.github.wfpsim.trace;

import org.jspecify.annotations.NullMarked;
