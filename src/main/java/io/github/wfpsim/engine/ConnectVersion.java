package io.github.wfpsim.engine;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One version of a connect request (WFP-44 to WFP-56). */
final class ConnectVersion extends RequestVersion {

    private InetSocketAddress remoteAddressAndPort;
    private int localRedirectTargetPid;
    private @Nullable RedirectHandle localRedirectHandle;
    private @Nullable PoolBlock localRedirectContext;
    private long localRedirectContextSize;
    private final @Nullable ConnectVersion before;

    /** The request as the application made it. */
    ConnectVersion(InetSocketAddress local, InetSocketAddress remote) {
        super(local);
        this.remoteAddressAndPort = remote;
        this.before = null;
    }

    /** A private copy for a callout that is about to change it. Redirect fields start empty. */
    ConnectVersion(ConnectVersion previous, long modifierFilterId) {
        super(previous, modifierFilterId);
        this.remoteAddressAndPort = previous.remoteAddressAndPort;
        this.before = previous;
    }

    InetSocketAddress remoteAddressAndPort() {
        return remoteAddressAndPort;
    }

    void setRemoteAddressAndPort(InetSocketAddress address) {
        requireThawed();
        this.remoteAddressAndPort = requireResolved(address);
    }

    int localRedirectTargetPid() {
        return localRedirectTargetPid;
    }

    void setLocalRedirectTargetPid(int pid) {
        requireThawed();
        this.localRedirectTargetPid = pid;
    }

    @Nullable
    RedirectHandle localRedirectHandle() {
        return localRedirectHandle;
    }

    void setLocalRedirectHandle(@Nullable RedirectHandle handle) {
        requireThawed();
        this.localRedirectHandle = handle;
    }

    @Nullable
    PoolBlock localRedirectContext() {
        return localRedirectContext;
    }

    long localRedirectContextSize() {
        return localRedirectContextSize;
    }

    void setLocalRedirectContext(@Nullable PoolBlock context, long size) {
        requireThawed();
        this.localRedirectContext = context;
        this.localRedirectContextSize = size;
    }

    /** The version that this one was copied from; null for the application's own. */
    @Nullable
    ConnectVersion before() {
        return before;
    }

    /** Whether a callout asked for anything but what stood copied. */
    boolean isModified() {
        ConnectVersion copied = before;
        return isRedirect()
                || (copied != null
                        && (!localAddressAndPort().equals(copied.localAddressAndPort())
                                || portReservationToken() != copied.portReservationToken()
                                || localRedirectTargetPid != 0));
    }

    /** Whether a callout sent the connection elsewhere, or claimed it with its redirect handle. */
    boolean isRedirect() {
        ConnectVersion copied = before;
        return copied != null
                && (localRedirectHandle != null || !remoteAddressAndPort.equals(copied.remoteAddressAndPort));
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
