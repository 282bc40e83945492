package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;

/**
 * A request that did not end as code that works with futures needs it; the message names the status and its number. For
 * {@link Io#sendFor} and {@link IoStatus#requireSuccess}; the mirrored functions return statuses.
 */
public final class IoStatusException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** How the request ended. */
    private final NtStatus status;

    /** What the request said besides, such as the size that is needed. */
    private final long information;

    /**
     * Says that a request did not end as it should have.
     *
     * @param outcome how it ended
     * @param what what is wrong with that, for the message
     */
    public IoStatusException(IoStatus outcome, String what) {
        super(what + ": " + outcome.status()
                + String.format(" (0x%08X)", outcome.status().code()) + ", Information "
                + Long.toUnsignedString(outcome.information()));
        this.status = outcome.status();
        this.information = outcome.information();
    }

    /**
     * {@return the status block of the request as it ended; its Information is, for STATUS_BUFFER_TOO_SMALL, the size
     * that is needed}
     */
    public IoStatus ioStatus() {
        return new IoStatus(status, information);
    }
}
