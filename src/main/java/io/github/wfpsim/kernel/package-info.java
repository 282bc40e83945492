/**
 * Not API. What a kernel driver owns and what has to be given back when it unloads.
 *
 * <p>Start reading at {@link io.github.wfpsim.kernel.LoadedDriver}. Safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.kernel;

import org.jspecify.annotations.NullMarked;
