package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.winsock.WsaOverlappedCompletionRoutine;
import org.jspecify.annotations.Nullable;

/**
 * How an overlapped call tells of its end.
 *
 * @param function its Windows name
 * @param overlapped the structure
 * @param routine the completion routine, or null
 * @param transferred receives the count if the call succeeds at once, or null
 */
record OverlappedCall(
        String function,
        OverlappedStructure overlapped,
        @Nullable WsaOverlappedCompletionRoutine routine,
        @Nullable OutUlong transferred) {}
