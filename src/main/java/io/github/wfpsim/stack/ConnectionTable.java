package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.HandleTable;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All endpoints of one machine, the ports that they hold and the listeners by address. */
final class ConnectionTable {

    private record ListenKey(IpProtocol protocol, InetSocketAddress local) {}

    private final HandleSource handles;
    private final Waits waits;
    private final HandleTable<Endpoint> endpoints = new HandleTable<>();
    private final ConcurrentHashMap<ListenKey, Endpoint> listeners = new ConcurrentHashMap<>();
    /** Who listens at an address that another one had before; touched only while the entry of its key is computed. */
    private final ConcurrentHashMap<ListenKey, ArrayDeque<Endpoint>> later = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<Endpoint.Kind, Endpoint.Kind> kinds = new ConcurrentHashMap<>();
    private final PortAllocator ports = new PortAllocator();
    private final HopLedger hops = new HopLedger();

    ConnectionTable(HandleSource handles, Waits waits) {
        this.waits = waits;
        this.handles = handles;
    }

    /** Adds an endpoint that is not bound. */
    Endpoint open(ProcessEntry owner, Endpoint.Kind kind) {
        Endpoint endpoint = make(owner, kind, null);
        add(endpoint);
        return endpoint;
    }

    /** Makes an endpoint, of a listener if it is accepted; nobody finds it before {@link #add}. */
    Endpoint make(ProcessEntry owner, Endpoint.Kind kind, @Nullable Endpoint listener) {
        Endpoint endpoint =
                new Endpoint(handles.next(), owner, shared(kind), listener, IpAddress.unspecified(kind.family()));
        if (kind.type() == SocketType.SOCK_DGRAM) {
            endpoint.setDatagramPort(new DatagramPort(waits, () -> "a datagram at #" + endpoint.handle()));
        }
        return endpoint;
    }

    /** Lets others find an endpoint, which has all by now that they may look at. */
    void add(Endpoint endpoint) {
        endpoints.put(endpoint.handle(), endpoint);
    }

    private Endpoint.Kind shared(Endpoint.Kind kind) {
        Endpoint.Kind known = kinds.putIfAbsent(kind, kind);
        return known == null ? kind : known;
    }

    /** Makes an endpoint for a flow of a datagram socket; nobody finds it before {@link #add}. */
    DatagramFlow makeFlow(Endpoint socket, InetSocketAddress far, long now) {
        Endpoint endpoint = new Endpoint(handles.next(), socket.owner(), socket.kind(), null, socket.local());
        endpoint.setV6Only(socket.isV6Only());
        DatagramFlow flow = new DatagramFlow(socket, endpoint, far, now);
        endpoint.setDatagramFlow(flow);
        return flow;
    }

    @Nullable
    Endpoint find(long handle) {
        return endpoints.get(handle);
    }

    /** A copy of the table at some moment, by handle. */
    List<Endpoint> endpoints() {
        return endpoints.values();
    }

    /** The endpoints of which one process has a descriptor, by handle; flows are those of their socket. */
    List<Endpoint> endpointsOf(ProcessEntry process) {
        List<Endpoint> owned = new ArrayList<>();
        endpoints.forEach((endpoint, handle) -> {
            DatagramFlow flow = endpoint.datagramFlow();
            if ((flow == null ? endpoint : flow.socket()).isHeldBy(process)) {
                owned.add(endpoint);
            }
        });
        return owned;
    }

    int size() {
        return endpoints.size();
    }

    /**
     * Reserves a local address for an endpoint; port 0 asks for one of the dynamic range.
     *
     * @return STATUS_SUCCESS; STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED if others have it and do not share it;
     *     STATUS_INSUFFICIENT_RESOURCES if no port is left
     */
    NtStatus reserve(Endpoint endpoint, InetSocketAddress wanted) {
        AddressUse use = endpoint.addressUse(wanted.getAddress());
        InetSocketAddress taken = wanted;
        if (wanted.getPort() == 0) {
            int port = ports.bindAny(endpoint.protocol(), use);
            if (port == 0) {
                return NtStatus.STATUS_INSUFFICIENT_RESOURCES;
            }
            taken = new InetSocketAddress(wanted.getAddress(), port);
        } else {
            NtStatus judged = use.mode() == AddressUse.Mode.EXCLUSIVE && hasOpenConnections(endpoint, wanted)
                    ? NtStatus.STATUS_ADDRESS_ALREADY_EXISTS
                    : ports.bind(endpoint.protocol(), wanted.getPort(), use);
            if (!judged.isSuccess()) {
                return judged;
            }
        }
        endpoint.setBound(taken);
        endpoint.setLocal(taken);
        return NtStatus.STATUS_SUCCESS;
    }

