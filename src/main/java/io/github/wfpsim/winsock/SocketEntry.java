package io.github.wfpsim.winsock;

import io.github.wfpsim.stack.KernelSocket;

/**
 * What the user-mode door keeps about one socket beside the kernel's half: modes and time-outs.
 *
 * <p>Mutable; every field is independent of the others, so volatile is enough.
 */
final class SocketEntry {

    /** SO_SNDBUF of a new socket, in bytes. */
    private static final int DEFAULT_SEND_BUFFER = 65_536;

    private final SocketHandle handle;
    private final KernelSocket kernel;
    private final boolean overlapped;

    private volatile boolean nonBlocking;
    private volatile int receiveTimeout;
    private volatile int sendTimeout;
    private volatile int linger;
    private volatile int sendBuffer = DEFAULT_SEND_BUFFER;

    SocketEntry(SocketHandle handle, KernelSocket kernel, boolean overlapped) {
        this.handle = handle;
        this.kernel = kernel;
        this.overlapped = overlapped;
    }

    /** Makes the entry of an accepted socket, which has the properties of its listener (WSA-47). */
    SocketEntry accepted(SocketHandle acceptedHandle, KernelSocket acceptedKernel) {
        SocketEntry entry = new SocketEntry(acceptedHandle, acceptedKernel, overlapped);
        entry.nonBlocking = nonBlocking;
        entry.receiveTimeout = receiveTimeout;
        entry.sendTimeout = sendTimeout;
        entry.linger = linger;
        return entry;
    }

    SocketHandle handle() {
        return handle;
    }

    KernelSocket kernel() {
        return kernel;
    }

    /** The overlapped attribute: set by socket, and by WSASocket with its flag (WSA-47). */
    boolean isOverlapped() {
        return overlapped;
    }

    boolean isNonBlocking() {
        return nonBlocking;
    }

    void setNonBlocking(boolean on) {
        this.nonBlocking = on;
    }

    /** SO_RCVTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int receiveTimeout() {
        return receiveTimeout;
    }

    void setReceiveTimeout(int milliseconds) {
        this.receiveTimeout = milliseconds;
    }

    /** SO_SNDTIMEO, a DWORD of milliseconds; 0 waits for ever. */
    int sendTimeout() {
        return sendTimeout;
    }

    void setSendTimeout(int milliseconds) {
        this.sendTimeout = milliseconds;
    }

    /** The LINGER structure as one number: l_onoff in the low half, l_linger in the high one. */
    int linger() {
        return linger;
    }

    void setLinger(int onOffAndSeconds) {
        this.linger = onOffAndSeconds;
    }

    /** SO_SNDBUF, in bytes; nothing waits to be sent here, so that it limits nothing. */
    int sendBuffer() {
        return sendBuffer;
    }

    void setSendBuffer(int bytes) {
        this.sendBuffer = bytes;
    }

    /** Lingering is on with time 0: closing throws the connection away (closesocket function, table). */
    boolean closesAbortively() {
        int value = linger;
        return (value & 0xFFFF) != 0 && value >>> 16 == 0;
    }

    /** True from the moment the socket is given up, which is before the calls that wait on it are woken. */
    boolean isClosed() {
        return kernel.isClosed();
    }
}
