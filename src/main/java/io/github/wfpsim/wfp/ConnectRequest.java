package io.github.wfpsim.wfp;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.redirect.RedirectHandle;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The writable layer data of CONNECT_REDIRECT, FWPS_CONNECT_REQUEST0. Mutable from acquire to apply, then frozen; used
 * by one thread at a time.
 *
 * <p>Source: FWPS_CONNECT_REQUEST0; Using Bind or Connect Redirection. Requirements: WFP-44 to WFP-56.
 */
public final class ConnectRequest {

    private InetSocketAddress localAddressAndPort;
    private InetSocketAddress remoteAddressAndPort;
    private long portReservationToken;
    private int localRedirectTargetPid;
    private @Nullable RedirectHandle localRedirectHandle;
    private @Nullable PoolBlock localRedirectContext;
    private long localRedirectContextSize;
    private final @Nullable ConnectRequest previousVersion;
    private final long modifierFilterId;
    private boolean frozen;

    /** The request as the application made it; the engine never changes it. */
    ConnectRequest(InetSocketAddress local, InetSocketAddress remote) {
        this.localAddressAndPort = local;
        this.remoteAddressAndPort = remote;
        this.previousVersion = null;
        this.modifierFilterId = 0;
        this.frozen = true;
    }

    /** A private copy for a callout that is about to change it. Redirect fields start empty. */
    ConnectRequest(ConnectRequest previous, long modifierFilterId) {
        this.localAddressAndPort = previous.localAddressAndPort;
        this.remoteAddressAndPort = previous.remoteAddressAndPort;
        this.portReservationToken = previous.portReservationToken;
        this.previousVersion = previous;
        this.modifierFilterId = modifierFilterId;
    }

    /**
     * Reads localAddressAndPort.
     *
     * @return the source of the connection, unspecified until it is known
     */
    public InetSocketAddress localAddressAndPort() {
        return localAddressAndPort;
    }

    /**
     * Writes localAddressAndPort, which only the bind layer may change (WFP-48).
     *
     * @param address the new source
     * @throws IllegalStateException after apply
     */
    public void setLocalAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.localAddressAndPort = requireResolved(address);
    }

    /**
     * Reads remoteAddressAndPort.
     *
     * @return the destination, as the callouts before left it
     */
    public InetSocketAddress remoteAddressAndPort() {
        return remoteAddressAndPort;
    }

    /**
     * Writes remoteAddressAndPort, the new destination.
     *
     * @param address address and port
     * @throws IllegalStateException after apply
     */
    public void setRemoteAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.remoteAddressAndPort = requireResolved(address);
    }

    /**
     * Reads portReservationToken.
     *
     * @return the token, 0 if none
     */
    public long portReservationToken() {
        return portReservationToken;
    }

    /**
     * Writes portReservationToken; it is passed along without further effect.
     *
     * @param token the token
     * @throws IllegalStateException after apply
     */
    public void setPortReservationToken(long token) {
        requireThawed();
        this.portReservationToken = token;
    }

    /**
     * Reads localRedirectTargetPID.
     *
     * @return the process that is responsible for a redirect to this machine; 0 if none
     */
    public int localRedirectTargetPid() {
        return localRedirectTargetPid;
    }

    /**
     * Writes localRedirectTargetPID, obligatory for a redirect to this machine.
     *
     * @param pid the process that may query the records
     * @throws IllegalStateException after apply
     */
    public void setLocalRedirectTargetPid(int pid) {
        requireThawed();
        this.localRedirectTargetPid = pid;
    }

    /**
     * Reads localRedirectHandle.
     *
     * @return the redirect handle, or null
     */
    public @Nullable RedirectHandle localRedirectHandle() {
        return localRedirectHandle;
    }

    /**
     * Writes localRedirectHandle, obligatory for a redirect to this machine from Windows 8 on.
     *
     * @param handle from FwpsRedirectHandleCreate0
     * @throws IllegalStateException after apply
     */
    public void setLocalRedirectHandle(@Nullable RedirectHandle handle) {
        requireThawed();
        this.localRedirectHandle = handle;
    }

    /**
     * Reads localRedirectContext.
     *
     * @return the block that WFP takes over, or null
     */
    public @Nullable PoolBlock localRedirectContext() {
        return localRedirectContext;
    }

    /**
     * Reads localRedirectContextSize.
     *
     * @return declared size in bytes
     */
    public long localRedirectContextSize() {
        return localRedirectContextSize;
    }

    /**
     * Writes localRedirectContext and localRedirectContextSize. WFP takes the block over with the apply call.
     *
     * @param context the block, or null for no context
     * @param size its declared size in bytes
     * @throws IllegalStateException after apply
     */
    public void setLocalRedirectContext(@Nullable PoolBlock context, long size) {
        requireThawed();
        this.localRedirectContext = context;
        this.localRedirectContextSize = size;
    }

    /**
     * Reads previousVersion.
     *
     * @return the request before this modification; null for the unmodified one
     */
    public @Nullable ConnectRequest previousVersion() {
        return previousVersion;
    }

    /**
     * Reads modifierFilterId.
     *
     * @return run-time id of the filter whose callout modifies; 0 in the unmodified request
     */
    public long modifierFilterId() {
        return modifierFilterId;
    }

    void freeze() {
        frozen = true;
    }

    /** Whether a callout asked for anything but what stood before. */
    boolean isModified() {
        ConnectRequest before = previousVersion;
        return isRedirect()
                || (before != null
                        && (!localAddressAndPort.equals(before.localAddressAndPort)
                                || portReservationToken != before.portReservationToken
                                || localRedirectTargetPid != 0));
    }

    /** Whether a callout sent the connection elsewhere, or claimed it with its redirect handle. */
    boolean isRedirect() {
        ConnectRequest before = previousVersion;
        return before != null
                && (localRedirectHandle != null || !remoteAddressAndPort.equals(before.remoteAddressAndPort));
    }

    void restoreLocal(InetSocketAddress address) {
        this.localAddressAndPort = address;
    }

    private void requireThawed() {
        if (frozen) {
            throw new IllegalStateException("the connect request is frozen: edit it between "
                    + "FwpsAcquireWritableLayerDataPointer0 and FwpsApplyModifiedLayerData0");
        }
    }

    /** An address that can be connected or bound to: an unresolved one has no family. */
    static InetSocketAddress requireResolved(InetSocketAddress address) {
        Objects.requireNonNull(address, "address must not be null: give an address and a port");
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(address + " is not resolved: give an IP address");
        }
        return address;
    }

    @Override
    public String toString() {
        return "connect request to " + remoteAddressAndPort + (frozen ? "" : " (being edited)");
    }
}
