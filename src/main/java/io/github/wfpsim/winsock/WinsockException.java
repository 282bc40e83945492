package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import java.io.IOException;
import java.util.Objects;

/**
 * A call of {@link SimSocket} or {@link SimDatagramSocket} that failed; the message names call, error, cause and remedy.
 *
 * <p>Source: Windows Sockets Error Codes (SDK).
 */
public final class WinsockException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Why the call failed. */
    private final Win32Error error;

    /**
     * Makes a failure, also for tests of code that handles one.
     *
     * @param message what failed, why, and what helps
     * @param error the error
     */
    public WinsockException(String message, Win32Error error) {
        super(message);
        this.error = Objects.requireNonNull(error, "error must not be null: give the code that the call left");
    }

    /** {@return what the faithful call left in the last error} */
    public Win32Error error() {
        return error;
    }
}
