package io.github.wfpsim.redirect;

/**
 * Derives damaged records from good ones, so that a proxy's handling of refusals can be tested while the layout stays
 * free to change (REC-07). Immutable; safe for use by many threads.
 */
public interface RecordForge {

    /**
     * Changes one byte.
     *
     * @param blob a good record; not changed
     * @param index which byte
     * @return a copy with that byte inverted
     * @throws IndexOutOfBoundsException if the record has no such byte
     */
    byte[] flipByte(byte[] blob, int index);

    /**
     * Cuts bytes off the end.
     *
     * @param blob a good record; not changed
     * @param bytes how many
     * @return the rest
     * @throws IllegalArgumentException if the record has fewer bytes
     */
    byte[] cutTail(byte[] blob, int bytes);

    /**
     * Appends bytes.
     *
     * @param blob a good record; not changed
     * @param tail what to append
     * @return the longer copy
     */
    byte[] append(byte[] blob, byte... tail);

    /**
     * Makes the inner lengths add up to more than 32 bits.
     *
     * @param blob a good record; not changed
     * @return the copy
     */
    byte[] overflowInnerLength(byte[] blob);

    /**
     * Issues the same chain for another process, with a valid tag.
     *
     * @param blob a good record of this machine; not changed
     * @param pid the process
     * @return the record
     * @throws IllegalArgumentException if the record is not a good one of this machine
     */
    byte[] retarget(byte[] blob, int pid);

    /**
     * Issues the same chain as another machine would.
     *
     * @param blob a good record of this machine; not changed
     * @return the record
     * @throws IllegalArgumentException if the record is not a good one of this machine
     */
    byte[] reissueElsewhere(byte[] blob);
}
