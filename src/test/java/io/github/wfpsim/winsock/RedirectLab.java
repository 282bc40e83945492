package io.github.wfpsim.winsock;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One machine with a browser whose connections a callout redirects to a listening proxy, and a stranger whose
 * connections nobody touches. The redirect's context and target can be changed before each connection.
 */
public final class RedirectLab implements AutoCloseable {

    static final int RECORDS = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();
    static final int CONTEXT = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code();
    static final int SET = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();

    private static final String BROWSER = "C:\\Apps\\browser.exe";
    private static final UUID CALLOUT = UUID.fromString("6f2b1d55-0f9c-4c1a-9a7e-52e0b1f0c001");
    private static final UUID PROVIDER = UUID.fromString("6f2b1d55-0f9c-4c1a-9a7e-52e0b1f0c002");

    public final AddressFamily family;
    public final WfpSim sim;
    public final SimProcess browser;
    public final SimProcess proxy;
    public final SimProcess stranger;
    final SocketHandle listener;
    public final InetSocketAddress proxyAddress;
    private final @Nullable CalloutRegistration callout;
    private final @Nullable RedirectHandle redirectHandle;

    private byte @Nullable [] context = "who asked for what".getBytes(StandardCharsets.UTF_8);
    private long declaredContextSize = -1;
    private int targetPid;
    private InetSocketAddress destination;

    private RedirectLab(AddressFamily family, SimOptions options) {
        this.family = family;
        this.sim = WfpSim.open(options);
        this.browser = sim.process(BROWSER, Token.STANDARD_USER);
        this.proxy = sim.process("C:\\Vendor\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        this.stranger = sim.process("C:\\Apps\\stranger.exe", Token.ELEVATED_ADMINISTRATOR);
        this.targetPid = proxy.id();
        this.proxyAddress = new InetSocketAddress(IpAddress.loopback(family), 8080);
        this.destination = proxyAddress;
        this.listener = listening(proxy.winsock(), proxyAddress);
        boolean redirects = options.windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8);
        KernelDriver driver = redirects ? sim.loadDriver("vendor.sys") : null;
        this.redirectHandle = driver == null ? null : driver.createRedirectHandle(PROVIDER);
        this.callout = driver == null ? null : install(driver);
    }

    private CalloutRegistration install(KernelDriver vendor) {
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                        .name("send the browser to the proxy")
                        .when(FilterCondition.appId(BROWSER))
                        .callout(CALLOUT));
        return vendor.registerCallout(CALLOUT, new Redirector(vendor));
    }

    public static RedirectLab open(AddressFamily family) {
        return open(family, SimOptions.defaults());
    }

    public static RedirectLab open(AddressFamily family, SimOptions options) {
        return new RedirectLab(family, options);
    }

    /** The context of redirects from now on; null for none. */
    public void setContext(byte @Nullable ... bytes) {
        this.context = bytes;
    }

    /** Declares another size than the context has, as only a driver with a bug does. */
    public void declareContextSize(long size) {
        this.declaredContextSize = size;
    }

    /** The process that redirects from now on name in localRedirectTargetPID. */
    public void redirectTo(SimProcess target) {
        this.targetPid = target.id();
    }

    /** Where redirects from now on lead. */
    public void redirectTo(InetSocketAddress listening) {
        this.destination = listening;
    }

    /** A destination that the browser may ask for; nothing needs to be there. */
    public InetSocketAddress origin() {
        String address = family == AddressFamily.AF_INET ? "203.0.113.10" : "2001:db8:0:1::10";
        try {
            return new InetSocketAddress(InetAddress.getByName(address), 80);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public InetSocketAddress loopback(int port) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    /** Connects the browser to the origin, and hands out both ends. */
    Connection redirected() {
        return connection(browser, origin());
    }

    /** Connects the stranger to the proxy's listener without any redirect, and hands out both ends. */
    Connection plain() {
        return connection(stranger, proxyAddress);
    }

    private Connection connection(SimProcess client, InetSocketAddress destination) {
        SocketHandle connecting = tcp(client.winsock());
        expect(client.winsock().connect(connecting, destination), client.winsock());
        SocketHandle accepted = proxy.winsock().accept(listener, null);
        expect(accepted.equals(SocketHandle.INVALID_SOCKET) ? -1 : 0, proxy.winsock());
        return new Connection(client.winsock(), connecting, proxy.winsock(), accepted);
    }

    SocketHandle tcp(Winsock winsock) {
        return winsock.socket(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    }

    SocketHandle udp(Winsock winsock) {
        return winsock.socket(family, SocketType.SOCK_DGRAM, IpProtocol.IPPROTO_UDP);
    }

    /** A raw socket of a protocol that redirection does not cover (WFP-04). */
    SocketHandle uncovered(Winsock winsock) {
        return winsock.socket(family, SocketType.SOCK_RAW, IpProtocol.IPPROTO_IPV6);
    }

    private SocketHandle listening(Winsock winsock, InetSocketAddress address) {
        SocketHandle socket = tcp(winsock);
        expect(winsock.bind(socket, address), winsock);
        expect(winsock.listen(socket, Winsock.SOMAXCONN), winsock);
        return socket;
    }

    /** The record of a fresh redirected connection, whose ends stay open. */
    public byte[] record() {
        try {
            return proxy.winsock()
                    .tcpSocket(redirected().accepted())
                    .queryRedirectRecords()
                    .orElseThrow();
        } catch (WinsockException failure) {
            throw new AssertionError(failure);
        }
    }

    private static void expect(int result, Winsock winsock) {
        if (result != 0) {
            throw new AssertionError("the scenario failed with " + winsock.wsaGetLastError());
        }
    }

    @Override
    public void close() {
        if (callout != null && redirectHandle != null) {
            callout.close();
            redirectHandle.close();
        }
        sim.close();
    }

    /** Both ends of a connection that the proxy accepted. */
    record Connection(Winsock clientSide, SocketHandle client, Winsock proxySide, SocketHandle accepted) {}

    /** Acquire, edit, apply, release, as Using Bind or Connect Redirection says. */
    private final class Redirector implements ClassifyFn1 {

        private final KernelDriver vendor;

        Redirector(KernelDriver vendor) {
            this.vendor = vendor;
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
            Fwps fwps = vendor.fwps();
            Out<ClassifyHandle> handle = Out.empty();
            requireSuccess(fwps.fwpsAcquireClassifyHandle0(classifyContext, 0, handle));
            ClassifyHandle acquired = Objects.requireNonNull(handle.get());
            Out<Object> writable = Out.empty();
            requireSuccess(
                    fwps.fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, writable, classifyOut));
            ConnectRequest request = (ConnectRequest) Objects.requireNonNull(writable.get());
            request.setRemoteAddressAndPort(destination);
            request.setLocalRedirectTargetPid(targetPid);
            request.setLocalRedirectHandle(redirectHandle);
            attachContext(request);
            fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
            fwps.fwpsReleaseClassifyHandle0(acquired);
            classifyOut.setActionType(ActionType.FWP_ACTION_PERMIT);
        }

        private void attachContext(ConnectRequest request) {
            byte[] bytes = context;
            if (bytes != null) {
                PoolBlock block = vendor.pool().allocate(bytes, "rCtx");
                request.setLocalRedirectContext(block, declaredContextSize < 0 ? bytes.length : declaredContextSize);
            }
        }

        private void requireSuccess(NtStatus status) {
            if (!status.isSuccess()) {
                throw new AssertionError("the callout was refused: " + status);
            }
        }
    }
}
