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
        super(call + " " + subject + " failed with " + error + " (" + code(error) + "): " + Advice.on(call, error));
        this.error = error;
    }

    /** Socket errors are known by their decimal number, FWP_E_* codes by their hexadecimal one. */
    private static String code(Win32Error error) {
        return error.code() < 0 ? String.format("0x%08X", error.code()) : String.valueOf(error.code());
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
