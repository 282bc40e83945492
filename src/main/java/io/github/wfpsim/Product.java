package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.RedirectCallout;
import io.github.wfpsim.winsock.WinsockException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What a vendor's redirecting product is to be; each {@code redirect} method installs one. The product is a driver with
 * its redirect handle, a sub-layer of its own, callouts and filters in both address families, and a proxy. It is made of
 * public calls of {@code Fwpm}, {@code Fwps}, {@code Wsk} and {@code Winsock}, and adds no rule.
 *
 * <p>Several products get along without knowing of each other: their GUIDs come from their names, the one that was named
 * first has the heaviest sub-layer, so it is asked first, and each has its own port on loopback.
 *
 * <p>Not safe for use by many threads; what it installs is.
 *
 * <p>Source: Using Bind or Connect Redirection. Requirements: WFP-06, WFP-24, REC-20 to REC-25, REC-27.
 */
public final class Product {

    private static final int HEAVIEST = 0x8000;
    private static final int FIRST_PORT = 8080;
    private static final int HIGHEST_PORT = 0xFFFF;

    private final WfpSim machine;
    private final String name;
    private int weight;
    private int port;
    private ProductConditions conditions = ProductConditions.EVERYTHING;
    private Function<OriginalDestination, byte[]> encoder = OriginalDestination::encode;
    private Consumer<RedirectState> watcher = state -> {};
    private UnaryOperator<ClassifyFn1> callouts = textbook -> textbook;

    /** The number counts the products of the machine. */
    Product(WfpSim machine, String name, int number) {
        this.machine = machine;
        this.name = name;
        this.weight = Math.max(0, HEAVIEST - number);
        this.port = Math.min(HIGHEST_PORT, FIRST_PORT + number);
    }

    static String checkedName(String name) {
        Objects.requireNonNull(name, "name must not be null: give the vendor's name, such as acme");
        if (name.isBlank() || name.chars().anyMatch(c -> c == '\\' || c == '/' || c == ':' || c < ' ')) {
            throw new IllegalArgumentException(
                    "name must be a plain word such as acme, which driver and process are called after: \"" + name
                            + "\"");
        }
        return name;
    }

    /**
     * Takes connections of one application only. Called again, of either.
     *
     * @param image its path, or a bare name as {@link WfpSim#app} takes it
     * @return this
     */
    public Product fromApp(String image) {
        return when(FilterCondition.appId(WfpSim.imagePath(image)));
    }

    /**
     * Takes connections to some addresses only. Called again, to either.
     *
     * @param subnet such as 203.0.113.0/24, 2001:db8::/32, or an address alone
     * @return this
     * @throws IllegalArgumentException if the text is no address; the message says what to write
     */
    public Product toSubnet(String subnet) {
        Objects.requireNonNull(subnet, "subnet must not be null: write 203.0.113.0/24 or 2001:db8::/32");
        conditions = conditions.and(ProductConditions.subnet(subnet));
        return this;
    }

    /**
     * Takes connections that meet a condition only, in both address families. Several on one field are alternatives.
     *
     * @param condition what the redirect layers can compare
     * @return this
     */
    public Product when(FilterCondition condition) {
        Objects.requireNonNull(condition, "condition must not be null: leave the call out to take everything");
        conditions = conditions.and(condition);
        return this;
    }

    /**
     * Sets the weight of the sub-layer; without it, products are asked in the order in which they were named.
     *
     * @param value 0 to 65535; heavier ones are asked first
     * @return this
     * @throws IllegalArgumentException for another value
     */
    public Product weight(int value) {
        if (value < 0 || value > HIGHEST_PORT) {
            throw new IllegalArgumentException("a sub-layer's weight is 0 to 65535 but was " + value);
        }
        weight = value;
        return this;
    }

    /**
     * Sets the port on which the proxy takes connections, at loopback of both families; without it, 8080 and up.
     *
     * @param value 1 to 65535
     * @return this
     * @throws IllegalArgumentException for another value
     */
    public Product proxyPort(int value) {
        if (value < 1 || value > HIGHEST_PORT) {
            throw new IllegalArgumentException("a port is 1 to 65535 but was " + value);
        }
        port = value;
        return this;
    }

    /**
     * Sets the context of redirects; without it, {@link OriginalDestination#encode} as WFPSampler writes it. The proxies of
     * the library read that one only.
     *
     * @param value makes the context of one redirect; an empty array is no context
     * @return this
     */
    public Product context(Function<OriginalDestination, byte[]> value) {
        encoder = Objects.requireNonNull(
                value, "value must not be null: give a function such as OriginalDestination::encode");
        return this;
    }

    /**
     * Watches the redirect states that the callouts find.
     *
     * @param value called on the connecting thread
     * @return this
     */
    public Product watching(Consumer<RedirectState> value) {
        watcher = Objects.requireNonNull(value, "value must not be null: leave the call out instead");
        return this;
    }

    /**
     * Puts another callout in the place of the one that redirects, or around it.
     *
     * @param value makes the callout that is registered, from the textbook one
     * @return this
     */
    public Product callout(UnaryOperator<ClassifyFn1> value) {
        callouts = Objects.requireNonNull(value, "value must not be null: give a function of the textbook callout");
        return this;
    }

