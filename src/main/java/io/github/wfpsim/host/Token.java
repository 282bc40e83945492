package io.github.wfpsim.host;

/**
 * The rights that a process acts with, as far as redirection asks for them.
 *
 * <p>Source: Access Tokens; User Account Control (SDK). Requirements: REC-37.
 */
public enum Token {
    /** An ordinary user. */
    STANDARD_USER,
    /** An administrator whose rights are filtered out by User Account Control. */
    FILTERED_ADMINISTRATOR,
    /** An administrator with full rights. */
    ELEVATED_ADMINISTRATOR,
    /** The operating system and its services. */
    SYSTEM;

    /**
     * {@return whether the process may do what is reserved for administrators; true for {@link #ELEVATED_ADMINISTRATOR}
     * and {@link #SYSTEM}}
     */
    public boolean isElevated() {
        return this == ELEVATED_ADMINISTRATOR || this == SYSTEM;
    }
}
