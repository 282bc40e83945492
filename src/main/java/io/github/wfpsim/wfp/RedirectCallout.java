package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.driver.Pool;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RedirectHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A callout that redirects to a local proxy the way Using Bind or Connect Redirection describes it: ask for the redirect
 * state, leave alone what it may not touch, else acquire, edit, apply, release. It calls {@link Fwps} and adds no rule
 * of its own, so it can be read as the model of a driver's classifyFn.
 *
 * <p>A redirect leaves the write right cleared, as acquiring the layer data does, so its permit is a hard one. For a
 * dual-stack socket's connection to an IPv4 host, which is asked about at the V6 layer, an IPv4 proxy is named by its
 * v4-mapped address.
 *
 * <p>Immutable; the {@code with} methods return copies. Safe for use by many threads.
 */
public final class RedirectCallout implements ClassifyFn1 {

    private static final byte[] NO_CONTEXT = {};

    private final Fwps fwps;
    private final Pool pool;
    private final RedirectHandle handle;
    private final Function<InetSocketAddress, InetSocketAddress> proxyFor;
    private final IntSupplier targetPid;
    private final Function<OriginalDestination, byte[]> contextFor;
    private final Consumer<RedirectState> onState;

    private RedirectCallout(
            Fwps fwps,
            Pool pool,
            RedirectHandle handle,
            Function<InetSocketAddress, InetSocketAddress> proxyFor,
            IntSupplier targetPid,
            Function<OriginalDestination, byte[]> contextFor,
            Consumer<RedirectState> onState) {
        this.fwps = fwps;
        this.pool = pool;
        this.handle = handle;
        this.proxyFor = proxyFor;
        this.targetPid = targetPid;
        this.contextFor = contextFor;
        this.onState = onState;
    }

    /**
     * Creates a callout that sends everything to one proxy.
     *
     * @param fwps the driver's functions
     * @param pool the driver's pool, which the contexts come from
     * @param handle its redirect handle
     * @param proxy where the proxy listens
     * @param targetPid the proxy's process
     * @return the callout, without context
     */
    public static RedirectCallout to(
            Fwps fwps, Pool pool, RedirectHandle handle, InetSocketAddress proxy, int targetPid) {
        Objects.requireNonNull(fwps, "fwps must not be null: give the driver's");
        Objects.requireNonNull(pool, "pool must not be null: give the driver's");
        Objects.requireNonNull(handle, "handle must not be null: create a redirect handle");
        Objects.requireNonNull(proxy, "proxy must not be null: give the address that the proxy listens on");
        return new RedirectCallout(
                fwps, pool, handle, asked -> proxy, () -> targetPid, original -> NO_CONTEXT, state -> {});
    }

    /**
     * Attaches a context to each redirect.
     *
     * @param bytes what the proxy reads with the context query; none for no context
     * @return a copy of this callout
     */
    public RedirectCallout withContext(byte... bytes) {
        Objects.requireNonNull(bytes, "bytes must not be null: give none for no context");
        byte[] attached = bytes.clone();
        return withContext(original -> attached);
    }

    /**
     * Attaches a context to each redirect that tells what the connection was.
     *
     * @param encoder makes the context, such as {@link OriginalDestination#encode}; an empty array is no context
     * @return a copy of this callout
     */
    public RedirectCallout withContext(Function<OriginalDestination, byte[]> encoder) {
        Objects.requireNonNull(
                encoder, "encoder must not be null: give a function such as OriginalDestination::encode");
        return new RedirectCallout(fwps, pool, handle, proxyFor, targetPid, encoder, onState);
    }

    /**
     * Chooses the proxy by destination.
     *
     * @param chooser maps the destination that was asked for to the proxy's address
     * @return a copy of this callout
     */
    public RedirectCallout withProxy(Function<InetSocketAddress, InetSocketAddress> chooser) {
        Objects.requireNonNull(chooser, "chooser must not be null: give a function of the destination");
        return new RedirectCallout(fwps, pool, handle, chooser, targetPid, contextFor, onState);
    }

