package io.github.wfpsim.doors;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Win32Error;

/** What a redirect ioctl comes to, and what each door calls it: the one place where the doors may differ. */
enum Verdict {
    DONE(NtStatus.STATUS_SUCCESS, Win32Error.NO_ERROR),

    /** A door that tells the needed size with it; user mode does not for sizes that hold no ULONG (WSA-15). */
    TOO_SMALL(NtStatus.STATUS_BUFFER_TOO_SMALL, Win32Error.ERROR_INSUFFICIENT_BUFFER),
    SMALLER_THAN_A_ULONG(NtStatus.STATUS_BUFFER_TOO_SMALL, Win32Error.WSAEINVAL),

    NOT_REDIRECTED(NtStatus.STATUS_NOT_FOUND, Win32Error.FWP_E_NOT_FOUND),
    NO_CONTEXT(NtStatus.STATUS_NOT_FOUND, Win32Error.FWP_E_NOT_FOUND),
    NOT_CONNECTED(NtStatus.STATUS_NOT_FOUND, Win32Error.WSAENOTCONN),
    QUERY_ON_DEAD_CONNECTION(NtStatus.STATUS_FILE_FORCED_CLOSED, Win32Error.WSAENOTCONN),
    QUERY_ON_OTHER_SOCKET(NtStatus.STATUS_INVALID_DEVICE_REQUEST, Win32Error.WSAENOTCONN),
    NOT_TARGET(NtStatus.STATUS_ACCESS_DENIED, Win32Error.WSAEACCES),

    SET_ON_DEAD_CONNECTION(NtStatus.STATUS_FILE_FORCED_CLOSED, Win32Error.WSAEINVAL),
    SET_ON_OTHER_SOCKET(NtStatus.STATUS_INVALID_DEVICE_REQUEST, Win32Error.WSAEINVAL),
    WRONG_STAGE(NtStatus.STATUS_INVALID_DEVICE_STATE, Win32Error.WSAEINVAL),
    BAD_RECORD(NtStatus.STATUS_ACCESS_DENIED, Win32Error.WSAEACCES),
    /** The kernel needs no privilege (REC-37). */
    NOT_ELEVATED(NtStatus.STATUS_SUCCESS, Win32Error.WSAEACCES),

    INTEGER_OVERFLOW(NtStatus.STATUS_INTEGER_OVERFLOW, Win32Error.WSAEINVAL),
    CODE_OF_A_LATER_WINDOWS(NtStatus.STATUS_INVALID_DEVICE_REQUEST, Win32Error.WSAEOPNOTSUPP),
    NO_BUFFER_FOR_ITS_SIZE(NtStatus.STATUS_INVALID_PARAMETER, Win32Error.WSAEFAULT),
    NO_RECORD(NtStatus.STATUS_INVALID_PARAMETER, Win32Error.WSAEINVAL);

    private final NtStatus kernel;
    private final Win32Error user;

    Verdict(NtStatus kernel, Win32Error user) {
        this.kernel = kernel;
        this.user = user;
    }

    NtStatus kernel() {
        return kernel;
    }

    Win32Error user() {
        return user;
    }
}
