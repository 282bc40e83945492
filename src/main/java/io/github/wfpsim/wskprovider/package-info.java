/**
 * Not API. WSK behind the kernel-mode door: the provider that all drivers share, each driver as its client, their sockets with the
 * requests that wait on them, and their events. The faces stand in {@link io.github.wfpsim.wsk}.
 *
 * <p>Start reading at {@code KernelSocket}. Every call is a {@code WskCall}, which judges caller and IRP, then a method of {@code KernelSocket}, which performs an
 * operation of the stack or queues a request that waits for its turn. {@code SocketEvents} tells callbacks what comes while
 * no request waits. Safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.wskprovider;

import org.jspecify.annotations.NullMarked;
