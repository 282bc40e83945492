/**
 * Addresses in use, byte streams, and the world outside a machine.
 *
 * <p>Start reading at {@link io.github.wfpsim.net.Network} and {@link io.github.wfpsim.net.DuplexStream}. All types are
 * immutable or safe for use by many threads. Only addresses of this computer's loopback are ever dialled for real.
 */
@NullMarked
package io.github.wfpsim.net;

import org.jspecify.annotations.NullMarked;
