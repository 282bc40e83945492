package io.github.wfpsim.stack;

import org.jspecify.annotations.Nullable;

/** Something that an endpoint's operation waits for. */
public interface Hold {

    /** Ends the wait, and the operation with it: the endpoint was closed. */
    void cancel();

    /** Who makes it wait, in words; null if nobody does any more. */
    @Nullable
    String holder();
}
