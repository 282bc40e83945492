package io.github.wfpsim.sockets;

import io.github.wfpsim.winsock.CompletionPort;

/**
 * A socket's association with a completion port. Source: CreateIoCompletionPort function;
 * SetFileCompletionNotificationModes function (SDK). Requirements: IOCP-02, IOCP-05, IOCP-10.
 */
final class PortBinding {

    private final CompletionQueue port;
    private final long key;
    private volatile boolean skipsOnSuccess;

    /**
     * Associates.
     *
     * @param port the port
     * @param key what its packets carry
     */
    public PortBinding(CompletionQueue port, long key) {
        this.port = port;
        this.key = key;
    }

    /** Leaves packets out for calls that succeed at once, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS; for good. */
    public void skipOnSuccess() {
        this.skipsOnSuccess = true;
    }

    boolean skipsOnSuccess() {
        return skipsOnSuccess;
    }

    /** Adds a packet, with the Win32 code of the status: the port knows nothing of Winsock (IOCP-10). */
    void post(OverlappedTurn.Result result, OverlappedStructure overlapped) {
        port.post(new CompletionPort.Entry(
                key, overlapped, result.bytes(), result.status().toDosError()));
    }
}
