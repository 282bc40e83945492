package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;

/**
 * Hears of the end of an overlapped call, LPWSAOVERLAPPED_COMPLETION_ROUTINE. It runs in an alertable wait of the thread
 * that issued the call. Source: WSAIoctl function (SDK). Requirement: WSA-51.
 */
@FunctionalInterface
public interface WsaOverlappedCompletionRoutine {

    /**
     * The call has ended.
     *
     * @param dwError the error; {@link Win32Error#NO_ERROR} for success
     * @param cbTransferred bytes moved, or needed if a query was too small; a DWORD without sign
     * @param lpOverlapped the structure of the call
     * @param dwFlags flags of a receive, else 0
     */
    void completed(Win32Error dwError, int cbTransferred, WsaOverlapped lpOverlapped, int dwFlags);
}
