package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import org.jspecify.annotations.Nullable;

/**
 * A completion port: packets in the order in which they came, taken by any thread. {@link
 * Kernel32#createIoCompletionPort} makes one, and its other functions use it. Safe for use by many threads.
 *
 * <p>Source: CreateIoCompletionPort function; GetQueuedCompletionStatus function (SDK). Requirements: IOCP-01 to IOCP-06,
 * IOCP-10.
 */
public interface CompletionPort extends AutoCloseable {

    /**
     * What a wait takes, OVERLAPPED_ENTRY with the outcome.
     *
     * @param completionKey what the socket was associated with, or was posted
     * @param overlapped the structure of the call; null if none was posted
     * @param bytesTransferred bytes moved, a DWORD without sign
     * @param error the outcome of the call as Win32 numbers it, see {@link
     *     io.github.wfpsim.abi.NtStatus#toDosError}, while WSAGetOverlappedResult tells Winsock's code (IOCP-10); no error for
     *     posted packets
     */
    record Entry(long completionKey, @Nullable WsaOverlapped overlapped, int bytesTransferred, Win32Error error) {}

    /** {@return whether the port was closed} */
    boolean isClosed();

    /** Closes the port, CloseHandle; who waits is told. A second call does nothing. */
    @Override
    void close();
}
