package io.github.wfpsim.net;

import java.io.IOException;

/** The peer reset the connection, or closed it with data unread. */
public final class StreamResetException extends IOException {

    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what happened
     */
    public StreamResetException(String message) {
        super(message);
    }
}
