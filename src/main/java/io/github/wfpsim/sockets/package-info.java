/**
 * Not API. What stands behind the user-mode door: the sockets of a process by their handles, the judging of arguments, the
 * translation of statuses to Winsock's codes, and overlapped I/O.
 *
 * <p>Start reading at {@link io.github.wfpsim.sockets.ProcessWinsock}, which has the plain calls; {@code OverlappedDoor} has
 * those that take an OVERLAPPED. An {@code OverlappedRequest} claims its structure, works, and ends exactly once, whatever
 * thread completes or cancels it. {@code WsaIoctl} judges the redirect ioctls, {@code ErrorTranslation} is the only bridge
 * between the error spaces.
 *
 * <p>The room only translates. All rules of connecting and redirecting live in the stack and are shared with the kernel
 * door. Safe for use by many threads.
 */
@NullMarked
package io.github.wfpsim.sockets;

import org.jspecify.annotations.NullMarked;
