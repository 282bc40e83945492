package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.fabric.Dialer;
import io.github.wfpsim.fabric.Fabric;
import io.github.wfpsim.fabric.NetworkNode;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.trace.DropReason;
import io.github.wfpsim.trace.TraceEvent;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds the parts of one machine's transport and starts its operations. Created by the root. */
public final class HostStack implements NetworkNode {

    private final FilterEngine.Machine host;
    private final LocalAddresses addresses;
    private final Fabric network;
    private final FilterEngine engine;
    private final TaskQueue dispatcher;
    private final ConnectionTable table;
    private final Accepting accepting = new Accepting(this);
    private final RedirectControl control = new RedirectControl(this);
    private final Datagrams datagrams = new Datagrams(this);
    private final CarriedRecords carriedRecords = new CarriedRecords(this);
    private final Reauthorization reauthorization = new Reauthorization(this);
    private final List<Runnable> networkListeners = new CopyOnWriteArrayList<>();
    private volatile boolean networkUp = true;

    /**
     * Creates the transport of a machine.
     *
     * @param host the parts of the machine that the engine works with too
     * @param addresses its addresses
     * @param network what it is connected to
     * @param engine its filters
     * @param dispatcher runs what nobody waits for
     */
    public HostStack(
            FilterEngine.Machine host,
            LocalAddresses addresses,
            Fabric network,
            FilterEngine engine,
            TaskQueue dispatcher) {
        this.host = host;
        this.addresses = addresses;
        this.network = network;
        this.engine = engine;
        this.dispatcher = dispatcher;
        this.table = new ConnectionTable(host.handles(), dispatcher.waits());
        host.processes().onExit(this::closeAllOf);
        engine.onPolicyChange(reauthorization::policyChanged);
        engine.livingFlowsAre(this::isLivingFlow);
    }

    private boolean isLivingFlow(long flowId) {
        Endpoint endpoint = table().find(flowId);
        if (endpoint == null || endpoint.datagramPort() != null) {
            return false;
        }
        return switch (endpoint.state()) {
            case CONNECTING, CONNECTED -> true;
            // On its way: an accepted connection, or a flow of a datagram socket.
            case OPEN -> endpoint.isAcceptor() || endpoint.datagramFlow() != null;
            case BINDING, BOUND, LISTENING, CLOSED -> false;
        };
    }

    /** Who waits on this machine, and on others of its network. */
    public Waits waits() {
        return dispatcher.waits();
    }

    /** Creates a socket that acts for a process. */
    public HostSocket open(ProcessEntry owner, AddressFamily family, SocketType type, IpProtocol protocol) {
        Endpoint endpoint = table().open(owner, new Endpoint.Kind(family, type, protocol));
        if (trace().isListening()) {
            trace().emit(new TraceEvent.SocketOpened(endpoint.subject()));
        }
        return new HostSocket(endpoint);
    }

    /**
     * Binds a socket.
     *
     * @return gives STATUS_SUCCESS; STATUS_INVALID_PARAMETER for another address family;
     *     STATUS_INVALID_ADDRESS_COMPONENT for an address that is not the machine's; STATUS_ADDRESS_ALREADY_EXISTS;
     *     STATUS_INSUFFICIENT_RESOURCES if port 0 asked for one and none is left;
     *     STATUS_INVALID_DEVICE_STATE if it is bound; STATUS_ACCESS_DENIED if a filter blocks, or another socket does not
     *     share the port
     */
    public SocketRequest bind(HostSocket socket, InetSocketAddress address) {
        return new BindOperation(this, socket.endpoint(), address);
    }

    /**
     * Makes a bound stream socket listen.
     *
     * @return gives STATUS_SUCCESS; STATUS_NOT_SUPPORTED for other types; STATUS_INVALID_DEVICE_STATE;
     *     STATUS_CONNECTION_ACTIVE; STATUS_ACCESS_DENIED
     */
    public SocketRequest listen(HostSocket socket, int backlog) {
        return new ListenOperation(this, socket.endpoint(), backlog);
    }

    /**
     * Connects a stream socket, or gives a datagram socket its peer.
     *
     * @return gives STATUS_SUCCESS; STATUS_INVALID_PARAMETER for another address family;
     *     STATUS_INVALID_ADDRESS_COMPONENT for an unspecified destination, or one that does not go with the source;
     *     STATUS_CONNECTION_ACTIVE;
     *     STATUS_DEVICE_BUSY while another connect of the socket runs;
     *     STATUS_INVALID_DEVICE_STATE; STATUS_ACCESS_DENIED if a filter blocks; STATUS_CONNECTION_REFUSED;
     *     STATUS_ADDRESS_ALREADY_EXISTS if a bound socket's connection to that peer exists;
     *     STATUS_CONNECTION_ABORTED if a redirect loop was ended; STATUS_CONNECTION_RESET;
     *     STATUS_NETWORK_UNREACHABLE; STATUS_INSUFFICIENT_RESOURCES without a free port; STATUS_CANCELLED if the
     *     socket was closed meanwhile; STATUS_NOT_SUPPORTED for other types
     */
    public SocketRequest connect(HostSocket socket, InetSocketAddress destination) {
        DatagramPort port = socket.endpoint().datagramPort();
        if (port != null) {
            return datagrams.connect(socket.endpoint(), port, destination);
        }
        return new ConnectOperation(this, socket.endpoint(), destination);
    }

