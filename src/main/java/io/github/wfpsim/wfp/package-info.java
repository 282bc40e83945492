/**
 * The filter engine: callouts, classify handles, writable layer data, arbitration, and the one question that the stack
 * asks of it.
 *
 * <p>Start reading at {@link io.github.wfpsim.wfp.FilterEngine}. The names keep Windows' own split:
 * {@link io.github.wfpsim.wfp.Fwpm} is what management code calls, {@link io.github.wfpsim.wfp.Fwps} is what a callout
 * driver calls, and {@link io.github.wfpsim.wfp.RedirectCallout} is a ready-made callout that takes the textbook steps
 * through {@code Fwps} and nothing else.
 *
 * <p>{@link io.github.wfpsim.wfp.PolicyStore} keeps what management added and publishes an immutable {@link
 * io.github.wfpsim.wfp.LayerFilters} of each layer. Classification reads an immutable snapshot of the filters without a lock and runs on the caller's thread; callouts
 * run with no lock of the engine held, and may call back into it.
 *
 * <p>Mirrors: Windows Filtering Platform API (Win32), the functions and structures called FWPM; Windows Filtering Platform Callout Drivers (WDK), Using Bind or Connect Redirection, Filter Arbitration.
 */
@NullMarked
package io.github.wfpsim.wfp;

import org.jspecify.annotations.NullMarked;
