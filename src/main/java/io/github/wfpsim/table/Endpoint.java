package io.github.wfpsim.table;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.SimProcess;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.record.RedirectChain;
import io.github.wfpsim.record.RedirectRecord;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One socket as the transport sees it. Mutable; fields other than the state are written only by the thread that won the
 * move into the state that they belong to, and read by anyone.
 */
public final class Endpoint {

    private static final AtomicReferenceFieldUpdater<Endpoint, EndpointState> STATE =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, EndpointState.class, "state");

    private static final AtomicReferenceFieldUpdater<Endpoint, @Nullable RedirectedFlow> FLOW =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, RedirectedFlow.class, "flow");

    private static final AtomicReferenceFieldUpdater<Endpoint, @Nullable InetSocketAddress> BOUND =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, InetSocketAddress.class, "bound");

    private static final AtomicReferenceFieldUpdater<Endpoint, @Nullable Claim> CLAIM =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, Claim.class, "claim");

    private static final AtomicReferenceFieldUpdater<Endpoint, @Nullable NtStatus> SOCKET_ERROR =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, NtStatus.class, "socketError");

    private static final AtomicIntegerFieldUpdater<Endpoint> ASSIGNED =
            AtomicIntegerFieldUpdater.newUpdater(Endpoint.class, "assigned");

    private final long handle;
    private final long parentHandle;
    private final SimProcess owner;
    private final AddressFamily family;
    private final SocketType type;
    private final IpProtocol protocol;

    private volatile EndpointState state = EndpointState.OPEN;
    private volatile InetSocketAddress local;
    private volatile @Nullable InetSocketAddress remote;
    private volatile @Nullable InetSocketAddress effectiveRemote;
    private volatile RedirectChain inherited = RedirectChain.empty();
    private volatile @Nullable RedirectedFlow flow;
    private volatile @Nullable Claim claim;

    private volatile boolean acceptor;
    private volatile @Nullable DuplexStream stream;
    private volatile @Nullable AcceptQueue acceptQueue;
    private volatile boolean v6Only = true;
    private volatile @Nullable InetSocketAddress bound;
    private volatile List<Hold> holds = List.of();
    private volatile List<Runnable> watchers = List.of();
    private volatile boolean connectFailed;
    private volatile long connectedAt;
    // Read and cleared through SOCKET_ERROR only.
    @SuppressWarnings("UnusedVariable")
    private volatile @Nullable NtStatus socketError;

    // Read and cleared through ASSIGNED only.
    @SuppressWarnings("UnusedVariable")
    private volatile int assigned;

    private volatile boolean cut;
    private volatile @Nullable DatagramPort datagramPort;
    private volatile @Nullable DatagramFlow datagramFlow;

    Endpoint(long handle, Identity identity, InetSocketAddress local) {
        this.handle = handle;
        this.parentHandle = identity.parentHandle();
        this.owner = identity.owner();
        this.family = identity.family();
        this.type = identity.type();
        this.protocol = identity.protocol();
        this.local = local;
    }

    /**
     * What never changes about an endpoint.
     *
     * @param parentHandle the listener's handle for an accepted endpoint, else 0
     * @param owner the process that it acts for
     * @param family address family of the socket
     * @param type socket type
     * @param protocol transport protocol
     */
    public record Identity(
            long parentHandle, SimProcess owner, AddressFamily family, SocketType type, IpProtocol protocol) {}

    /**
     * Moves the endpoint on, if it still is where the caller thinks.
     *
     * @param from the expected state
     * @param to the next state
     * @return false if another thread was faster
     */
    public boolean transition(EndpointState from, EndpointState to) {
        boolean moved = move(from, to);
        if (moved) {
            tellWatchers();
        }
        return moved;
    }

    private boolean move(EndpointState from, EndpointState to) {
        return STATE.compareAndSet(this, from, to);
    }

    /**
     * Moves the endpoint to {@link EndpointState#CLOSED} from wherever it is.
     *
     * @return the state that it left; CLOSED if it was closed before
     */
    public EndpointState close() {
        EndpointState left = STATE.getAndSet(this, EndpointState.CLOSED);
        tellWatchers();
        return left;
    }

    public long handle() {
        return handle;
    }

    /** The handle of the socket: the endpoint's own, or for a datagram flow that of the socket that it belongs to. */
    public long transportHandle() {
        DatagramFlow ofSocket = datagramFlow;
        return ofSocket == null ? handle : ofSocket.socket().handle();
    }

    /** What a datagram socket has besides; null for others. */
    public @Nullable DatagramPort datagramPort() {
        return datagramPort;
    }

    void setDatagramPort(DatagramPort port) {
        this.datagramPort = port;
    }

    /** The datagram flow that this endpoint stands for; null for sockets. */
    public @Nullable DatagramFlow datagramFlow() {
        return datagramFlow;
    }

    void setDatagramFlow(DatagramFlow flowOfSocket) {
        this.datagramFlow = flowOfSocket;
    }

    public long parentHandle() {
        return parentHandle;
    }

    public SimProcess owner() {
        return owner;
    }

    public AddressFamily family() {
        return family;
    }

    public SocketType type() {
        return type;
    }

    public IpProtocol protocol() {
        return protocol;
    }

    public EndpointState state() {
        return state;
    }

    public InetSocketAddress local() {
        return local;
    }

    public void setLocal(InetSocketAddress address) {
        this.local = address;
    }

    /** The peer as the owner sees it: for a redirected client the destination that it asked for (WFP-54). */
    public @Nullable InetSocketAddress remote() {
        return remote;
    }

    /** Where the bytes really go; differs from {@link #remote()} for a redirected client. */
    public @Nullable InetSocketAddress effectiveRemote() {
        return effectiveRemote;
    }

    public void setRemote(InetSocketAddress asked, InetSocketAddress effective) {
        this.remote = asked;
        this.effectiveRemote = effective;
    }

    /** Gives the peer of a datagram socket up. */
    public void clearRemote() {
        this.remote = null;
        this.effectiveRemote = null;
    }

    /** The chain that SET installed; empty if none. */
    public RedirectChain inherited() {
        return inherited;
    }

    /**
     * Installs the chain of SET, if the endpoint still is in the state that the caller judged by. A connect that begins
     * with {@link #beginConnect} sees the chain or the install fails.
     */
    public boolean installInherited(EndpointState judged, RedirectChain chain) {
        synchronized (this) {
            if (state != judged) {
                return false;
            }
            this.inherited = chain;
            return true;
        }
    }

    /** Moves the endpoint to {@link EndpointState#CONNECTING}; false if another thread was faster. */
    public boolean beginConnect(EndpointState from) {
        boolean begun;
        synchronized (this) {
            begun = move(from, EndpointState.CONNECTING);
        }
        if (begun) {
            connectFailed = false;
            socketError = null;
            tellWatchers();
        }
        return begun;
    }

    /** When a stream socket was connected, in virtual nanoseconds. */
    public long connectedAt() {
        return connectedAt;
    }

    /** Called before the endpoint moves to {@link EndpointState#CONNECTED}. */
    public void setConnectedAt(long nanos) {
        this.connectedAt = nanos;
    }

    /** Whether the last connect failed; until the next one begins. */
    public boolean hasConnectFailed() {
        return connectFailed;
    }

    /** Notes why a connect fails; called before the endpoint leaves {@link EndpointState#CONNECTING}. */
    public void setConnectFailed(NtStatus status) {
        socketError = status;
        connectFailed = true;
    }

    /** Takes the error of the last connect, as SO_ERROR does; null if there is none, or it was taken before. */
    public @Nullable NtStatus takeSocketError() {
        return SOCKET_ERROR.getAndSet(this, null);
    }

    // ---- watching

    /** Has somebody called after each change of the state, by the thread that makes it; it must not block. */
    public void addWatcher(Runnable watcher) {
        synchronized (this) {
            List<Runnable> more = new ArrayList<>(watchers);
            more.add(watcher);
            watchers = List.copyOf(more);
        }
    }

    /** Forgets a watcher; without effect if it is not there. */
    public void removeWatcher(Runnable watcher) {
        synchronized (this) {
            List<Runnable> fewer = new ArrayList<>(watchers);
            fewer.remove(watcher);
            watchers = List.copyOf(fewer);
        }
    }

    /** Calls who watches: something that they may look at has changed. */
    public void tellWatchers() {
        List<Runnable> now = watchers;
        if (!now.isEmpty()) {
            now.forEach(Runnable::run);
        }
    }

    /** The redirected flow of which this endpoint is one end, or null. */
    public @Nullable RedirectedFlow flow() {
        return flow;
    }

    /** Whether this endpoint is the accepting end of its connection. */
    public boolean isAcceptor() {
        return acceptor;
    }

    void markAcceptor() {
        this.acceptor = true;
    }

    void setFlow(RedirectedFlow redirected) {
        this.flow = redirected;
    }

    /** Leaves the flow; null if another thread did so first. */
    @Nullable
    RedirectedFlow leaveFlow() {
        return FLOW.getAndSet(this, null);
    }

    /** The five-tuple that a connect took, as it was then: routing chooses the source later. */
    @Nullable
    Claim claim() {
        return claim;
    }

    /** Puts another claim in place of one; false if another thread gave that up first. */
    boolean replaceClaim(Claim old, Claim renewed) {
        return CLAIM.compareAndSet(this, old, renewed);
    }

    void setClaim(Claim taken) {
        this.claim = taken;
    }

    /** Gives the claim on a five-tuple up; null if another thread did so first. */
    @Nullable
    Claim giveUpClaim() {
        return CLAIM.getAndSet(this, null);
    }

    public @Nullable DuplexStream stream() {
        return stream;
    }

    public void setStream(DuplexStream bytes) {
        this.stream = bytes;
    }

    public @Nullable AcceptQueue acceptQueue() {
        return acceptQueue;
    }

    public void setAcceptQueue(AcceptQueue queue) {
        this.acceptQueue = queue;
        tellWatchers();
    }

    /** IPV6_V6ONLY: when false, an AF_INET6 socket also speaks to v4-mapped addresses. */
    public boolean isV6Only() {
        return v6Only;
    }

    public void setV6Only(boolean only) {
        this.v6Only = only;
    }

    /** What operations on this endpoint wait for, oldest first; there may be several, as when it closes meanwhile. */
    public List<Hold> holds() {
        return holds;
    }

    public void addHold(Hold waitedFor) {
        synchronized (this) {
            List<Hold> more = new ArrayList<>(holds);
            more.add(waitedFor);
            holds = List.copyOf(more);
        }
    }

    /** Forgets one wait, once; without effect if it is not there. */
    public void removeHold(Hold waitedFor) {
        synchronized (this) {
            List<Hold> fewer = new ArrayList<>(holds);
            fewer.remove(waitedFor);
            holds = List.copyOf(fewer);
        }
    }

    public boolean isClosed() {
        return state == EndpointState.CLOSED;
    }

    /** Whether the machine cut the connection, so that its owner has not closed the socket yet. */
    public boolean isCut() {
        return cut;
    }

    /** Called before the endpoint is closed. */
    public void markCut() {
        this.cut = true;
    }

    /** The address that bind reserved for this endpoint alone, or null. */
    public @Nullable InetSocketAddress bound() {
        return bound;
    }

    /** Gives the reservation up; null if another thread did so first. */
    @Nullable
    InetSocketAddress giveUpBound() {
        return BOUND.getAndSet(this, null);
    }

    void setBound(InetSocketAddress address) {
        this.bound = address;
    }

    /** Notes that a port was assigned, whose release has to be told. */
    public void markAssigned() {
        this.assigned = 1;
    }

    /** Gives the assignment up; false if there is none or another thread did so first, so that one tells of it. */
    public boolean giveUpAssignment() {
        return ASSIGNED.getAndSet(this, 0) == 1;
    }

    /** The lineage that ties connections together by records: the chain's, or the endpoint's own handle (REC-01). */
    public long lineage() {
        RedirectedFlow redirected = flow;
        if (redirected != null) {
            return redirected.lineage();
        }
        RedirectRecord oldest = inherited.oldest();
        return oldest == null ? handle : oldest.lineage();
    }
}
