package io.github.wfpsim.driver;

import java.util.List;

/**
 * The non-paged pool as one driver sees it: what it allocated and has not given back.
 *
 * <p>Safe for use by many threads. Source: ExAllocatePool2 (WDK). Requirements: REC-28, REC-31.
 */
public interface Pool {

    /**
     * Allocates a zeroed block, as ExAllocatePool2 does.
     *
     * @param size bytes, more than zero
     * @param tag four characters that name the allocation in reports
     * @return the block, owned by the driver
     * @throws IllegalArgumentException if the size is not positive or the tag has not four printable ASCII characters
     * @throws IllegalStateException if the driver is unloaded
     */
    PoolBlock allocate(long size, String tag);

    /**
     * Allocates a block that holds a copy of some bytes.
     *
     * @param bytes the content, not empty
     * @param tag four characters that name the allocation in reports
     * @return the block, owned by the driver
     * @throws IllegalArgumentException if there are no bytes or the tag has not four printable ASCII characters
     * @throws IllegalStateException if the driver is unloaded
     */
    PoolBlock allocate(byte[] bytes, String tag);

    /** {@return the blocks that are not freed, oldest first, owned by the driver or by WFP} */
    List<PoolBlock> outstanding();
}
