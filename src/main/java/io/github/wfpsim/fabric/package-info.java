/**
 * Not API. The works of {@code net}: the network itself, the plain servers and sockets on it, bridges to this computer's
 * loopback, and the bytes of connections inside the simulator.
 *
 * <p>Start reading at {@link io.github.wfpsim.fabric.Fabric} and {@link io.github.wfpsim.fabric.PipeStream}. All types are
 * safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.fabric;

import org.jspecify.annotations.NullMarked;
