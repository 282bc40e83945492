package io.github.wfpsim.wsk;

import org.jspecify.annotations.Nullable;

/**
 * Event callbacks of a stream socket, WSK_CLIENT_STREAM_DISPATCH: for either thing that it may become. Source:
 * WSK_CLIENT_STREAM_DISPATCH (WDK).
 *
 * @param listen its callbacks as a listener, or null
 * @param connect its callbacks as a connection, or null
 */
public record WskClientStreamDispatch(
        @Nullable WskClientListenDispatch listen, @Nullable WskClientConnectionDispatch connect)
        implements WskClientDispatch {}
