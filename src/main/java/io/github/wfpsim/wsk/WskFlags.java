package io.github.wfpsim.wsk;

/** The WSK_FLAG_* and wait constants of wsk.h (WDK). */
public final class WskFlags {

    /** Category of WskSocket: controls the transport only. */
    public static final int WSK_FLAG_BASIC_SOCKET = 0x0;

    /** Category of WskSocket: takes connections. */
    public static final int WSK_FLAG_LISTEN_SOCKET = 0x1;

    /** Category of WskSocket: makes one connection. */
    public static final int WSK_FLAG_CONNECTION_SOCKET = 0x2;

    /** Category of WskSocket: datagrams. */
    public static final int WSK_FLAG_DATAGRAM_SOCKET = 0x4;

    /** Category of WskSocket, from Windows 10 version 1703 on: listens or connects, as its first call says. */
    public static final int WSK_FLAG_STREAM_SOCKET = 0x8;

    /** WskDisconnect: resets the connection. */
    public static final int WSK_FLAG_ABORTIVE = 0x1;

    /** WskSend: sends at once; data is never held back here. */
    public static final int WSK_FLAG_NODELAY = 0x2;

    /** WskReceive: waits until the buffer is full. */
    public static final int WSK_FLAG_WAITALL = 0x2;

    /** WskReceive: throws data away until the peer disconnects. */
    public static final int WSK_FLAG_DRAIN = 0x4;

    /** Level of WskControlSocket for options of any socket. */
    public static final int SOL_SOCKET = 0xFFFF;

    /** Option: others may use the address too, a ULONG; <b>stored</b>. */
    public static final int SO_REUSEADDR = 0x0004;

    /** Option: keep-alive packets, a ULONG; <b>stored</b>. */
    public static final int SO_KEEPALIVE = 0x0008;

    /** Option: nobody else may use the address, a ULONG; <b>stored</b>. */
    public static final int SO_EXCLUSIVEADDRUSE = ~SO_REUSEADDR;

    /** Option: bytes that wait to be received, a ULONG; <b>stored</b>. */
    public static final int SO_RCVBUF = 0x1002;

    /** Option of listeners before bind: connections are inspected first, a ULONG (WSKS-17). */
    public static final int SO_CONDITIONAL_ACCEPT = 0x3002;

    /** Option: switches event callbacks, see {@link io.github.wfpsim.wsk.WskEventCallbackControl}. */
    public static final int SO_WSK_EVENT_CALLBACK = 0x4002;

    /** Option of level IPPROTO_IPV6: whether an AF_INET6 socket keeps to IPv6, a ULONG. */
    public static final int IPV6_V6ONLY = 27;

    /** WskControlClient: event callbacks that every socket has from the start. */
    public static final int WSK_SET_STATIC_EVENT_CALLBACKS = 7;

    /** WskCaptureProviderNPI: does not wait. */
    public static final int WSK_NO_WAIT = 0;

    /** WskCaptureProviderNPI: waits without end. */
    public static final int WSK_INFINITE_WAIT = 0xFFFFFFFF;

    private WskFlags() {}
}