    /**
     * Watches the redirect state that each classification finds.
     *
     * @param watcher called on the connecting thread
     * @return a copy of this callout
     */
    public RedirectCallout watching(Consumer<RedirectState> watcher) {
        Objects.requireNonNull(watcher, "watcher must not be null: leave it out instead");
        return new RedirectCallout(fwps, pool, handle, proxyFor, targetPid, contextFor, watcher);
    }

    @Override
    public void classify(
            IncomingValues inFixedValues,
            IncomingMetadataValues inMetaValues,
            @Nullable Object layerData,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            long flowContext,
            ClassifyOut classifyOut) {
        Objects.requireNonNull(inFixedValues, "inFixedValues must not be null");
        Objects.requireNonNull(inMetaValues, "inMetaValues must not be null");
        Objects.requireNonNull(classifyContext, "classifyContext must not be null");
        Objects.requireNonNull(filter, "filter must not be null");
        Objects.requireNonNull(classifyOut, "classifyOut must not be null");
        if (!classifyOut.canWrite()) {
            return;
        }
        RedirectState state = fwps.fwpsQueryConnectionRedirectState0(inMetaValues.redirectRecords(), handle, null);
        onState.accept(state);
        classifyOut.setActionType(ActionType.FWP_ACTION_PERMIT);
        if (state == RedirectState.FWPS_CONNECTION_NOT_REDIRECTED
                || state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER) {
            redirect(inFixedValues, classifyContext, filter, classifyOut);
        }
    }

    private void redirect(
            IncomingValues asked, ClassifyContext classifyContext, FwpsFilter filter, ClassifyOut classifyOut) {
        // The functions of others come first: one that throws leaves nothing acquired.
        InetSocketAddress proxy = proxyFor.apply(asked.remote());
        byte[] context = Objects.requireNonNull(
                contextFor.apply(new OriginalDestination(asked.remote(), asked.local())),
                "the encoder of contexts returned null: let it return an empty array for no context");
        Out<ClassifyHandle> classifyHandle = Out.empty();
        if (!fwps.fwpsAcquireClassifyHandle0(classifyContext, 0, classifyHandle).isSuccess()) {
            return;
        }
        ClassifyHandle acquired = Objects.requireNonNull(classifyHandle.get());
        try {
            change(acquired, filter, classifyOut, proxy, context);
        } finally {
            fwps.fwpsReleaseClassifyHandle0(acquired);
        }
    }

    private void change(
            ClassifyHandle acquired,
            FwpsFilter filter,
            ClassifyOut classifyOut,
            InetSocketAddress proxy,
            byte[] context) {
        Out<Object> layerData = Out.empty();
        NtStatus status =
                fwps.fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, layerData, classifyOut);
        if (status.isSuccess() && layerData.get() instanceof ConnectRequest request) {
            if (!isHeadedForProxy(request)) {
                edit(request, proxy, context);
            }
            fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
            classifyOut.setActionType(ActionType.FWP_ACTION_PERMIT);
        }
    }

    /** WFP-56: another callout may have sent the connection to a local proxy in this very classification. */
    private static boolean isHeadedForProxy(ConnectRequest request) {
        ConnectRequest before = request.previousVersion();
        return before != null && before.localRedirectHandle() != null && before.localRedirectTargetPid() != 0;
    }

    private void edit(ConnectRequest request, InetSocketAddress proxy, byte[] context) {
        // A dual-stack socket's IPv4 connection is asked about at the V6 layer, in v4-mapped addresses (WFP-06).
        InetAddress asked = request.remoteAddressAndPort().getAddress();
        boolean mapped = !asked.equals(IpAddress.unmap(asked));
        request.setRemoteAddressAndPort(mapped ? IpAddress.toV4Mapped(proxy) : proxy);
        request.setLocalRedirectTargetPid(targetPid.getAsInt());
        request.setLocalRedirectHandle(handle);
        if (context.length > 0) {
            PoolBlock block = pool.allocate(context, "rCtx");
            request.setLocalRedirectContext(block, context.length);
        }
    }
}
