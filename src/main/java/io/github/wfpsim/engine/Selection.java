package io.github.wfpsim.engine;

import io.github.wfpsim.abi.Win32Error;
import java.util.List;

/** Which objects of one kind an enumeration or a subscription is about. */
interface Selection<T> {

    /** Why there can be no such enumeration; NO_ERROR if there can. */
    default Win32Error fitness() {
        return Win32Error.NO_ERROR;
    }

    boolean matches(T object);

    /** Puts the matching objects of an enumeration in order, and leaves out what is not wanted of them. */
    default List<T> arrange(List<T> matching, PolicyView policy) {
        return matching;
    }
}
