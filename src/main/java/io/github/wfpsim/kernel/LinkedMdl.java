package io.github.wfpsim.kernel;

import io.github.wfpsim.irp.Mdl;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An MDL as it was linked when a request was made: whoever links the driver's MDLs anew later changes nothing here.
 * Immutable.
 *
 * <p>Requirement: WSKS-28.
 */
record LinkedMdl(PoolMdl mdl, @Nullable LinkedMdl next) implements Mdl {

    /** The chain of the MDLs that a request works with; null for none. */
    static @Nullable LinkedMdl chain(List<PoolMdl> mdls) {
        LinkedMdl first = null;
        for (int i = mdls.size() - 1; i >= 0; i--) {
            first = new LinkedMdl(mdls.get(i), first);
        }
        return first;
    }

    @Override
    public int byteCount() {
        return mdl.byteCount();
    }

    @Override
    public void setNext(@Nullable Mdl following) {
        throw new UnsupportedOperationException(mdl + " is lent to a request, whose chain is as it was");
    }

    @Override
    public ByteBuffer mappedSystemVa() {
        return mdl.mappedSystemVa();
    }
}