    /**
     * Accepts the oldest waiting connection.
     *
     * @return STATUS_SUCCESS; STATUS_INVALID_DEVICE_STATE if the socket does not listen; STATUS_CANCELLED if it was
     *     closed; STATUS_DEVICE_NOT_READY if the deadline passed
     */
    public NtStatus accept(HostSocket listener, Deadline deadline, Out<HostSocket> accepted)
            throws InterruptedException {
        return accepting.accept(listener.endpoint(), deadline, accepted);
    }

    /**
     * Accepts the oldest waiting connection, if there is one.
     *
     * @return as for {@link #accept}
     */
    public NtStatus tryAccept(HostSocket listener, Out<HostSocket> accepted) {
        return accepting.tryAccept(listener.endpoint(), null, accepted);
    }

    /**
     * As above, for a socket that is there already and goes on as the connection: events show that from now on under the
     * number of the socket. The caller gives the socket's own endpoint up with {@link #drop}.
     */
    public NtStatus tryAcceptFor(HostSocket fresh, HostSocket listener, Out<HostSocket> accepted) {
        return accepting.tryAccept(listener.endpoint(), fresh.endpoint(), accepted);
    }

    /** How long a stream socket has been connected, SO_CONNECT_TIME: whole seconds, -1 if it is not. */
    public int secondsConnected(HostSocket socket) {
        long since = clock().nanos() - socket.endpoint().connectedAt();
        return socket.isConnected() ? (int) Duration.ofNanos(since).toSeconds() : -1;
    }

    /** Whether {@link #tryAccept} would answer anything but STATUS_DEVICE_NOT_READY. */
    public boolean isReadyToAccept(HostSocket listener) {
        AcceptQueue queue = listener.endpoint().acceptQueue();
        return queue == null || queue.isReady();
    }

    /** Has a listener's connections inspected before they are let in, by a call that must not block; null ends that. */
    public void setInspector(HostSocket listener, @Nullable Consumer<Inspection> inspector) {
        accepting.inspect(listener.endpoint(), inspector);
    }

    /** Those who wait at one side of a socket. */
    public Turns turns(Consumer<Runnable> whenReady) {
        return new Turns(whenReady, later());
    }

    /** A machine that closes ends the requests of those who wait when they try, on the thread that has them try. */
    Executor later() {
        return dispatcher()::later;
    }

    /** Those who wait for connections of a listener; null if it does not listen. */
    public @Nullable Turns accepts(HostSocket listener) {
        AcceptQueue queue = listener.endpoint().acceptQueue();
        return queue == null ? null : new Turns(queue::whenReady, later());
    }

    /**
     * Ends one or both directions. A datagram socket need not be connected, and what arrives is queued all the same.
     *
     * @return STATUS_SUCCESS; STATUS_CONNECTION_INVALID if a socket of another type is not connected
     */
    public NtStatus shutdown(HostSocket socket, ShutdownHow how) {
        DatagramPort port = socket.endpoint().datagramPort();
        DuplexStream stream = socket.stream();
        if (port != null) {
            port.end(how != ShutdownHow.SD_RECEIVE, how != ShutdownHow.SD_SEND);
            socket.endpoint().tellWatchers();
        } else if (stream == null || !socket.isConnected()) {
            return socket.endpoint().unlessLost(NtStatus.STATUS_CONNECTION_INVALID);
        } else {
            shutdown(stream, how);
        }
        if (trace().isListening()) {
            trace().emit(new TraceEvent.Shutdown(socket.endpoint().subject(), how.name()));
        }
        return NtStatus.STATUS_SUCCESS;
    }

    private static void shutdown(DuplexStream stream, ShutdownHow how) {
        if (how != ShutdownHow.SD_SEND) {
            stream.shutdownInput();
        }
        if (how != ShutdownHow.SD_RECEIVE) {
            stream.shutdownOutput();
        }
    }

    /** Closes a socket; a second call does nothing. */
    public void close(HostSocket socket, boolean abortive) {
        close(socket.endpoint(), abortive);
    }

    void close(Endpoint endpoint, boolean abortive) {
        CloseOperation.run(this, endpoint, abortive);
    }

    /** Gives up the endpoint of a socket that goes on with another one; nobody is told of a close. */
    public void drop(HostSocket replaced) {
        CloseOperation.drop(this, replaced.endpoint());
    }

