package io.github.wfpsim.host;

import java.util.Objects;

/**
 * The Windows that the host plays, oldest first. A server edition plays like the client of the same age: Windows Server
 * 2012 like {@link #WINDOWS_8}.
 *
 * <p>Requirements: WSK-05, WSA-05, WSKS-05, WFP-63.
 */
public enum WindowsVersion {
    /** Filtering platform with redirect layers, without redirect records. */
    WINDOWS_7,
    /** First with redirect records, contexts and handles. */
    WINDOWS_8,
    /** As Windows 8 for the purposes of redirection. */
    WINDOWS_8_1,
    /** First release of Windows 10. */
    WINDOWS_10,
    /** First with stream sockets in Winsock Kernel. */
    WINDOWS_10_1703,
    /** The newest one. */
    WINDOWS_11;

    /** {@return the newest version, the default of a host, {@link #WINDOWS_11}} */
    public static WindowsVersion latest() {
        return WINDOWS_11;
    }

    /**
     * Compares by age.
     *
     * @param version the version that something first appeared in
     * @return true if this version is that one or newer
     */
    public boolean isAtLeast(WindowsVersion version) {
        Objects.requireNonNull(version, "version must not be null: name the first version that has the feature");
        return compareTo(version) >= 0;
    }
}
