package io.github.wfpsim.winsock;

import io.github.wfpsim.DriverProduct;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import io.github.wfpsim.wfp.InlineEdit;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One machine with a browser whose connections a callout redirects to a listening proxy, and a stranger whose
 * connections nobody touches. The redirect's context and target can be changed before each connection.
 */
public final class RedirectLab implements AutoCloseable {

    static final int RECORDS = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code();
    static final int CONTEXT = ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code();
    static final int SET = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();

    public final AddressFamily family;
    public final WfpSim sim;
    public final SimProcess browser;
    public final SimProcess proxy;
    public final SimProcess stranger;
    final SocketHandle listener;
    public final InetSocketAddress proxyAddress;
    /** Null on a Windows that does not redirect. */
    private final @Nullable DriverProduct vendor;

    private byte @Nullable [] context = "who asked for what".getBytes(StandardCharsets.UTF_8);
    private long declaredContextSize = -1;
    private int targetPid;
    private InetSocketAddress destination;

    private RedirectLab(AddressFamily family, SimOptions options) {
        this.family = family;
        this.sim = WfpSim.open(options);
        this.browser = sim.app("browser.exe");
        this.proxy = sim.process("C:\\Vendor\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
        this.stranger = sim.process("C:\\Apps\\stranger.exe", Token.ELEVATED_ADMINISTRATOR);
        this.targetPid = proxy.id();
        this.proxyAddress = new InetSocketAddress(IpAddress.loopback(family), 8080);
        this.destination = proxyAddress;
        this.listener = listening(proxy.winsock(), proxyAddress);
        this.vendor = options.windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8)
                ? sim.product("vendor")
                        .fromApp("browser.exe")
                        .callout(textbook -> this::redirect)
                        .redirectTo(proxy)
                : null;
    }

    private void redirect(
            IncomingValues inFixedValues,
            IncomingMetadataValues inMetaValues,
            @Nullable Object layerData,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            long flowContext,
            ClassifyOut classifyOut) {
        DriverProduct product = Objects.requireNonNull(vendor);
        InlineEdit.connect(product.driver().fwps(), classifyContext, filter, classifyOut, request -> {
            request.setRemoteAddressAndPort(destination);
            request.setLocalRedirectTargetPid(targetPid);
            request.setLocalRedirectHandle(product.redirectHandle());
            byte[] bytes = context;
            if (bytes != null) {
                PoolBlock block = product.driver().pool().allocate(bytes, "rCtx");
                request.setLocalRedirectContext(block, declaredContextSize < 0 ? bytes.length : declaredContextSize);
            }
        });
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
        return IpAddress.parse(family == AddressFamily.AF_INET ? "203.0.113.10:80" : "[2001:db8:0:1::10]:80");
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
        sim.close();
    }

    /** Both ends of a connection that the proxy accepted. */
    record Connection(Winsock clientSide, SocketHandle client, Winsock proxySide, SocketHandle accepted) {}
}
