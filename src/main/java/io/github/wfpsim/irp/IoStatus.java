package io.github.wfpsim.irp;

import io.github.wfpsim.abi.NtStatus;
import java.util.Objects;

/**
 * How a request ended, IO_STATUS_BLOCK. Immutable.
 *
 * <p>Source: IO_STATUS_BLOCK (WDK). Requirement: IRP-18.
 *
 * @param status the status
 * @param information what the request says it means, as wide as a pointer; mostly a number of bytes
 */
public record IoStatus(NtStatus status, long information) {

    /**
     * Checks that nothing is missing.
     *
     * @param status the status
     * @param information what the request says it means
     */
    public IoStatus {
        Objects.requireNonNull(status, "status must not be null: give STATUS_SUCCESS or what went wrong");
    }

    /**
     * Makes a block from a ULONG, which fills the lower half of Information and leaves the upper half 0.
     *
     * @param status the status
     * @param ulong 32 bits without sign
     * @return the block
     */
    public static IoStatus ofUlong(NtStatus status, int ulong) {
        return new IoStatus(status, Integer.toUnsignedLong(ulong));
    }

    /** {@return whether the severity is success or informational, as NT_SUCCESS tells} */
    public boolean isSuccess() {
        return status.isSuccess();
    }

    /**
     * Hands the block on if it tells success: {@code io.send(...).thenApply(IoStatus::requireSuccess)} is a future that
     * fails as the request does.
     *
     * @return this
     * @throws IoStatusException if the request failed
     */
    public IoStatus requireSuccess() {
        if (!isSuccess()) {
            throw new IoStatusException(this, "the request failed");
        }
        return this;
    }
}