    @Override
    public void offer(FiveTuple asSeenByReceiver, Dialer dialer) {
        if (networkUp) {
            accepting.offerFromNetwork(asSeenByReceiver, dialer);
        } else {
            dialer.refuse(
                    new ConnectException("the network of " + IpAddress.text(asSeenByReceiver.local()) + " is down"));
        }
    }

    @Override
    public boolean deliver(Datagram datagram) {
        FaultScope scope = verifier().enter();
        try {
            DropReason lost = networkUp ? datagrams.arrive(datagram, null) : DropReason.NETWORK_OFF;
            if (lost != null) {
                datagrams.tellDropped(null, datagram, lost, null);
            }
            return lost == null;
        } finally {
            // Faults of this machine are nothing that a sender elsewhere hears of.
            scope.defer();
        }
    }

    /** Closes everything that is still open, abortively. */
    public void closeAll() {
        try {
            closeAll(table().endpoints());
            // Whose closure a callout still holds.
            table().endpoints().forEach(HostStack::letGo);
        } finally {
            contexts().freeAll();
        }
    }

    private static void letGo(Endpoint endpoint) {
        endpoint.holds().forEach(Endpoint.Hold::cancel);
    }

    private void closeAllOf(ProcessEntry process) {
        try {
            closeAll(lastHeldBy(process));
        } finally {
            table().ended(process);
        }
    }

    /** What others hold too stays open. */
    private List<Endpoint> lastHeldBy(ProcessEntry process) {
        List<Endpoint> last = new ArrayList<>();
        for (Endpoint endpoint : table().endpointsOf(process)) {
            // A socket that closes ends its flows itself, and a listener what nobody has accepted.
            if (endpoint.datagramFlow() == null
                    && !endpoint.isForAnotherThan(process)
                    && endpoint.removeAllOf(process)) {
                last.add(endpoint);
            }
        }
        return last;
    }

    /**
     * Gives a process one more descriptor of a socket, which is open as long as somebody has one (WSA-73).
     *
     * @return false if the process has ended
     */
    public boolean share(HostSocket socket, ProcessEntry with) {
        Endpoint endpoint = socket.endpoint();
        endpoint.addHolder(with);
        if (with.isAlive()) {
            return true;
        }
        // Ended by another thread meanwhile, which may not have seen the descriptor: nobody else takes it back.
        if (endpoint.removeHolder(with)) {
            close(endpoint, true);
        }
        return false;
    }

    /** Gives a connection to the process that took it from a listener that is shared. */
    public void hand(HostSocket accepted, ProcessEntry to) {
        accepted.endpoint().setHolder(to);
    }

    /** Takes a descriptor of a process back; true if it was the last one, so that the socket has to be closed. */
    public boolean release(HostSocket socket, ProcessEntry by) {
        return socket.endpoint().removeHolder(by);
    }

    /** A number for one more descriptor. */
    public long nextHandle() {
        return host.handles().next();
    }

    /** A process of this machine that has not ended. */
    public Optional<ProcessEntry> process(int id) {
        return processes().find(id);
    }

    /** One scope around all: a fault of one close must not keep the next socket open. */
    private void closeAll(List<Endpoint> endpoints) {
        try (FaultScope scope = verifier().enter()) {
            for (Endpoint endpoint : endpoints) {
                close(endpoint, true);
            }
        }
    }

    /** The control operation behind the redirect ioctls of both doors. */
    public RedirectControl control() {
        return control;
    }

    public boolean isNetworkUp() {
        return networkUp;
    }

    public void setNetworkUp(boolean up) {
        this.networkUp = up;
        networkListeners.forEach(Runnable::run);
    }

    /** Has somebody called whenever the network goes down or up again. */
    public void onNetworkChange(Runnable listener) {
        networkListeners.add(listener);
    }

    public SimOptions options() {
        return host.options();
    }

    public VirtualClock clock() {
        return host.clock();
    }

    ProcessTable processes() {
        return host.processes();
    }

    LocalAddresses addresses() {
        return addresses;
    }

    Fabric network() {
        return network;
    }

    /** Every socket and every flow of a datagram socket as it is now, by handle. */
    public List<Endpoint> endpoints() {
        return table.endpoints();
    }

    ConnectionTable table() {
        return table;
    }

    RedirectRecordCodec codec() {
        return host.codec();
    }

    RedirectContexts contexts() {
        return host.contexts();
    }

    TraceRecorder trace() {
        return host.trace();
    }

    public FaultRecorder verifier() {
        return host.verifier();
    }

    /** What datagrams carry on. */
    public CarriedRecords carriedRecords() {
        return carriedRecords;
    }

    /** What datagram sockets do. */
    public Datagrams datagrams() {
        return datagrams;
    }

    Reauthorization reauthorization() {
        return reauthorization;
    }

    Accepting accepting() {
        return accepting;
    }

    FilterEngine engine() {
        return engine;
    }

    /** Runs what nobody waits for. */
    public TaskQueue dispatcher() {
        return dispatcher;
    }
}
