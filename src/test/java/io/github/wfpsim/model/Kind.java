package io.github.wfpsim.model;

import io.github.wfpsim.winsock.Winsock;

/** What to ask WSASocket for. */
enum Kind {
    TCP(2, 1, 6, Winsock.WSA_FLAG_OVERLAPPED),
    /** Without the overlapped attribute. */
    TCP_WAITING(2, 1, 6, 0),
    UDP(2, 2, 17, Winsock.WSA_FLAG_OVERLAPPED),
    UNKNOWN_FAMILY(99, 1, 6, 0),
    UNKNOWN_TYPE(2, 99, 6, 0),
    MISMATCH(2, 1, 17, 0),
    UNKNOWN_FLAG(2, 1, 6, 0x40000000);

    final int af;
    final int type;
    final int protocol;
    final int flags;

    Kind(int af, int type, int protocol, int flags) {
        this.af = af;
        this.type = type;
        this.protocol = protocol;
        this.flags = flags;
    }
}
