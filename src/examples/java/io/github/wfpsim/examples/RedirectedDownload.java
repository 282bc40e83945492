package io.github.wfpsim.examples;

import io.github.wfpsim.KernelProduct;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.UdpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A browser fetches a file from a real web server through a redirecting proxy, and the trace tells how. */
@Command(
        name = "RedirectedDownload",
        mixinStandardHelpOptions = true,
        version = "wfp-redirect-sim",
        description = "Downloads 1 MiB from a real loopback web server through simulated, redirected connections.",
        footer = "Exit status: 0 if the file or the answer arrived intact, 1 if not, 2 for a wrong option.")
public final class RedirectedDownload implements Callable<Integer> {

    private static final InetSocketAddress ORIGIN = new InetSocketAddress("203.0.113.10", 80);
    private static final String DNS = "203.0.113.53:53";
    private static final String QUERY = "www.example";
    private static final String ANSWER = "203.0.113.10";
    private static final InetSocketAddress NOBODY = new InetSocketAddress("203.0.113.11", 80);

    @Option(names = "--chain", description = "Let two vendors' proxies inspect the flow, once each.")
    private boolean chain;

    @Option(names = "--forget-set", description = "Leave SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS out: shows the loop.")
    private boolean forgetSet;

    @Option(
            names = "--verify-upstream",
            description = "Admit the client only once the real server answered; shows a server that is down first.")
    private boolean verifyUpstream;

    @Option(names = "--udp", description = "Look a name up instead, over redirected datagrams.")
    private boolean udp;

    @Option(names = "--async", description = "Let the proxy work on a completion port, without a thread that waits.")
    private boolean async;

    @Option(names = "--kernel", description = "Let a driver be the proxy, with Winsock Kernel sockets and IRPs.")
    private boolean kernel;

    private final PrintWriter out;
    private final List<String> states = new ArrayList<>();

    /** With where the story goes. */
    RedirectedDownload(PrintWriter out) {
        this.out = out;
    }

    /**
     * Runs the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String... args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new RedirectedDownload(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        SimOptions options = SimOptions.defaults().traceCapacity(16_384);
        try (OriginServer origin = new OriginServer();
                WfpSim sim = WfpSim.open(options)) {
            sim.network().bridge(ORIGIN, origin.address());
            SimProcess browser = sim.app("browser.exe");
            if (udp) {
                return lookUp(sim, browser);
            }
            if (verifyUpstream) {
                return downloadVerified(sim, browser, origin.sha256OnDisk());
            }
            if (kernel) {
                return downloadThroughDriver(sim, browser, origin.sha256OnDisk());
            }
            List<Vendor> vendors = new ArrayList<>();
            vendors.add(new Vendor(sim, "acme"));
            if (chain) {
                vendors.add(new Vendor(sim, "bolt"));
            }
            try {
                return download(sim, browser, vendors, origin.sha256OnDisk());
            } finally {
                vendors.forEach(Vendor::close);
            }
        }
    }

    private int lookUp(WfpSim sim, SimProcess browser) throws IOException {
        sim.serveUdp(DNS, name -> ANSWER);
        try (UdpProduct product = sim.product("acme")
                        .watching(states("acme"))
                        .redirectUdp(53)
                        .relay();
                SimDatagramSocket socket = browser.connectUdp(DNS)) {
            String address = socket.exchange(QUERY);
            tell(sim);
            boolean right = address.equals(ANSWER) && product.served() == 1;
            out.println((right ? "OK " : "WRONG ") + QUERY + " is " + address + ", says " + DNS);
            return right ? 0 : 1;
        }
    }

    private int downloadVerified(WfpSim sim, SimProcess browser, String expected) throws IOException {
        try (VerifyingProduct product = new VerifyingProduct(sim, "acme")) {
            try {
                browser.winsock().tcpSocket(AddressFamily.AF_INET).connect(NOBODY);
            } catch (WinsockException refused) {
                out.println("A server that is down: " + refused.getMessage());
            }
            out.println("The proxy accepted " + product.accepted() + " connection(s).");
            byte[] body = get(browser);
            tell(sim);
            out.println("The proxy accepted " + product.accepted() + " connection(s).");
            return report(body, expected);
        }
    }

    private int downloadThroughDriver(WfpSim sim, SimProcess browser, String expected) throws IOException {
        KernelProduct product = sim.product("acme").watching(states("acme")).redirectTcpInDriver(ORIGIN.getPort());
        byte[] body;
        int served;
        try (product) {
            body = get(browser);
            served = product.served();
        }
        tell(sim);
        out.println("The driver served " + served + " connection(s) and holds "
                + sim.held().held().size() + " thing(s) when it unloads.");
        return report(body, expected);
    }

    private int download(WfpSim sim, SimProcess browser, List<Vendor> vendors, String expected) throws IOException {
        byte[] body;
        try {
            body = get(browser);
        } catch (WinsockException failed) {
            tell(sim);
            return explain(sim, failed);
        }
        tell(sim);
        for (Vendor vendor : vendors) {
            out.println(vendor.name + " inspected " + vendor.proxy.served() + " connection(s)");
        }
        return report(body, expected);
    }

    private int report(byte[] body, String expected) {
        String actual = OriginServer.sha256(body);
        boolean intact = actual.equals(expected);
        out.println((intact ? "OK " : "DAMAGED ") + body.length + " bytes, SHA-256 " + actual);
        return intact ? 0 : 1;
    }

    private static byte[] get(SimProcess browser) throws IOException {
        try (SimSocket socket = browser.winsock().tcpSocket(AddressFamily.AF_INET)) {
            socket.connect(ORIGIN);
            socket.send("GET /file.bin HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] response = socket.inputStream().readAllBytes();
            return Arrays.copyOfRange(response, endOfHeader(response), response.length);
        }
    }

    private static int endOfHeader(byte[] response) {
        String text = new String(response, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? response.length : end + 4;
    }

    private void tell(WfpSim sim) {
        out.println("The story of the connections:");
        out.println(new TextRenderer().render(sim.trace().log().entries()));
        out.println("What the callouts saw:");
        synchronized (states) {
            states.forEach(out::println);
        }
    }

    private int explain(WfpSim sim, WinsockException failed) {
        out.println("The download failed: " + failed.getMessage());
        sim.verifier().diagnostics().stream()
                .filter(finding -> finding.kind() == Diagnostic.REDIRECT_LOOP)
                .findFirst()
                .ifPresent(loop -> {
                    out.println("Reason: a redirect loop. The proxy never put the records on its own socket, so its");
                    out.println("callout took each onward connection for a new one:");
                    out.println("  " + loop.detail().replace("; ", System.lineSeparator() + "  "));
                });
        return 1;
    }

    /** Notes what a vendor's callout sees; a second vendor's may run on another thread. */
    private Consumer<RedirectState> states(String vendor) {
        return state -> {
            synchronized (states) {
                states.add("  " + vendor + ".sys saw " + state);
            }
        };
    }

    /** One vendor's product, with a proxy of either build. */
    private final class Vendor implements AutoCloseable {

        private final String name;
        private final ProxyService proxy;

        Vendor(WfpSim sim, String name) throws IOException {
            this.name = name;
            TcpProduct product = sim.product(name).watching(states(name)).redirectTcp(ORIGIN.getPort());
            this.proxy = async ? new CompletionPortProxy(product) : new RedirectingProxy(product, forgetSet);
            proxy.start();
        }

        @Override
        public void close() {
            proxy.close();
        }
    }
}
