package io.github.wfpsim.winsock;

import java.util.Objects;

/**
 * Names the thread whose alertable waits run a completion routine, WSATHREADID. A call copies what it says; the caller may
 * change it afterwards. Safe for use by many threads.
 *
 * <p>Source: WSPIoctl function (SDK). Requirement: WSA-04.
 */
public final class WsaThreadId {

    private volatile Thread threadHandle;

    /** Names the current thread, as WPUOpenCurrentThread does. */
    public WsaThreadId() {
        this.threadHandle = Thread.currentThread();
    }

    /** {@return the member ThreadHandle} */
    public Thread threadHandle() {
        return threadHandle;
    }

    /**
     * Sets the member ThreadHandle.
     *
     * @param thread the thread
     */
    public void setThreadHandle(Thread thread) {
        this.threadHandle = Objects.requireNonNull(thread, "thread must not be null: name a thread");
    }
}
