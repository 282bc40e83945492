package io.github.wfpsim.wsk;

import io.github.wfpsim.irp.WskBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A received datagram in memory of WSK, WSK_DATAGRAM_INDICATION. Valid during the callback, and after STATUS_PENDING until
 * WskRelease.
 *
 * <p>Source: WSK_DATAGRAM_INDICATION (WDK). Requirement: WSKS-29.
 */
public interface WskDatagramIndication {

    /**
     * {@return null: the datagram after this one, Next, of which WSK indicates one to a call here}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    @Nullable
    WskDatagramIndication next();

    /**
     * {@return the data, Buffer, in locked memory}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    WskBuf buffer();

    /**
     * {@return the control messages, ControlInfo, as far as their options are switched on (UDP-15); read-only, empty if
     * there are none}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    ByteBuffer controlInfo();

    /**
     * {@return the sender, RemoteAddress}
     *
     * @throws io.github.wfpsim.verifier.FaultException {@code STALE_REFERENCE} when it is no longer valid
     */
    InetSocketAddress remoteAddress();
}
