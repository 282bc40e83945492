package io.github.wfpsim.iphlp;

/**
 * Which TCP endpoints a table lists, and what each row tells: the TCP_TABLE_CLASS enumeration.
 *
 * <p>Source: TCP_TABLE_CLASS enumeration (SDK). Requirements: IPH-01, IPH-03.
 */
public enum TcpTableClass {
    /** Listeners, MIB_TCPTABLE. */
    TCP_TABLE_BASIC_LISTENER(0),
    /** Connections, MIB_TCPTABLE. */
    TCP_TABLE_BASIC_CONNECTIONS(1),
    /** Both, MIB_TCPTABLE. */
    TCP_TABLE_BASIC_ALL(2),
    /** Listeners with their owners, MIB_TCPTABLE_OWNER_PID. */
    TCP_TABLE_OWNER_PID_LISTENER(3),
    /** Connections with their owners, MIB_TCPTABLE_OWNER_PID. */
    TCP_TABLE_OWNER_PID_CONNECTIONS(4),
    /** Both with their owners, MIB_TCPTABLE_OWNER_PID. */
    TCP_TABLE_OWNER_PID_ALL(5),
    /** Listeners with their modules; not simulated. */
    TCP_TABLE_OWNER_MODULE_LISTENER(6),
    /** Connections with their modules; not simulated. */
    TCP_TABLE_OWNER_MODULE_CONNECTIONS(7),
    /** Both with their modules; not simulated. */
    TCP_TABLE_OWNER_MODULE_ALL(8);

    private final int code;

    TcpTableClass(int code) {
        this.code = code;
    }

    /** {@return the number of the Windows header} */
    public int code() {
        return code;
    }
}
