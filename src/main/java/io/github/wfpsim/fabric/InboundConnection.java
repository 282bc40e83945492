package io.github.wfpsim.fabric;

import io.github.wfpsim.net.DuplexStream;

/** A connection that a receiver has let in and that its dialler has not confirmed yet. */
public interface InboundConnection {

    /** {@return the dialler's end} */
    DuplexStream dialerEnd();

    /** Confirms the connection: the receiver may queue it for accept. Called once, unless abandoned. */
    void established();

    /** Gives the connection up before it was confirmed. */
    void abandon();
}
