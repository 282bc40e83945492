package io.github.wfpsim.iphlp;

/**
 * The state of a TCP endpoint in a table, MIB_TCP_STATE. A machine here shows four of them, see {@link Iphlpapi}.
 *
 * <p>Source: MIB_TCPROW_OWNER_PID structure (SDK). Requirements: IPH-03.
 */
public enum MibTcpState {
    /** Closed. */
    MIB_TCP_STATE_CLOSED(1),
    /** Takes connections. */
    MIB_TCP_STATE_LISTEN(2),
    /** A connect is under way. */
    MIB_TCP_STATE_SYN_SENT(3),
    /** A connection is being taken. */
    MIB_TCP_STATE_SYN_RCVD(4),
    /** Connected. */
    MIB_TCP_STATE_ESTAB(5),
    /** This end has ended its direction, and the peer does not know it yet. */
    MIB_TCP_STATE_FIN_WAIT1(6),
    /** This end has ended its direction. */
    MIB_TCP_STATE_FIN_WAIT2(7),
    /** The peer has ended its direction. */
    MIB_TCP_STATE_CLOSE_WAIT(8),
    /** Both ends have ended their directions at once. */
    MIB_TCP_STATE_CLOSING(9),
    /** Both ends have ended their directions, the peer first. */
    MIB_TCP_STATE_LAST_ACK(10),
    /** Late packets are waited for. */
    MIB_TCP_STATE_TIME_WAIT(11),
    /** About to go. */
    MIB_TCP_STATE_DELETE_TCB(12);

    private final int code;

    MibTcpState(int code) {
        this.code = code;
    }

    /** {@return the number of the Windows header} */
    public int code() {
        return code;
    }
}
