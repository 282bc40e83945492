package io.github.wfpsim.engine;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ConnectRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One version of a connect request (WFP-44 to WFP-56). */
final class ConnectVersion extends RequestVersion implements ConnectRequest {

    private InetSocketAddress remoteAddressAndPort;
    private int localRedirectTargetPid;
    private @Nullable RedirectHandle localRedirectHandle;
    private @Nullable PoolBlock localRedirectContext;
    private long localRedirectContextSize;
    private final @Nullable ConnectVersion previousVersion;

    /** The request as the application made it. */
    ConnectVersion(InetSocketAddress local, InetSocketAddress remote) {
        super(local);
        this.remoteAddressAndPort = remote;
        this.previousVersion = null;
    }

    /** A private copy for a callout that is about to change it. Redirect fields start empty. */
    ConnectVersion(ConnectVersion previous, long modifierFilterId) {
        super(previous, modifierFilterId);
        this.remoteAddressAndPort = previous.remoteAddressAndPort;
        this.previousVersion = previous;
    }

    @Override
    public InetSocketAddress remoteAddressAndPort() {
        return remoteAddressAndPort;
    }

    @Override
    public void setRemoteAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.remoteAddressAndPort = requireResolved(address);
    }

    @Override
    public int localRedirectTargetPid() {
        return localRedirectTargetPid;
    }

    @Override
    public void setLocalRedirectTargetPid(int pid) {
        requireThawed();
        this.localRedirectTargetPid = pid;
    }

    @Override
    public @Nullable RedirectHandle localRedirectHandle() {
        return localRedirectHandle;
    }

    @Override
    public void setLocalRedirectHandle(@Nullable RedirectHandle handle) {
        requireThawed();
        this.localRedirectHandle = handle;
    }

    @Override
    public @Nullable PoolBlock localRedirectContext() {
        return localRedirectContext;
    }

    @Override
    public long localRedirectContextSize() {
        return localRedirectContextSize;
    }

    @Override
    public void setLocalRedirectContext(@Nullable PoolBlock context, long size) {
        requireThawed();
        this.localRedirectContext = context;
        this.localRedirectContextSize = size;
    }

    @Override
    public @Nullable ConnectVersion previousVersion() {
        return previousVersion;
    }

    /** Whether a callout asked for anything but what stood before. */
    boolean isModified() {
        ConnectVersion before = previousVersion;
        return isRedirect()
                || (before != null
                        && (!localAddressAndPort().equals(before.localAddressAndPort())
                                || portReservationToken() != before.portReservationToken()
                                || localRedirectTargetPid != 0));
    }

    /** Whether a callout sent the connection elsewhere, or claimed it with its redirect handle. */
    boolean isRedirect() {
        ConnectVersion before = previousVersion;
        return before != null
                && (localRedirectHandle != null || !remoteAddressAndPort.equals(before.remoteAddressAndPort));
    }

    @Override
    String kind() {
        return "connect request";
    }

    @Override
    public String toString() {
        return "connect request to " + IpAddress.text(remoteAddressAndPort) + (isFrozen() ? "" : " (being edited)");
    }
}
