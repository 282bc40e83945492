package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import org.jspecify.annotations.Nullable;

/**
 * The structure that an overlapped call works with, WSAOVERLAPPED, made by {@link
 * OverlappedWinsock#newOverlapped()}. It belongs to one call until that has ended. Safe for use by many threads.
 *
 * <p>Source: WSAOVERLAPPED structure (SDK). Requirements: WSA-50, WSA-53, WSA-56.
 */
public interface WsaOverlapped {

    /**
     * {@return the member hEvent: a {@link WsaEvent}, or with a completion routine whatever the caller keeps there;
     * null for none}
     */
    @Nullable
    Object hEvent();

    /**
     * Sets the member hEvent.
     *
     * @param value a {@link WsaEvent}; anything if the call has a completion routine; null for none
     */
    void setHEvent(@Nullable Object value);

    /**
     * {@return how the last call ended, member Internal as the error code that it stands for; {@code WSA_IO_PENDING}
     * while a call is pending}
     */
    Win32Error internal();

    /**
     * {@return the member InternalHigh: bytes moved, or needed if a query was too small (WSA-53); a DWORD without sign}
     */
    int internalHigh();

    /**
     * {@return whether no call is pending, HasOverlappedIoCompleted: before the first call and after the end of each}
     */
    boolean hasOverlappedIoCompleted();

    /**
     * Says that the memory is given back. A call that is pending then would write into it.
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code BUFFER_FREED_WHILE_PENDING} if a call is pending
     */
    void free();
}
