package io.github.wfpsim.engine;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ConnectRequest;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A version of a connect request as one turn sees it. Its list has the versions that callouts have made (WFP-55). */
final class LentConnectRequest extends LentRequest<ConnectVersion> implements ConnectRequest {

    private @Nullable LentConnectRequest previous;

    LentConnectRequest(CalloutTurn turn, ConnectVersion version) {
        super(turn, version);
    }

    @Override
    public InetSocketAddress remoteAddressAndPort() {
        return read("remoteAddressAndPort").remoteAddressAndPort();
    }

    @Override
    public void setRemoteAddressAndPort(InetSocketAddress address) {
        if (mayWrite("remoteAddressAndPort")) {
            version().setRemoteAddressAndPort(address);
        }
    }

    @Override
    public int localRedirectTargetPid() {
        return read("localRedirectTargetPID").localRedirectTargetPid();
    }

    @Override
    public void setLocalRedirectTargetPid(int pid) {
        if (mayWrite("localRedirectTargetPID")) {
            version().setLocalRedirectTargetPid(pid);
        }
    }

    @Override
    public @Nullable RedirectHandle localRedirectHandle() {
        return read("localRedirectHandle").localRedirectHandle();
    }

    @Override
    public void setLocalRedirectHandle(@Nullable RedirectHandle handle) {
        if (mayWrite("localRedirectHandle")) {
            version().setLocalRedirectHandle(handle);
        }
    }

    @Override
    public @Nullable PoolBlock localRedirectContext() {
        return read("localRedirectContext").localRedirectContext();
    }

    @Override
    public long localRedirectContextSize() {
        return read("localRedirectContextSize").localRedirectContextSize();
    }

    @Override
    public void setLocalRedirectContext(@Nullable PoolBlock context, long size) {
        if (mayWrite("localRedirectContext")) {
            version().setLocalRedirectContext(context, size);
        }
    }

    @Override
    public @Nullable LentConnectRequest previousVersion() {
        ConnectVersion before = read("previousVersion").before();
        if (before == null || (before.before() == null && !turn().showsUnmodifiedRequest())) {
            return null;
        }
        LentConnectRequest shown = previous;
        if (shown == null) {
            shown = new LentConnectRequest(turn(), before);
            previous = shown;
        }
        return shown;
    }
}