    /**
     * Installs a product that redirects TCP connections to a proxy in a process.
     *
     * @param remotePorts destination ports; none for all
     * @return the product; close it to uninstall it
     * @throws WinsockException if the proxy cannot listen, such as WSAEADDRINUSE: choose another {@link #proxyPort}
     * @throws IllegalArgumentException if a port is not 1 to 65535
     * @throws IllegalStateException if the engine refuses, as it does for the name of another product
     */
    public TcpProduct redirectTcp(int... remotePorts) throws WinsockException {
        Objects.requireNonNull(remotePorts, "remotePorts must not be null: give none for all ports");
        return new TcpProduct(this, conditions.and(IpProtocol.IPPROTO_TCP, remotePorts));
    }

    /**
     * Installs a product that redirects UDP flows to a proxy in a process.
     *
     * @param remotePorts destination ports; none for all
     * @return the product; close it to uninstall it
     * @throws WinsockException if the proxy cannot bind, such as WSAEADDRINUSE: choose another {@link #proxyPort}
     * @throws IllegalArgumentException if a port is not 1 to 65535
     * @throws IllegalStateException if the engine refuses, as it does for the name of another product
     */
    public UdpProduct redirectUdp(int... remotePorts) throws WinsockException {
        Objects.requireNonNull(remotePorts, "remotePorts must not be null: give none for all ports");
        return new UdpProduct(this, conditions.and(IpProtocol.IPPROTO_UDP, remotePorts));
    }

    /**
     * Installs a product whose driver is the proxy too: it redirects TCP connections to its own Winsock Kernel sockets,
     * which act for System, and passes them on.
     *
     * @param remotePorts destination ports; none for all
     * @return the product; close it to uninstall it
     * @throws IllegalArgumentException if a port is not 1 to 65535
     * @throws IllegalStateException if the engine or Winsock Kernel refuses, such as STATUS_ADDRESS_ALREADY_EXISTS: choose
     *     another {@link #proxyPort}; if the dispatcher is {@code INLINE}, which runs work items inside completion routines;
     *     or in a task of the dispatcher
     */
    public KernelProduct redirectTcpInDriver(int... remotePorts) {
        Objects.requireNonNull(remotePorts, "remotePorts must not be null: give none for all ports");
        return new KernelProduct(this, conditions.and(IpProtocol.IPPROTO_TCP, remotePorts));
    }

    /**
     * Installs a driver alone, which redirects to sockets that the test opens itself: those of a service that is ported
     * line by line, or of its own proxy over Winsock Kernel. They take connections and packets on {@link #proxyPort} at
     * loopback, of each family that is used.
     *
     * @param target whose sockets they are; {@link WfpSim#system} for a driver's
     * @param remotePorts destination ports, of TCP and UDP; none for all
     * @return the product; close it to uninstall it
     * @throws IllegalArgumentException if a port is not 1 to 65535
     * @throws IllegalStateException if the engine refuses, as it does for the name of another product
     */
    public DriverProduct redirectTo(SimProcess target, int... remotePorts) {
        Objects.requireNonNull(target, "target must not be null: give the process of the proxy, or sim.system()");
        Objects.requireNonNull(remotePorts, "remotePorts must not be null: give none for all ports");
        return new DriverProduct(this, target, conditions.toPorts(remotePorts));
    }

    /**
     * Installs a product that gives sockets another local address when they are bound to none, as a split tunnel does: at
     * BIND_REDIRECT, whatever the protocol. Conditions are those of that layer, such as {@link #fromApp}.
     *
     * @param locals addresses of the machine to bind to instead of the wildcard address, one for each family or for one
     * @return the product; close it to uninstall it
     * @throws IllegalArgumentException if a text is no address, or two are of one family
     * @throws IllegalStateException if the engine refuses
     */
    public BindProduct redirectBinds(String... locals) {
        Objects.requireNonNull(locals, "locals must not be null: give an address of the machine, such as 192.0.2.2");
        return new BindProduct(this, conditions, BindRedirectCallout.addresses(locals));
    }

    // ---- for the products

    WfpSim machine() {
        return machine;
    }

    String name() {
        return name;
    }

    ProductDriver loadDriver() {
        return new ProductDriver(machine, name, weight);
    }

    /** The callout to register where the textbook has this one. */
    ClassifyFn1 callout(ClassifyFn1 textbook) {
        return callouts.apply(textbook);
    }

    InetSocketAddress proxyAddress(AddressFamily family) {
        return new InetSocketAddress(IpAddress.loopback(family), port);
    }

    List<InetSocketAddress> proxyAddresses() {
        return List.of(proxyAddress(AddressFamily.AF_INET), proxyAddress(AddressFamily.AF_INET6));
    }

    /** Loads a driver that redirects to a process. */
    ProductDriver redirecting(SimProcess target, ProductConditions which) {
        ProductDriver product = loadDriver();
        product.undoIfRefused(() -> redirect(product, target, which));
        return product;
    }

    /** Has connections redirected, in both families, with one handle. If that is refused, the caller closes the driver. */
    void redirect(ProductDriver product, SimProcess target, ProductConditions which) {
        KernelDriver driver = product.driver();
        RedirectHandle handle = product.createHandle();
        InetSocketAddress v4 = proxyAddress(AddressFamily.AF_INET);
        InetSocketAddress v6 = proxyAddress(AddressFamily.AF_INET6);
        RedirectCallout callout = driver.redirectCallout(handle, v4, target)
                .withProxy(asked -> IpAddress.unmap(asked.getAddress()) instanceof Inet4Address ? v4 : v6)
                .withContext(encoder)
                .watching(watcher);
        product.install(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, callout(callout), which);
    }
}
