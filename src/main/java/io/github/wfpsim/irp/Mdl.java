package io.github.wfpsim.irp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Describes a piece of memory for a request, MDL; several make a chain. It is itself an allocation of its driver's pool,
 * under tag {@code Mdl }, and found as a leak there. Safe for use by many threads.
 *
 * <p>Source: MDL; Using MDLs (WDK). Requirement: WSKS-28.
 */
public interface Mdl {

    /**
     * {@return the length in bytes, more than zero, of the memory that this MDL describes, MmGetMdlByteCount; those
     * after it in the chain do not count}
     */
    int byteCount();

    /** {@return the MDL after this one, Mdl-&gt;Next; null at the end of the chain} */
    @Nullable
    Mdl next();

    /**
     * Puts another MDL after this one. Each is freed on its own.
     *
     * @param following the MDL, or null to end the chain here
     * @throws IllegalArgumentException if the chain would run in a circle
     */
    void setNext(@Nullable Mdl following);

    /**
     * {@return a view, with a position of its own, of the memory that this MDL describes, Mdl-&gt;MappedSystemVa;
     * read-only if the memory is} Those after it in the chain do not count. Drivers mostly ask {@link
     * Mm#mmGetSystemAddressForMdlSafe}.
     */
    ByteBuffer mappedSystemVa();
}
