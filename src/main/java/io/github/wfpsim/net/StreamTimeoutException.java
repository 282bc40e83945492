package io.github.wfpsim.net;

import java.io.IOException;

/** A deadline passed before a read or write was done. */
public final class StreamTimeoutException extends IOException {

    private static final long serialVersionUID = 1;

    /** Bytes that were moved before. */
    private final int bytesTransferred;

    /**
     * Creates the exception.
     *
     * @param message what was waited for
     * @param bytesTransferred bytes that were moved before
     */
    public StreamTimeoutException(String message, int bytesTransferred) {
        super(message);
        this.bytesTransferred = bytesTransferred;
    }

    /** {@return how much was done, in bytes} */
    public int bytesTransferred() {
        return bytesTransferred;
    }
}
