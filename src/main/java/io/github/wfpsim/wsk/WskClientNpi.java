package io.github.wfpsim.wsk;

import org.jspecify.annotations.Nullable;

/**
 * Who registers, WSK_CLIENT_NPI with its WSK_CLIENT_DISPATCH. Source: WSK_CLIENT_NPI; WSK_CLIENT_DISPATCH (WDK).
 *
 * @param clientContext what the client's own callbacks get; may be null
 * @param version the version of WSK that the client needs, MAKE_WSK_VERSION
 */
public record WskClientNpi(@Nullable Object clientContext, int version) {

    private static final int MAJOR_SHIFT = 8;

    /** {@return a client of version 1.0, which every Windows has} */
    public static WskClientNpi ofVersion10() {
        return new WskClientNpi(null, makeWskVersion(1, 0));
    }

    /**
     * {@return a version, MAKE_WSK_VERSION}
     *
     * @param major major number
     * @param minor minor number
     */
    public static int makeWskVersion(int major, int minor) {
        return major << MAJOR_SHIFT | minor;
    }
}
