package io.github.wfpsim;

import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.driver.CurrentIrql;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.fabric.AnsweringServer;
import io.github.wfpsim.fabric.Fabric;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.Dispatcher;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.iphlp.Iphlpapi;
import io.github.wfpsim.kernel.IoManager;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.KeptFailures;
import io.github.wfpsim.machine.NtPaths;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Residents;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.NetInterface;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.sockets.IpTables;
import io.github.wfpsim.sockets.ProcessWinsock;
import io.github.wfpsim.stack.Endpoint;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.LocalAddresses;
import io.github.wfpsim.trace.Trace;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.TeardownReport;
import io.github.wfpsim.verifier.TeardownReport.Held;
import io.github.wfpsim.verifier.Verifier;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.wskprovider.WskProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One simulated Windows machine: its processes, drivers, filter engine, connections and virtual clock.
 *
 * <p>Open one, start processes and load drivers, let them connect, read the trace, close it. Machines share nothing
 * unless they are given the same {@link Network}. Safe for use by many threads. Opening starts no thread.
 *
 * <p>After {@link #close()} nothing new can be made: starting processes, loading drivers and managing filters throw
 * {@link IllegalStateException}. What was recorded can still be read.
 */
public final class WfpSim implements AutoCloseable {

    static final String CLOSED = "this WfpSim is closed: open another one";

    private final SimOptions options;
    private final VirtualClock clock = new VirtualClock();
    private final HandleSource handles = new HandleSource();
    private final ProcessTable processes;
    private final RedirectContexts contexts = new RedirectContexts();
    private final Fabric network;
    private final boolean ownsNetwork;
    private final LocalAddresses addresses;
    private final TraceRecorder trace;
    private final FaultRecorder verifier;
    private final ThreadIrql irql;
    private final RedirectRecordCodec codec;
    private final FilterEngine engine;
    private final TaskQueue dispatcher;
    private final IoManager ioManager;
    private final HostStack stack;
    private final Iphlpapi ipTables;
    private final WskProvider wskProvider;
    private final Fwpm fwpm;
    private final Map<ProcessEntry, List<Fwpm>> sessions = new ConcurrentHashMap<>();
    private final SimProcess system;
    private final Map<ProcessEntry, SimProcess> running = new ConcurrentHashMap<>();
    private final Residents<KernelDriver> drivers = new Residents<>();
    private final InstalledProducts products = new InstalledProducts();
    private final AtomicInteger productsNamed = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    private WfpSim(Builder builder) {
        this.options = builder.options;
        this.processes = new ProcessTable(new NtPaths(options));
        Fabric given = builder.network;
        this.ownsNetwork = given == null;
        this.network = given == null ? new Fabric() : given;
        this.addresses = new LocalAddresses(builder.addresses(), builder.interfaces);
        this.trace = new TraceRecorder(clock, options.traceCapacity());
        this.verifier = new FaultRecorder(options.faultMode(), trace);
        this.irql = new ThreadIrql(verifier);
        this.codec = new RedirectRecordCodec(options.minimumRecordSize());
        FilterEngine.Machine host = new FilterEngine.Machine(
                options, processes, handles, addresses, codec, contexts, trace, verifier, irql, clock, network.waits());
        this.engine = new FilterEngine(host);
        this.dispatcher = new TaskQueue(options.dispatcher(), network.waits());
        this.ioManager = new IoManager(options, dispatcher, verifier, irql);
        this.stack = new HostStack(host, addresses, network, engine, dispatcher);
        this.ipTables = new IpTables(stack);
        this.wskProvider = new WskProvider(stack, ioManager, irql, processes);
        this.fwpm = engine.management();
        this.system = new SimProcess(this, processes.system());
        processes.onExit(this::closeSessionsOf);
        processes.onExit(this::endCallsOf);
        attachAll();
    }

    /** Takes every address, or none. */
    private void attachAll() {
        List<InetAddress> taken = new ArrayList<>();
        try {
            for (InetAddress address : addresses.all()) {
                network.attach(address, stack);
                taken.add(address);
            }
        } catch (IllegalStateException occupied) {
            taken.forEach(network::detach);
            throw occupied;
        }
    }

    /**
     * Opens a machine with the documented defaults, on a network of its own.
     *
     * @return the machine
     */
    public static WfpSim open() {
        return builder().open();
    }

    /**
     * Opens a machine with other options, on a network of its own.
     *
     * @param options the options
     * @return the machine
     */
    public static WfpSim open(SimOptions options) {
        return builder().options(options).open();
    }

    /**
     * Opens a network that several machines share, see {@link Builder#network}. The caller closes it, after the machines.
     *
     * @return a network with nobody on it
     */
    public static Network openNetwork() {
        return new Fabric();
    }

    /**
     * Starts a machine with options, addresses or a network of the caller's.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a process.
     *
     * @param imagePath path of its executable
     * @param token the rights that it runs with
     * @return the process, with its own Winsock
     */
    public SimProcess process(String imagePath, Token token) {
        return process(imagePath, token, null);
    }

    /**
     * Starts a process in an AppContainer, or outside one.
     *
     * @param imagePath path of its executable
     * @param token the rights that it runs with
     * @param packageSid SID of the AppContainer, or null
     * @return the process, with its own Winsock
     */
    public SimProcess process(String imagePath, Token token, @Nullable String packageSid) {
        requireOpen();
        ProcessEntry started = processes.start(imagePath, token, packageSid);
        trace.emit(new TraceEvent.ProcessStarted(started.id(), imagePath, token));
        SimProcess process = new SimProcess(this, started, new ProcessWinsock(stack, started));
        running.put(started, process);
        if (!started.isAlive()) {
            // Ended by another thread meanwhile, which did not see it among those that run.
            running.remove(started);
        }
        return process;
    }

    /**
     * Starts an application of a standard user.
     *
     * @param image a bare name such as app.exe, which gets the path {@code C:\Apps\app.exe}; or a path
     * @return the process, with its own Winsock
     * @throws IllegalArgumentException if it has no file name
     */
    public SimProcess app(String image) {
        return process(imagePath(image), Token.STANDARD_USER);
    }

    static String imagePath(String image) {
        Objects.requireNonNull(image, "image must not be null: name an executable such as app.exe");
        boolean bare = image.indexOf('\\') < 0 && image.indexOf('/') < 0;
        return bare ? "C:\\Apps\\" + image : image;
    }

    /**
     * Describes the redirecting product of a vendor; its {@code redirect} methods install it.
     *
     * @param name the vendor's name, a plain word such as acme: driver, process and sub-layer are called after it
     * @return the description
     * @throws IllegalArgumentException if the name is blank or could be a path
     */
    public Product product(String name) {
        String checked = Product.checkedName(name);
        requireOpen();
        return new Product(this, checked, productsNamed.getAndIncrement());
    }

    /** Where the waits of threads are listed. */
    Waits waitingLists() {
        return network.waits();
    }

    /** Whether the calling thread runs the dispatcher's tasks, and so must not wait for any. */
    boolean isOnDispatcher() {
        return dispatcher.isInTask();
    }

    InstalledProducts products() {
        return products;
    }

    /**
     * Puts a line into the story, as told by the test.
     *
     * @param text the line
     */
    public void note(String text) {
        Objects.requireNonNull(text, "text must not be null: give the line to put into the story");
        trace.emit(new TraceEvent.Noted(null, 0, text));
    }

    void note(ProcessEntry process, String text) {
        Objects.requireNonNull(text, "text must not be null: give the line to put into the story");
        trace.emit(new TraceEvent.Noted(process.imageName(), process.id(), text));
    }

    /**
     * {@return the process that drivers run in, System with PID 4 (REC-36), which lives as long as the machine and has
     * no Winsock}
     */
    public SimProcess system() {
        return system;
    }

    /**
     * Loads a kernel driver.
     *
     * @param name file name of its image, such as {@code acme.sys}
     * @return the driver with its functions and its pool
     */
    public KernelDriver loadDriver(String name) {
        requireOpen();
        KernelDriver driver =
                new KernelDriver(drivers, engine, ioManager, wskProvider, new LoadedDriver(name, verifier));
        if (!drivers.add(driver)) {
            throw new IllegalStateException(CLOSED);
        }
        return driver;
    }

    /** {@return the management of filters} */
    public Fwpm fwpm() {
        requireOpen();
        return fwpm;
    }

    /**
     * Puts a TCP server on the network that answers with what a function makes of each request; it closes with the
     * network. All bytes that are there are one request, so what a client sends with one call arrives as one. When a client
     * ends its direction, so does the server.
     *
     * <p>The function runs on the thread that sends the request, and must not block. What it throws resets the connection,
     * and closing the machine throws it, or the dispatcher if the test runs that; on a shared network that outlives the
     * machine, closing the network.
     *
     * @param address where, such as 203.0.113.10:80 or [2001:db8::10]:80
     * @param answer makes the answer of a request, both in UTF-8
     * @throws IllegalArgumentException if the text is no address with a port, or loopback, broadcast or multicast
     * @throws IllegalStateException if something listens there
     */
    public void serve(String address, UnaryOperator<String> answer) {
        Objects.requireNonNull(answer, "answer must not be null: give a function of the request");
        requireOpen();
        serve(new AnsweringServer(inText(answer), this::tell), IpAddress.parse(address));
    }

    /**
     * Puts a TCP server on the network that answers each request with the same bytes; otherwise as
     * {@link #serve(String, UnaryOperator)}.
     *
     * @param address where, such as 203.0.113.10:80 or [2001:db8::10]:80
     * @param answer the bytes
     * @throws IllegalArgumentException if the text is no address with a port, or loopback, broadcast or multicast
     * @throws IllegalStateException if something listens there
     */
    public void serve(String address, byte[] answer) {
        byte[] bytes = Objects.requireNonNull(answer, "answer must not be null: give the bytes to send")
                .clone();
        requireOpen();
        serve(new AnsweringServer(request -> bytes, this::tell), IpAddress.parse(address));
    }

    /** A server of a shared network outlives its machine. */
    private void tell(RuntimeException failure) {
        if (!dispatcher.tell(failure)) {
            network.keep(failure);
        }
    }

    private void serve(AnsweringServer server, InetSocketAddress address) {
        network.listen(address).whenConnected(server::serve);
    }

    /**
     * Puts a UDP server on the network that answers each datagram with what a function makes of it; it closes with the
     * network. The function runs as that of {@link #serve(String, UnaryOperator)} does.
     *
     * @param address where, such as 203.0.113.53:53 or [2001:db8::53]:53
     * @param answer makes the answer of a request, both in UTF-8
     * @throws IllegalArgumentException if the text is no address with a port, or loopback, broadcast or multicast
     * @throws IllegalStateException if another UDP socket is there
     */
    public void serveUdp(String address, UnaryOperator<String> answer) {
        Objects.requireNonNull(answer, "answer must not be null: give a function of the request");
        requireOpen();
        AnsweringServer server = new AnsweringServer(inText(answer), this::tell);
        RemoteDatagramSocket socket = network.datagramSocket(IpAddress.parse(address));
        socket.whenReceived(request -> server.serve(socket, request));
    }

    private static UnaryOperator<byte[]> inText(UnaryOperator<String> answer) {
        return request -> Objects.requireNonNull(
                        answer.apply(new String(request, StandardCharsets.UTF_8)),
                        "it returned null: return an empty text for no answer")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the network that the machine is connected to} */
    public Network network() {
        return network;
    }

    /**
     * {@return the dispatcher, on which operations go on that nobody waits for; with {@code DispatcherMode.MANUAL} a
     * test runs its tasks}
     */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** {@return the machine's clock} */
    public VirtualClock clock() {
        return clock;
    }

    /** {@return the trace of what happened} */
    public Trace trace() {
        return trace;
    }

    /** {@return faults and diagnostics} */
    public Verifier verifier() {
        return verifier;
    }

    /** {@return the simulated IRQL of each thread} */
    public CurrentIrql irql() {
        return irql;
    }

    /** {@return the test kit that derives damaged records from good ones (REC-07)} */
    public RecordForge recordForge() {
        return codec.forge();
    }

    /** {@return the machine's options} */
    public SimOptions options() {
        return options;
    }

    /** {@return the machine's own addresses, loopback left out} */
    public List<InetAddress> addresses() {
        return addresses.all();
    }

    /**
     * Switches the network subsystem on or off (WSA-24).
     *
     * @param up whether it works
     */
    public void setNetworkUp(boolean up) {
        stack.setNetworkUp(up);
    }

    /** {@return a copy of the connections as they are now, by endpoint handle} */
    public List<ConnectionSnapshot> connections() {
        List<ConnectionSnapshot> snapshots = new ArrayList<>();
        for (Endpoint endpoint : stack.endpoints()) {
            snapshots.add(ConnectionSnapshot.of(endpoint, processOf(endpoint.owner())));
        }
        return List.copyOf(snapshots);
    }

    private SimProcess processOf(ProcessEntry entry) {
        SimProcess found = entry == processes.system() ? system : running.get(entry);
        return found == null ? new SimProcess(this, entry) : found;
    }

    Iphlpapi iphlpapi() {
        return ipTables;
    }

    /**
     * {@return who waits for what now, on this machine and on others of its network, the longest wait first: sentences
     * such as "main waits for a connection at #3"} For a test that hangs.
     */
    public List<String> waits() {
        return network.waits().standing();
    }

    /**
     * {@return what the drivers hold now (WFP-80): callouts, redirect handles, classify handles, pended classifications
     * and operations, and pool blocks that they neither freed nor handed over; an empty report if nothing would leak}
     */
    public TeardownReport held() {
        List<Held> held = new ArrayList<>();
        for (KernelDriver driver : drivers.now()) {
            held.addAll(driver.held().held());
        }
        return new TeardownReport(held);
    }

    /**
     * Closes the machine: products that are still installed close, its processes end with their sockets, its drivers unload, and its network closes if nobody
     * else gave it. A second call does nothing and returns an empty report.
     *
     * @return what the drivers still held when everything else was closed
     * @throws IllegalStateException inside a task of the dispatcher, such as a completion routine, while a product in a driver
     *     is installed; nothing is done then. Also what a product or a task threw
     * @throws io.github.wfpsim.verifier.FaultException if a driver leaked and faults are thrown; the others are
     *     suppressed exceptions
     */
    public TeardownReport tearDown() {
        products.requireCloseable();
        if (!closed.compareAndSet(false, true)) {
            return new TeardownReport(List.of());
        }
        KeptFailures failures = products.close();
        TeardownReport report = new TeardownReport(List.of());
        try {
            report = tearDownTheRest();
        } catch (RuntimeException thrown) {
            failures.keep(thrown);
        }
        failures.throwAll();
        return report;
    }

    private TeardownReport tearDownTheRest() {
        List<Held> held = new ArrayList<>();
        FaultScope scope = verifier.enter();
        try (LastStep faults = verifier::throwDeferred) {
            try (LastStep dispatcherAndDrivers = () -> closeDispatcher(held)) {
                closeUserMode();
            } finally {
                scope.defer();
            }
        }
        return new TeardownReport(held);
    }

    /** What is done at the end, also if what comes before it throws. */
    private interface LastStep extends AutoCloseable {
        @Override
        void close();
    }

    /** Throws what tasks threw, such as completion routines, only after the drivers were taken away. */
    private void closeDispatcher(List<Held> held) {
        try {
            dispatcher.close();
        } finally {
            drivers.close().forEach(driver -> held.addAll(driver.takeAway().held()));
        }
    }

    private void closeUserMode() {
        processes.close().forEach(this::end);
        stack.closeAll();
        addresses.all().forEach(network::detach);
        if (ownsNetwork) {
            network.close();
        }
    }

    /**
     * Closes the machine, as {@link #tearDown()} does.
     *
     * @throws IllegalStateException as that does
     * @throws io.github.wfpsim.verifier.FaultException if a driver leaked and faults are thrown
     */
    @Override
    public void close() {
        tearDown();
    }

    /** Opens a session that ends with a process. */
    Fwpm openEngine(ProcessEntry process, FwpmSession description) {
        Fwpm opened = fwpm().open(description);
        sessions.computeIfAbsent(process, owner -> new CopyOnWriteArrayList<>()).add(opened);
        if (!process.isAlive()) {
            // Ended by another thread meanwhile, which did not see the session.
            closeSessionsOf(process);
        }
        return opened;
    }

    private void closeSessionsOf(ProcessEntry process) {
        List<Fwpm> opened = sessions.remove(process);
        if (opened != null) {
            opened.forEach(Fwpm::close);
        }
    }

    private void endCallsOf(ProcessEntry process) {
        SimProcess known = running.get(process);
        if (known != null) {
            known.endCalls();
        }
    }

    void end(ProcessEntry process) {
        try (FaultScope scope = verifier.enter()) {
            if (processes.end(process)) {
                running.remove(process);
                trace.emit(new TraceEvent.ProcessEnded(process.id(), process.imageName()));
            }
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(CLOSED);
        }
    }

    /** Collects what a machine is made of. Not safe for use by many threads. */
    public static final class Builder {

        private SimOptions options = SimOptions.defaults();
        private final List<Deviation> added = new ArrayList<>();
        private @Nullable Fabric network;
        private final List<InetAddress> own = new ArrayList<>();
        private final Map<InetAddress, NetInterface> interfaces = new HashMap<>();

        private Builder() {}

        /**
         * Sets the options, in place of earlier ones. Deviations given to {@link #with} are added to them.
         *
         * @param value the options
         * @return this
         * @throws IllegalArgumentException if they exclude a deviation given to {@link #with}
         */
        public Builder options(SimOptions value) {
            Objects.requireNonNull(value, "options must not be null: use SimOptions.defaults()");
            this.options = value.with(added.toArray(Deviation[]::new));
            return this;
        }

        /**
         * Adds deviations to the options, as {@link SimOptions#with} does.
         *
         * @param deviations what to add
         * @return this
         * @throws IllegalArgumentException if two of the deviations, old and new, depart from one rule
         */
        public Builder with(Deviation... deviations) {
            this.options = options.with(deviations);
            added.addAll(List.of(deviations));
            return this;
        }

        /**
         * Connects the machine to a network that others share. The caller closes it.
         *
         * @param value one of {@link WfpSim#openNetwork()}, or another machine's
         * @return this
         * @throws IllegalArgumentException for any other implementation
         */
        public Builder network(Network value) {
            Objects.requireNonNull(value, "network must not be null: leave the call out instead");
            if (!(value instanceof Fabric fabric)) {
                throw new IllegalArgumentException(value + " is no network of this library: use WfpSim.openNetwork()");
            }
            this.network = fabric;
            return this;
        }

        /**
         * Gives the machine an address. Without any it has 192.0.2.2 and 2001:db8::2.
         *
         * @param value an address that is neither loopback nor unspecified, nor one of several machines
         * @return this
         * @throws IllegalArgumentException for a loopback, unspecified, broadcast or multicast address
         */
        public Builder address(InetAddress value) {
            Objects.requireNonNull(value, "address must not be null: give an IP address");
            if (IpAddress.isLoopback(value) || value.isAnyLocalAddress()) {
                throw new IllegalArgumentException(
                        IpAddress.hostText(value) + " cannot be given to a machine: every machine has loopback");
            }
            if (IpAddress.isBroadcastOrMulticast(value)) {
                throw new IllegalArgumentException(IpAddress.hostText(value)
                        + " is a broadcast or multicast address, which is no machine's own: give another one");
            }
            own.add(value);
            return this;
        }

        /**
         * Gives the machine an address on an interface. Without one, each address has an Ethernet interface of its own, with
         * indices from 2 in their order.
         *
         * @param value an address as for {@link #address(InetAddress)}
         * @param on the interface, which several addresses may share
         * @return this
         * @throws IllegalArgumentException for a loopback, unspecified, broadcast or multicast address
         */
        public Builder address(InetAddress value, NetInterface on) {
            Objects.requireNonNull(on, "interface must not be null: use NetInterface.ethernet(index), or leave it out");
            address(value);
            interfaces.put(value, on);
            return this;
        }

        /**
         * Opens the machine.
         *
         * @return the machine
         * @throws IllegalStateException if one of its addresses is taken on the network
         */
        public WfpSim open() {
            return new WfpSim(this);
        }

        private List<InetAddress> addresses() {
            return own.isEmpty() ? DefaultAddresses.all() : own;
        }
    }
}
