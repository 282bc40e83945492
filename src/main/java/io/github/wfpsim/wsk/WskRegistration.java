package io.github.wfpsim.wsk;

/**
 * A driver's registration, WSK_REGISTRATION: opaque, filled in by {@link Wsk#wskRegister}. Safe for use by many threads.
 *
 * <p>Source: WSK_REGISTRATION; Registering a Winsock Kernel Application (WDK). Requirements: WSKS-01 to WSKS-03.
 */
public interface WskRegistration {}
