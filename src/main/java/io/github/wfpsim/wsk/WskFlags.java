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

    /** WskCaptureProviderNPI: does not wait. */
    public static final int WSK_NO_WAIT = 0;

    /** WskCaptureProviderNPI: waits without end. */
    public static final int WSK_INFINITE_WAIT = 0xFFFFFFFF;

    private WskFlags() {}
}
