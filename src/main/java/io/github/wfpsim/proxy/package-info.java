/**
 * Not API. Proxies as a textbook writes them, made of public calls only: over sockets of a process, with records in control
 * messages, and inside a driver over Winsock Kernel.
 *
 * <p>Start reading at {@link io.github.wfpsim.proxy.TcpRelay}. Safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.proxy;

import org.jspecify.annotations.NullMarked;
