package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.Win32Error;
import java.io.IOException;

/**
 * A call of {@link SimSocket} that failed; the message names call, error, cause and remedy.
 *
 * <p>Source: Windows Sockets Error Codes (SDK).
 */
public final class WinsockException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Why the call failed. */
    private final Win32Error error;

    WinsockException(String call, String subject, Win32Error error) {
        super(call + " " + subject + " failed with " + error + " (" + error.code() + "): " + Advice.on(call, error));
        this.error = error;
    }

    /**
     * Tells what the faithful call left in the last error.
     *
     * @return the error
     */
    public Win32Error error() {
        return error;
    }
}
