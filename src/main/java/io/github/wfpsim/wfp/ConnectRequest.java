package io.github.wfpsim.wfp;

import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.redirect.RedirectHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The writable layer data of CONNECT_REDIRECT, FWPS_CONNECT_REQUEST0. Mutable from acquire to apply, then frozen; used
 * by one thread at a time. The redirect fields of a fresh copy are empty.
 *
 * <p>Source: FWPS_CONNECT_REQUEST0; Using Bind or Connect Redirection. Requirements: WFP-44 to WFP-56.
 */
public interface ConnectRequest extends WritableLayerData {

    /** {@return remoteAddressAndPort, the destination as the callouts before left it} */
    InetSocketAddress remoteAddressAndPort();

    /**
     * Writes remoteAddressAndPort, the new destination.
     *
     * @param address address and port
     * @throws IllegalArgumentException if the address is not resolved
     * @throws IllegalStateException after apply
     */
    void setRemoteAddressAndPort(InetSocketAddress address);

    /** {@return localRedirectTargetPID, the process that is responsible for a redirect to this machine; 0 if none} */
    int localRedirectTargetPid();

    /**
     * Writes localRedirectTargetPID, obligatory for a redirect to this machine.
     *
     * @param pid the process that may query the records
     * @throws IllegalStateException after apply
     */
    void setLocalRedirectTargetPid(int pid);

    /** {@return localRedirectHandle, or null} */
    @Nullable
    RedirectHandle localRedirectHandle();

    /**
     * Writes localRedirectHandle, obligatory for a redirect to this machine from Windows 8 on.
     *
     * @param handle from FwpsRedirectHandleCreate0
     * @throws IllegalStateException after apply
     */
    void setLocalRedirectHandle(@Nullable RedirectHandle handle);

    /** {@return localRedirectContext, the block that WFP takes over, or null} */
    @Nullable
    PoolBlock localRedirectContext();

    /** {@return localRedirectContextSize, the declared size in bytes} */
    long localRedirectContextSize();

    /**
     * Writes localRedirectContext and localRedirectContextSize. WFP takes the block over with the apply call.
     *
     * @param context the block, or null for no context
     * @param size its declared size in bytes
     * @throws IllegalStateException after apply
     */
    void setLocalRedirectContext(@Nullable PoolBlock context, long size);

    @Override
    @Nullable
    ConnectRequest previousVersion();
}
