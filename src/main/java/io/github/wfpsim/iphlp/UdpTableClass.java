package io.github.wfpsim.iphlp;

/**
 * What a table tells of each UDP endpoint: the UDP_TABLE_CLASS enumeration.
 *
 * <p>Source: UDP_TABLE_CLASS enumeration (SDK). Requirements: IPH-01, IPH-05.
 */
public enum UdpTableClass {
    /** Local addresses, MIB_UDPTABLE. */
    UDP_TABLE_BASIC(0),
    /** Local addresses with their owners, MIB_UDPTABLE_OWNER_PID. */
    UDP_TABLE_OWNER_PID(1),
    /** Local addresses with their modules; not simulated. */
    UDP_TABLE_OWNER_MODULE(2);

    private final int code;

    UdpTableClass(int code) {
        this.code = code;
    }

    /** {@return the number of the Windows header} */
    public int code() {
        return code;
    }
}
