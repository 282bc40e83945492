package io.github.wfpsim.wsk;

/** What WskControlSocket is to do, WSK_CONTROL_SOCKET_TYPE. Source: wsk.h (WDK). Requirement: WSK-02. */
public enum WskControlRequestType {
    /** Sets a socket option. */
    WskSetOption,
    /** Reads a socket option. */
    WskGetOption,
    /** Performs an I/O control operation. */
    WskIoctl
}
