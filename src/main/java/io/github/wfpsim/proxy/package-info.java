/**
 * Proxies as a textbook writes them, made of public calls only: over sockets of a process, with records in control
 * messages, and inside a driver over Winsock Kernel.
 */
@NullMarked
package io.github.wfpsim.proxy;

import org.jspecify.annotations.NullMarked;
