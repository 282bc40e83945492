/**
 * Not API. The filter engine beneath {@code wfp}: the filters in force and how they are found, the round through them, what a
 * callout has changed meanwhile, what their votes come to, and what the functions of Fwpm and Fwps do.
 *
 * <p>Start reading at {@link io.github.wfpsim.engine.FilterEngine}, which the stack asks a {@link
 * io.github.wfpsim.engine.Question}. A {@link io.github.wfpsim.engine.FilterRound} puts it to the filters; each callout
 * has its {@code CalloutTurn}, which may change the {@code LiveRequest}; the answer is a {@link
 * io.github.wfpsim.engine.Verdict}.
 *
 * <p>{@code PolicyStore} keeps what management added and publishes an immutable {@code LayerFilters} of each layer.
 * Classification reads it without a lock and runs on the caller's thread, and once a callout has put it off, on the one that goes
 * on for it; callouts run with no lock of the engine held, and may call back into it.
 *
 * <p>Mirrors: Filter Arbitration; Using Bind or Connect Redirection.
 */
@NullMarked
package io.github.wfpsim.engine;

import org.jspecify.annotations.NullMarked;
