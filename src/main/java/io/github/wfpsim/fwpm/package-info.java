/**
 * Management of the filter engine: sessions, transactions, providers, sub-layers, callouts and filters, and which filters
 * match which values.
 *
 * <p>Start reading at {@link io.github.wfpsim.fwpm.Fwpm}. {@link io.github.wfpsim.fwpm.PolicyStore} keeps what was added
 * and publishes an immutable {@link io.github.wfpsim.fwpm.LayerFilters} of each layer, which classification reads without
 * a lock. What filters decide together is the engine's business, and that of callouts.
 *
 * <p>Mirrors: Windows Filtering Platform API (Win32), the functions and structures called FWPM.
 */
@NullMarked
package io.github.wfpsim.fwpm;

import org.jspecify.annotations.NullMarked;
