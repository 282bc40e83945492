package io.github.wfpsim.model;

/** Whom a process acts for when it binds. */
enum Account {
    USER,
    ADMINISTRATOR,
    SYSTEM
}