    /** Whether a connection is open that a listener had accepted which kept the port to itself (WSA-64). */
    private boolean hasOpenConnections(Endpoint endpoint, InetSocketAddress wanted) {
        boolean wild = wanted.getAddress().isAnyLocalAddress();
        for (Endpoint other : endpoints.values()) {
            InetSocketAddress local = other.local();
            if (other.isFromExclusiveListener()
                    && other.protocol() == endpoint.protocol()
                    && other.state() == ConnectionState.CONNECTED
                    && local.getPort() == wanted.getPort()
                    && (wild || local.getAddress().equals(wanted.getAddress()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes the five-tuple of a connect unique, choosing a port if the endpoint has none.
     *
     * @return false if no port is left or the tuple is in use
     */
    boolean claimTuple(Endpoint endpoint, InetSocketAddress remote) {
        InetSocketAddress local = endpoint.local();
        if (local.getPort() != 0) {
            PortAllocator.Claim claim = PortAllocator.Claim.of(endpoint.protocol(), local, remote);
            return ports.connect(claim) && claimed(endpoint, claim);
        }
        PortAllocator.Claim claim = ports.connectAny(endpoint.protocol(), local.getAddress(), remote);
        if (claim == null) {
            return false;
        }
        endpoint.setLocal(claim.localAddress());
        return claimed(endpoint, claim);
    }

    private boolean claimed(Endpoint endpoint, PortAllocator.Claim claim) {
        endpoint.setClaim(claim);
        if (endpoint.state() == ConnectionState.CLOSED) {
            // Closed by another thread meanwhile, which did not see the claim.
            releaseTuple(endpoint);
        }
        return true;
    }

    /**
     * Sets the source that routing has chosen. For a socket that is bound to the unspecified address the five-tuple is
     * known only now.
     *
     * @return false if another connection has it
     */
    boolean route(Endpoint endpoint, InetSocketAddress source) {
        PortAllocator.Claim claim = endpoint.bound() == null ? null : endpoint.claim();
        if (claim != null && !claim.localAddress().equals(source)) {
            PortAllocator.Claim routed = PortAllocator.Claim.of(endpoint.protocol(), source, claim.peer());
            if (!ports.connect(routed)) {
                return false;
            }
            // Closed by another thread meanwhile, if the claim is gone.
            ports.release(endpoint.replaceClaim(claim, routed) ? claim : routed);
        }
        endpoint.setLocal(source);
        return true;
    }

    /** Undoes what a failed connect left: the five-tuple, the flow, and the address unless the endpoint was bound before. */
    void disconnect(Endpoint endpoint, boolean keepsAddress) {
        releaseTuple(endpoint);
        leaveFlow(endpoint);
        if (!keepsAddress) {
            releaseBound(endpoint);
        }
        InetSocketAddress bound = endpoint.bound();
        endpoint.setLocal(bound != null ? bound : IpAddress.unspecified(endpoint.family()));
    }

    private void releaseTuple(Endpoint endpoint) {
        PortAllocator.Claim claim = endpoint.giveUpClaim();
        if (claim != null) {
            ports.release(claim);
        }
    }

    /** Makes an endpoint the originating end of a redirected flow. */
    void originates(Endpoint client, RedirectedFlow flow) {
        client.setFlow(flow);
        if (client.state() == ConnectionState.CLOSED) {
            // Closed by another thread meanwhile, which did not see the flow.
            leaveFlow(client);
        }
    }

    /** Makes an endpoint the accepting end of a connection, redirected or not. */
    void accepts(Endpoint acceptor, @Nullable RedirectedFlow flow) {
        acceptor.markAcceptor();
        if (flow != null) {
            flow.addEnd();
            Trail trail = flow.trail();
            if (trail != null) {
                hops.accepted(acceptor.owner().id(), trail);
            }
            acceptor.setFlow(flow);
            if (acceptor.state() == ConnectionState.CLOSED) {
                // Closed by another thread meanwhile, which did not see the flow.
                leaveFlow(acceptor);
            }
        }
    }

    private void leaveFlow(Endpoint endpoint) {
        RedirectedFlow flow = endpoint.leaveFlow();
        if (flow != null) {
            boolean last = flow.endGone();
            Trail trail = flow.trail();
            if (endpoint.isAcceptor() && trail != null) {
                hops.gone(endpoint.owner().id(), trail, !last);
            }
        }
    }

    /** The other end of a connection, if it is on this machine too; looks at every endpoint. */
    @Nullable
    Endpoint peerOf(Endpoint endpoint) {
        InetSocketAddress far = endpoint.effectiveRemote();
        for (Endpoint other : endpoints.values()) {
            if (other != endpoint
                    && other.datagramPort() == null
                    && other.protocol() == endpoint.protocol()
                    && endpoint.local().equals(other.effectiveRemote())
                    && other.local().equals(far)) {
                return other;
            }
        }
        return null;
    }

    /** Makes a bound endpoint findable for connections, or a datagram socket for datagrams. */
    void listen(Endpoint endpoint) {
        ListenKey key = new ListenKey(endpoint.protocol(), endpoint.local());
        listeners.compute(key, (same, first) -> {
            if (first != null && first != endpoint) {
                // Both share the address: the first has what comes, as long as it is there (C-57).
                ArrayDeque<Endpoint> others = later.computeIfAbsent(key, none -> new ArrayDeque<>());
                if (!others.contains(endpoint)) {
                    others.add(endpoint);
                }
            }
            return first == null ? endpoint : first;
        });
        if (endpoint.state() == ConnectionState.CLOSED) {
            // Closed by another thread meanwhile, which may have looked for the entry too early.
            listensNoMore(key, endpoint);
        }
    }

    private void listensNoMore(ListenKey key, Endpoint endpoint) {
        listeners.computeIfPresent(key, (same, first) -> {
            ArrayDeque<Endpoint> others = later.get(key);
            if (others == null) {
                return first == endpoint ? null : first;
            }
            others.remove(endpoint);
            Endpoint next = first == endpoint ? others.poll() : first;
            if (others.isEmpty()) {
                later.remove(key);
            }
            return next;
        });
    }

    /** The listener that a connection to an address reaches: the exact address first, then the wildcard. */
    @Nullable
    Endpoint listenerFor(IpProtocol protocol, InetSocketAddress destination) {
        Endpoint exact = listeners.get(new ListenKey(protocol, destination));
        if (exact != null) {
            return exact;
        }
        int port = destination.getPort();
        boolean v4 = destination.getAddress() instanceof Inet4Address;
        Endpoint any = wildcardListener(protocol, v4, port);
        if (any != null || !v4) {
            return any;
        }
        Endpoint dual = wildcardListener(protocol, false, port);
        return dual != null && !dual.isV6Only() ? dual : null;
    }

    // ---- redirects that follow each other

    /** The redirects behind a connection that its own records do not list; null if there are none (REC-19). */
    @Nullable
    Trail trailBefore(Endpoint endpoint, InetSocketAddress destination) {
        RedirectChain inherited = endpoint.inherited();
        RedirectRecord oldest = inherited.oldest();
        RedirectRecord newest = inherited.newest();
        if (oldest == null || newest == null) {
            return hops.goneOnWith(endpoint.owner().id(), destination);
        }
        hops.carriedOn(endpoint.owner().id(), oldest, newest);
        return hops.before(oldest.lineage());
    }

    /** Notes that a redirected connection goes on with what its process had accepted. */
    void goesOnWith(Endpoint endpoint, Trail before) {
        if (endpoint.inherited().isEmpty()) {
            hops.used(endpoint.owner().id(), before);
            hops.continues(endpoint.lineage(), before);
        }
    }

    /** A process has ended. */
    void ended(ProcessEntry process) {
        hops.ended(process.id());
    }

    /** Takes a closed endpoint's listener entry and its part in a redirected flow away; its ports stay taken. */
    void retire(Endpoint endpoint) {
        if (endpoint.bound() != null) {
            // Only a bound socket can have listened.
            listensNoMore(new ListenKey(endpoint.protocol(), endpoint.local()), endpoint);
        }
        leaveFlow(endpoint);
    }

    /** Takes a closed endpoint out, with all that it had. */
    void remove(Endpoint endpoint) {
        if (!endpoints.remove(endpoint.handle(), endpoint)) {
            return;
        }
        retire(endpoint);
        releaseTuple(endpoint);
        releaseBound(endpoint);
    }

    /** Gives back the address that bind reserved. */
    void releaseBound(Endpoint endpoint) {
        InetSocketAddress bound = endpoint.giveUpBound();
        if (bound != null) {
            ports.release(endpoint.protocol(), bound, endpoint.handle());
        }
    }

    private @Nullable Endpoint wildcardListener(IpProtocol protocol, boolean v4, int port) {
        AddressFamily family = v4 ? AddressFamily.AF_INET : AddressFamily.AF_INET6;
        return listeners.get(new ListenKey(protocol, new InetSocketAddress(IpAddress.wildcard(family), port)));
    }
}
