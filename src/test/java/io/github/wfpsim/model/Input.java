package io.github.wfpsim.model;

/** How the arguments of SET are given. */
enum Input {
    SOUND,
    NULL,
    EMPTY,
    /** More is declared than there is. */
    OVERSTATED,
    /** An output size of one byte. */
    WITH_OUTPUT,
    NO_COUNT
}
