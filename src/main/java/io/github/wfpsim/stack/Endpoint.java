package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.Subject;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One socket as the transport sees it. Mutable; fields other than the state are written only by the thread that won the
 * move into the state that they belong to, and read by anyone.
 */
public final class Endpoint {

    private static final AtomicReferenceFieldUpdater<Endpoint, ConnectionState> STATE =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, ConnectionState.class, "state");

    private static final AtomicReferenceFieldUpdater<Endpoint, @Nullable RedirectedFlow> FLOW =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, RedirectedFlow.class, "flow");

    private static final AtomicReferenceFieldUpdater<Endpoint, PortAllocator.@Nullable Claim> CLAIM =
            AtomicReferenceFieldUpdater.newUpdater(Endpoint.class, PortAllocator.Claim.class, "claim");

    private static final AtomicIntegerFieldUpdater<Endpoint> FLAGS =
            AtomicIntegerFieldUpdater.newUpdater(Endpoint.class, "flags");

    // Stores that the next compare-and-set of the state or of the claim publishes, and that need no fence of their own.
    private static final VarHandle LOCAL = field("local", InetSocketAddress.class);
    private static final VarHandle REMOTE = field("remote", InetSocketAddress.class);
    private static final VarHandle EFFECTIVE_REMOTE = field("effectiveRemote", InetSocketAddress.class);
    private static final VarHandle INHERITED = field("inherited", RedirectChain.class);
    private static final VarHandle STREAM = field("stream", DuplexStream.class);
    private static final VarHandle CONNECTED_AT = field("connectedAt", long.class);

    private static final int ACCEPTOR = 1;
    private static final int ASSIGNED = 2;
    private static final int DUAL_STACK = 4;
    private static final int CONNECT_FAILED = 8;
    private static final int CUT = 16;
    private static final int REUSES_ADDRESS = 32;
    private static final int EXCLUSIVE_ADDRESS = 64;
    private static final int BROADCASTS = 128;
    private static final int TAKEN = 256;

    private final long handle;
    private final ProcessEntry owner;
    private final Kind kind;
    private final @Nullable Endpoint listener;

    private volatile ConnectionState state;
    private volatile InetSocketAddress local;
    private volatile @Nullable InetSocketAddress remote;
    private volatile @Nullable InetSocketAddress effectiveRemote;
    private volatile RedirectChain inherited;
    private volatile @Nullable RedirectedFlow flow;
    private volatile PortAllocator.@Nullable Claim claim;
    private volatile @Nullable DuplexStream stream;
    private volatile long connectedAt;
    private volatile int flags;
    private volatile @Nullable Seldom seldom;

    /**
     * What a socket was created as. Sockets that are alike share one object.
     *
     * @param family address family
     * @param type socket type
     * @param protocol transport protocol
     */
    record Kind(AddressFamily family, SocketType type, IpProtocol protocol) {}

    /** What few endpoints have, so that the others stay small. Made when first needed, and kept. */
    private static final class Seldom {

        private static final AtomicReferenceFieldUpdater<Seldom, @Nullable InetSocketAddress> BOUND =
                AtomicReferenceFieldUpdater.newUpdater(Seldom.class, InetSocketAddress.class, "bound");

        private static final AtomicReferenceFieldUpdater<Seldom, @Nullable AcceptQueue> ACCEPT_QUEUE =
                AtomicReferenceFieldUpdater.newUpdater(Seldom.class, AcceptQueue.class, "acceptQueue");

        private static final AtomicReferenceFieldUpdater<Seldom, @Nullable NtStatus> SOCKET_ERROR =
                AtomicReferenceFieldUpdater.newUpdater(Seldom.class, NtStatus.class, "socketError");

        private volatile @Nullable InetSocketAddress bound;
        private volatile @Nullable AcceptQueue acceptQueue;
        private volatile @Nullable DatagramPort datagramPort;
        private volatile @Nullable DatagramFlow datagramFlow;
        private volatile long takenFor;
        private volatile List<Hold> holds = List.of();
        private volatile List<Runnable> watchers = List.of();
        private volatile @Nullable List<ProcessEntry> holders;
        private volatile @Nullable NtStatus socketError;
    }

    @SuppressWarnings("NullAway.Init") // Stored through the handles, without fences: nobody else sees it yet.
    Endpoint(long handle, ProcessEntry owner, Kind kind, @Nullable Endpoint listener, InetSocketAddress local) {
        this.handle = handle;
        this.owner = owner;
        this.kind = kind;
        this.listener = listener;
        STATE.lazySet(this, ConnectionState.OPEN);
        INHERITED.setRelease(this, RedirectChain.empty());
        LOCAL.setRelease(this, local);
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(Endpoint.class, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("the field is below", impossible);
        }
    }

    private Seldom seldom() {
        Seldom made = seldom;
        if (made == null) {
            synchronized (this) {
                made = seldom;
                if (made == null) {
                    made = new Seldom();
                    seldom = made;
                }
            }
        }
        return made;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Sets or clears a flag; what it was before. */
    private boolean flag(int flag, boolean on) {
        int before = flags;
        while (((before & flag) != 0) != on) {
            if (FLAGS.compareAndSet(this, before, before ^ flag)) {
                return !on;
            }
            before = flags;
        }
        return on;
    }

    /**
     * Moves the endpoint on, if it still is where the caller thinks.
     *
     * @param from the expected state
     * @param to the next state
     * @return false if another thread was faster
     */
    boolean transition(ConnectionState from, ConnectionState to) {
        boolean moved = move(from, to);
        if (moved) {
            tellWatchers();
        }
        return moved;
    }

    private boolean move(ConnectionState from, ConnectionState to) {
        return STATE.compareAndSet(this, from, to);
    }

    /**
     * Moves the endpoint to {@link ConnectionState#CLOSED} from wherever it is.
     *
     * @return the state that it left; CLOSED if it was closed before
     */
    ConnectionState close() {
        ConnectionState left = STATE.getAndSet(this, ConnectionState.CLOSED);
        tellWatchers();
        return left;
    }

    /** Something that an operation on this endpoint waits for. */
    interface Hold {

        /** Ends the wait, and the operation with it: the endpoint was closed. */
        void cancel();

        /** Who makes it wait, in words; null if nobody does any more. */
        @Nullable
        String holder();
    }

    public long handle() {
        return handle;
    }

    /** Who it is for the trace. */
    Subject subject() {
        return subjectAs(owner);
    }

    /** The same connection, as another process is asked about. */
    Subject subjectAs(ProcessEntry process) {
        return new Subject(socketHandle(), lineage(), process.id(), process.imageName());
    }

    /** What callouts see: the endpoint's own handle, or for a datagram flow that of the socket that it belongs to. */
    long transportHandle() {
        DatagramFlow ofSocket = datagramFlow();
        return ofSocket == null ? handle : ofSocket.socket().handle();
    }

    /**
     * The number that the owner holds: the endpoint's own handle, that of the socket for a datagram flow, that of the
     * socket for which AcceptEx took the connection.
     */
    public long socketHandle() {
        Seldom has = seldom;
        return has == null || has.takenFor == 0 ? transportHandle() : has.takenFor;
    }

    /** The socket that was there before goes on as this connection. */
    void setTakenFor(Endpoint replaced) {
        seldom().takenFor = replaced.handle;
        flag(TAKEN, true);
        List<ProcessEntry> holders = replaced.holders();
        if (replaced.owner != owner || holders.size() > 1) {
            seldom().holders = holders;
        }
    }

    /** What a datagram socket has besides; null for others. */
    @Nullable
    DatagramPort datagramPort() {
        Seldom has = seldom;
        return has == null ? null : has.datagramPort;
    }

    void setDatagramPort(DatagramPort port) {
        seldom().datagramPort = port;
    }

    /** The datagram flow that this endpoint stands for; null for sockets. */
    @Nullable
    DatagramFlow datagramFlow() {
        Seldom has = seldom;
        return has == null ? null : has.datagramFlow;
    }

    void setDatagramFlow(DatagramFlow flowOfSocket) {
        seldom().datagramFlow = flowOfSocket;
    }

    public long parentHandle() {
        return listener == null ? 0 : listener.handle;
    }

    public ProcessEntry owner() {
        return owner;
    }

    Kind kind() {
        return kind;
    }

    AddressFamily family() {
        return kind.family();
    }

    SocketType type() {
        return kind.type();
    }

    public IpProtocol protocol() {
        return kind.protocol();
    }

    public ConnectionState state() {
        return state;
    }

    public InetSocketAddress local() {
        return local;
    }

    void setLocal(InetSocketAddress address) {
        LOCAL.setRelease(this, address);
    }

    /** The peer as the owner sees it: for a redirected client the destination that it asked for (WFP-54). */
    public @Nullable InetSocketAddress remote() {
        return remote;
    }

    /** Where the bytes really go; differs from {@link #remote()} for a redirected client. */
    public @Nullable InetSocketAddress effectiveRemote() {
        return effectiveRemote;
    }

    void setRemote(InetSocketAddress asked, InetSocketAddress effective) {
        REMOTE.setRelease(this, asked);
        EFFECTIVE_REMOTE.setRelease(this, effective);
    }

    /** Gives the peer of a datagram socket up. */
    void clearRemote() {
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
    boolean installInherited(ConnectionState judged, RedirectChain chain) {
        synchronized (this) {
            if (state != judged) {
                return false;
            }
            this.inherited = chain;
            return true;
        }
    }

    /** Moves the endpoint to {@link ConnectionState#CONNECTING}; false if another thread was faster. */
    boolean beginConnect(ConnectionState from) {
        boolean begun;
        synchronized (this) {
            begun = move(from, ConnectionState.CONNECTING);
        }
        if (begun) {
            forgetFailure();
            tellWatchers();
        }
        return begun;
    }

    private void forgetFailure() {
        flag(CONNECT_FAILED, false);
        Seldom has = seldom;
        if (has != null) {
            has.socketError = null;
        }
    }

    /** When a stream socket was connected, in virtual nanoseconds. */
    long connectedAt() {
        return connectedAt;
    }

    /** Called before the endpoint moves to {@link ConnectionState#CONNECTED}. */
    void setConnectedAt(long nanos) {
        CONNECTED_AT.setRelease(this, nanos);
    }

    /** Whether the last connect failed; until the next one begins. */
    boolean hasConnectFailed() {
        return has(CONNECT_FAILED);
    }

    /** Notes why a connect fails; called before the endpoint leaves {@link ConnectionState#CONNECTING}. */
    void setConnectFailed(NtStatus status) {
        seldom().socketError = status;
        flag(CONNECT_FAILED, true);
    }

    /** The error of the last connect; null if there is none, or it was taken. */
    @Nullable
    NtStatus socketError() {
        Seldom has = seldom;
        return has == null ? null : has.socketError;
    }

    /** Takes the error of the last connect, as SO_ERROR does; null if there is none, or it was taken before. */
    @Nullable
    NtStatus takeSocketError() {
        Seldom has = seldom;
        return has == null ? null : Seldom.SOCKET_ERROR.getAndSet(has, null);
    }

    // ---- watching

    /** Has somebody called after each change of the state, by the thread that makes it; it must not block. */
    void addWatcher(Runnable watcher) {
        synchronized (this) {
            Seldom has = seldom();
            List<Runnable> more = new ArrayList<>(has.watchers);
            more.add(watcher);
            has.watchers = List.copyOf(more);
        }
    }

    /** Forgets a watcher; without effect if it is not there. */
    void removeWatcher(Runnable watcher) {
        synchronized (this) {
            Seldom has = seldom();
            List<Runnable> fewer = new ArrayList<>(has.watchers);
            fewer.remove(watcher);
            has.watchers = List.copyOf(fewer);
        }
    }

    /** Calls who watches: something that they may look at has changed. */
    void tellWatchers() {
        Seldom has = seldom;
        if (has != null) {
            for (Runnable watcher : has.watchers) {
                watcher.run();
            }
        }
    }

    /** The redirected flow of which this endpoint is one end, or null. */
    @Nullable
    RedirectedFlow flow() {
        return flow;
    }

    /** The records of the redirected connection whose end this is; empty if there are none. */
    public RedirectChain redirectChain() {
        RedirectedFlow redirected = flow;
        return redirected == null ? RedirectChain.empty() : redirected.chain();
    }

    /** Whether this endpoint is the accepting end of its connection. */
    boolean isAcceptor() {
        return listener != null || has(ACCEPTOR);
    }

    void markAcceptor() {
        if (listener == null) {
            flag(ACCEPTOR, true);
        }
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
    PortAllocator.@Nullable Claim claim() {
        return claim;
    }

    /** Puts another claim in place of one; false if another thread gave that up first. */
    boolean replaceClaim(PortAllocator.Claim old, PortAllocator.Claim renewed) {
        return CLAIM.compareAndSet(this, old, renewed);
    }

    void setClaim(PortAllocator.Claim taken) {
        this.claim = taken;
    }

    /** Gives the claim on a five-tuple up; null if another thread did so first. */
    PortAllocator.@Nullable Claim giveUpClaim() {
        return CLAIM.getAndSet(this, null);
    }

    @Nullable
    DuplexStream stream() {
        return stream;
    }

    /** Whether the peer of a connection has ended its direction. */
    public boolean isPeerDone() {
        DuplexStream bytes = stream;
        return bytes != null && bytes.isInputEnded();
    }

    void setStream(DuplexStream bytes) {
        STREAM.setRelease(this, bytes);
    }

    @Nullable
    AcceptQueue acceptQueue() {
        Seldom has = seldom;
        return has == null ? null : has.acceptQueue;
    }

    /** Gives a listener its queue, once; the one that it has from then on. */
    AcceptQueue acceptQueueOr(AcceptQueue made) {
        AcceptQueue there = acceptQueue();
        if (there != null) {
            return there;
        }
        if (Seldom.ACCEPT_QUEUE.compareAndSet(seldom(), null, made)) {
            tellWatchers();
        }
        return Objects.requireNonNull(acceptQueue(), "once there, it stays");
    }

    /** IPV6_V6ONLY: when false, an AF_INET6 socket also speaks to v4-mapped addresses. */
    boolean isV6Only() {
        return !has(DUAL_STACK);
    }

    void setV6Only(boolean only) {
        flag(DUAL_STACK, !only);
    }

    /** Sets SO_REUSEADDR or SO_EXCLUSIVEADDRUSE, which count at the next bind. */
    void setAddressMode(AddressUse.Mode mode, boolean on) {
        flag(mode == AddressUse.Mode.REUSE ? REUSES_ADDRESS : EXCLUSIVE_ADDRESS, on);
    }

    boolean hasAddressMode(AddressUse.Mode mode) {
        return has(mode == AddressUse.Mode.REUSE ? REUSES_ADDRESS : EXCLUSIVE_ADDRESS);
    }

    /** How it would share a local address. */
    AddressUse addressUse(InetAddress address) {
        AddressUse.Mode mode = has(EXCLUSIVE_ADDRESS)
                ? AddressUse.Mode.EXCLUSIVE
                : has(REUSES_ADDRESS) ? AddressUse.Mode.REUSE : AddressUse.Mode.DEFAULT;
        boolean dual = has(DUAL_STACK) && address.isAnyLocalAddress();
        return new AddressUse(address, dual, mode, AddressUse.Account.of(owner.token()), handle);
    }

    /** Whether a listener accepted it that had its address for itself. */
    boolean isFromExclusiveListener() {
        return listener != null && listener.has(EXCLUSIVE_ADDRESS);
    }

    // ---- who holds it

    /** The processes that have a descriptor of it, one entry for each; mostly its owner alone. */
    private List<ProcessEntry> holders() {
        Seldom has = seldom;
        List<ProcessEntry> shared = has == null ? null : has.holders;
        return shared == null ? List.of(owner) : shared;
    }

    /** Gives a process one more descriptor. */
    void addHolder(ProcessEntry process) {
        synchronized (this) {
            List<ProcessEntry> more = new ArrayList<>(holders());
            more.add(process);
            seldom().holders = List.copyOf(more);
        }
    }

    /** Gives a connection to the process that accepts it, another one than the owner if the listener is shared. */
    void setHolder(ProcessEntry process) {
        if (process != owner) {
            seldom().holders = List.of(process);
        }
        flag(TAKEN, true);
    }

    /** Whether it waits for an accept, or will, at a listener that another process than this one has as well. */
    boolean isForAnotherThan(ProcessEntry process) {
        return listener != null && !has(TAKEN) && listener.holders().stream().anyMatch(holder -> holder != process);
    }

    /** Takes a descriptor back; true if it was the last one. */
    boolean removeHolder(ProcessEntry process) {
        return removeHolder(process, false);
    }

    /** Takes all descriptors of a process back that has ended; true if there are no others. */
    boolean removeAllOf(ProcessEntry process) {
        return removeHolder(process, true);
    }

    private boolean removeHolder(ProcessEntry process, boolean all) {
        Seldom has = seldom;
        if (has == null || has.holders == null) {
            return process == owner;
        }
        synchronized (this) {
            List<ProcessEntry> fewer = new ArrayList<>(holders());
            boolean had = all ? fewer.removeIf(holder -> holder == process) : fewer.remove(process);
            has.holders = List.copyOf(fewer);
            return had && fewer.isEmpty();
        }
    }

    /** Whether a process has a descriptor of it. */
    boolean isHeldBy(ProcessEntry process) {
        return holders().contains(process);
    }

    /** SO_BROADCAST. */
    boolean mayBroadcast() {
        return has(BROADCASTS);
    }

    void setMayBroadcast(boolean may) {
        flag(BROADCASTS, may);
    }

    /** What operations on this endpoint wait for, oldest first; there may be several, as when it closes meanwhile. */
    List<Hold> holds() {
        Seldom has = seldom;
        return has == null ? List.of() : has.holds;
    }

    /** Whom an operation on this endpoint waits for, in words; null if none waits. */
    public @Nullable String heldBy() {
        for (Hold hold : holds()) {
            String holder = hold.holder();
            if (holder != null) {
                return holder;
            }
        }
        return null;
    }

    void addHold(Hold waitedFor) {
        synchronized (this) {
            Seldom has = seldom();
            List<Hold> more = new ArrayList<>(has.holds);
            more.add(waitedFor);
            has.holds = List.copyOf(more);
        }
    }

    /** Forgets one wait, once; without effect if it is not there. */
    void removeHold(Hold waitedFor) {
        synchronized (this) {
            Seldom has = seldom();
            List<Hold> fewer = new ArrayList<>(has.holds);
            fewer.remove(waitedFor);
            has.holds = List.copyOf(fewer);
        }
    }

    boolean isClosed() {
        return state == ConnectionState.CLOSED;
    }

    /**
     * Whether its owner closed it, or ended; a connection that the machine cut is still the owner's to close, and a flow
     * goes with its socket.
     */
    boolean isClosedByOwner() {
        DatagramFlow ofSocket = datagramFlow();
        return ofSocket == null ? isClosed() && !isCut() : ofSocket.socket().isClosedByOwner();
    }

    /** What a failure means: another one if its owner has closed the socket meanwhile (CONC-20). */
    NtStatus unlessLost(NtStatus status) {
        return isClosedByOwner() ? NtStatus.STATUS_CANCELLED : status;
    }

    /** Whether the machine cut the connection, so that its owner has not closed the socket yet. */
    boolean isCut() {
        return has(CUT);
    }

    /** Called before the endpoint is closed. */
    void markCut() {
        flag(CUT, true);
    }

    /** The address that bind reserved for this endpoint alone, or null. */
    @Nullable
    InetSocketAddress bound() {
        Seldom has = seldom;
        return has == null ? null : has.bound;
    }

    /** Gives the reservation up; null if another thread did so first. */
    @Nullable
    InetSocketAddress giveUpBound() {
        Seldom has = seldom;
        return has == null ? null : Seldom.BOUND.getAndSet(has, null);
    }

    void setBound(InetSocketAddress address) {
        seldom().bound = address;
    }

    /** Notes that a port was assigned, whose release has to be told. */
    void markAssigned() {
        flag(ASSIGNED, true);
    }

    /** Gives the assignment up; false if there is none or another thread did so first, so that one tells of it. */
    boolean giveUpAssignment() {
        return flag(ASSIGNED, false);
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
