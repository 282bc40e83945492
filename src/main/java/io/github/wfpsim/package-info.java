/**
 * The entry: a simulated Windows machine, its processes and its drivers.
 *
 * <p>Start reading at {@link io.github.wfpsim.WfpSim}; everything else is handed out by it. The rooms behind it are wired
 * here, by plain constructors, and nowhere else.
 */
@NullMarked
package io.github.wfpsim;

import org.jspecify.annotations.NullMarked;
