package io.github.wfpsim.model;

/** What becomes of a record before SET gets it. */
enum Blob {
    INTACT,
    FIRST_BYTE_FLIPPED,
    LAST_BYTE_FLIPPED,
    CUT,
    APPENDED,
    OVERFLOWING,
    /** Re-issued for the process that sets it. */
    RETARGETED_TO_CALLER,
    /** Re-issued for the application. */
    RETARGETED_TO_APP,
    REISSUED_ELSEWHERE,
    /** Not a record at all. */
    CONTEXT
}
