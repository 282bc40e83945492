package io.github.wfpsim.wsk;

/** The WSK_EVENT_* masks of wsk.h, and the flags that callbacks and datagram receives tell (WDK). */
public final class WskEventFlags {

    /** Connection, and listener for those that it accepts: the ideal send backlog has changed. */
    public static final int WSK_EVENT_SEND_BACKLOG = 0x10;

    /** Connection, and listener for those that it accepts: data has come. */
    public static final int WSK_EVENT_RECEIVE = 0x40;

    /** Connection, and listener for those that it accepts: the peer has disconnected. */
    public static final int WSK_EVENT_DISCONNECT = 0x80;

    /** Datagram socket: a datagram has come. */
    public static final int WSK_EVENT_RECEIVE_FROM = 0x100;

    /** Listener: a connection has come. */
    public static final int WSK_EVENT_ACCEPT = 0x200;

    /** With one event: switch it off. */
    public static final int WSK_EVENT_DISABLE = 0x80000000;

    /** WskDisconnectEvent: the peer reset the connection. */
    public static final int WSK_FLAG_ABORTIVE = 0x1;

    /** WskReceiveEvent: data should be released as soon as possible. Never set here: buffers are no scarce resource. */
    public static final int WSK_FLAG_RELEASE_ASAP = 0x2;

    /** WskReceiveEvent: the end of a message. Never set here: streams keep no push bits. */
    public static final int WSK_FLAG_ENTIRE_MESSAGE = 0x4;

    /** Every callback: it was called at DISPATCH_LEVEL. */
    public static final int WSK_FLAG_AT_DISPATCH_LEVEL = 0x8;

    /** WskReceiveFrom: the datagram was longer than the buffer. */
    public static final int MSG_TRUNC = 0x0100;

    /** WskReceiveFrom: the control data was longer than its buffer. */
    public static final int MSG_CTRUNC = 0x0200;

    /** WskReceiveFrom: a broadcast. Never set here: there are none. */
    public static final int MSG_BCAST = 0x0400;

    /** WskReceiveFrom: to a multicast group. Never set here: there are none. */
    public static final int MSG_MCAST = 0x0800;

    private WskEventFlags() {}
}
