/**
 * Not API. The writing sides of trace and verifier: events are emitted here, faults and diagnostics reported.
 *
 * <p>Start reading at {@link io.github.wfpsim.recorder.FaultRecorder}; users read through {@link
 * io.github.wfpsim.trace.Trace} and {@link io.github.wfpsim.verifier.Verifier}. Safe for use by many threads; nothing of a
 * user's is called under a lock.
 */
@NullMarked
package io.github.wfpsim.recorder;

import org.jspecify.annotations.NullMarked;
