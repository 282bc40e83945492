/**
 * Not API. The works behind the rooms {@code driver} and {@code irp}: a driver's life from load to unload, and what has to
 * be given back then; its pool and the IRQL of threads; IRPs on their way down and up.
 *
 * <p>Start reading at {@link io.github.wfpsim.kernel.IrpRequest}, the side of a room that carries requests out, and
 * {@code Unwinding}, which carries a completed IRP up its stack. What a driver gives is one of the faces;
 * {@code of} of each work finds what is behind it. Safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.kernel;

import org.jspecify.annotations.NullMarked;
