package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;

/** What a callback that was shown data answers; nothing is taken by one that was not called or threw. */
final class EventReply {

    private NtStatus status = NtStatus.STATUS_DATA_NOT_ACCEPTED;
    private boolean asked;

    /** The callback is called. */
    void ask() {
        asked = true;
    }

    void is(NtStatus answered) {
        status = answered;
    }

    boolean wasAsked() {
        return asked;
    }

    NtStatus status() {
        return status;
    }
}
