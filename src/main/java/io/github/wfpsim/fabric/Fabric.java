package io.github.wfpsim.fabric;

import io.github.wfpsim.machine.KeptFailures;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.Bridge;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.net.RemoteServer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What machines and plain remote servers meet on. Safe for use by many threads; look-ups take no lock. */
public final class Fabric implements Network {

    private final ConcurrentHashMap<InetSocketAddress, NetworkNode> services = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<InetSocketAddress, PlainDatagramSocket> datagramSockets = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<InetAddress, NetworkNode> machines = new ConcurrentHashMap<>();

    private final Waits waits = new Waits();
    private final KeptFailures failures = new KeptFailures();

    /** Creates a network with nobody on it. */
    public Fabric() {}

    /** {@return who waits on the network and its machines} */
    public Waits waits() {
        return waits;
    }

    /**
     * Keeps what went wrong at a server whose machine is closed, for {@link #close} to throw.
     *
     * @param failure what went wrong
     */
    public void keep(RuntimeException failure) {
        failures.keep(failure);
    }

    /**
     * Connects a machine. Called by the root.
     *
     * @param address one of its addresses
     * @param machine the machine
     * @throws IllegalStateException if the address is taken
     */
    public void attach(InetAddress address, NetworkNode machine) {
        Objects.requireNonNull(address, "address must not be null: give one of the machine's addresses");
        Objects.requireNonNull(machine, "machine must not be null: give who takes connections");
        if (machines.putIfAbsent(address, machine) != null) {
            throw new IllegalStateException(
                    "address " + IpAddress.hostText(address) + " is taken on this network: give each machine its own");
        }
    }

    /**
     * Disconnects a machine. Called by the root.
     *
     * @param address one of its addresses
     */
    public void detach(InetAddress address) {
        Objects.requireNonNull(address, "address must not be null: give one of the machine's addresses");
        machines.remove(address);
    }

    @Override
    public RemoteServer listen(InetSocketAddress address) {
        requireOnNetwork(address, "address");
        PlainServer server = new PlainServer(this, address);
        add(address, server);
        return server;
    }

    @Override
    public RemoteDatagramSocket datagramSocket(InetSocketAddress address) {
        requireOnNetwork(address, "address");
        PlainDatagramSocket socket = new PlainDatagramSocket(this, address);
        if (datagramSockets.putIfAbsent(address, socket) != null) {
            throw new IllegalStateException("another UDP socket is at " + IpAddress.text(address)
                    + " already: close it or choose another address");
        }
        return socket;
    }

    @Override
    public Bridge bridge(InetSocketAddress simulated, InetSocketAddress realLoopback) {
        requireOnNetwork(simulated, "simulated");
        requireFixed(realLoopback, "realLoopback");
        if (!realLoopback.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(IpAddress.text(realLoopback)
                    + " is not on this computer's loopback: only loopback is ever dialled");
        }
        LoopbackBridge bridge = new LoopbackBridge(this, simulated, realLoopback);
        add(simulated, bridge);
        return bridge;
    }

    private void add(InetSocketAddress address, NetworkNode service) {
        if (services.putIfAbsent(address, service) != null) {
            throw new IllegalStateException(
                    "something listens at " + IpAddress.text(address) + " already: close it or choose another");
        }
    }

    private static void requireOnNetwork(InetSocketAddress address, String name) {
        requireFixed(address, name);
        if (IpAddress.isLoopback(address.getAddress())) {
            throw new IllegalArgumentException(name + " " + IpAddress.text(address)
                    + " is loopback, which each machine keeps to itself: give an address of the network");
        }
        if (IpAddress.isBroadcastOrMulticast(address.getAddress())) {
            throw new IllegalArgumentException(name + " " + IpAddress.text(address)
                    + " is a broadcast or multicast address, which is nobody's own: give the address of one machine");
        }
    }

    private static void requireFixed(InetSocketAddress address, String name) {
        Objects.requireNonNull(address, name + " must not be null: give an address and a port");
        if (address.isUnresolved()
                || address.getPort() == 0
                || address.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    name + " " + IpAddress.text(address) + " is no place to listen: give an IP address and a port");
        }
    }

    /**
     * Dials.
     *
     * @param dialerView the connection, the dialler's own address as local
     * @param dialer hears what the receiver answers
     */
    public void offer(FiveTuple dialerView, Dialer dialer) {
        Objects.requireNonNull(dialerView, "dialerView must not be null: give the connection to make");
        Objects.requireNonNull(dialer, "dialer must not be null: give who hears the answer");
        InetSocketAddress remote = dialerView.remote();
        NetworkNode service = services.get(remote);
        NetworkNode receiver = service != null ? service : machines.get(remote.getAddress());
        if (receiver != null) {
            receiver.offer(dialerView.reversed(), dialer);
        } else if (isKnown(remote.getAddress())) {
            dialer.refuse(new ConnectException("nobody listens at " + IpAddress.text(remote)));
        } else {
            dialer.refuse(
                    new NoRouteToHostException("nobody on the network has the address of " + IpAddress.text(remote)));
        }
    }

    /**
     * Sends a datagram.
     *
     * @param datagram the packet
     * @throws PortUnreachableException if a machine has the address but no socket there takes it
     * @throws NoRouteToHostException if nobody on the network has the address
     */
    public void send(Datagram datagram) throws PortUnreachableException, NoRouteToHostException {
        Objects.requireNonNull(datagram, "datagram must not be null: give the packet to send");
        InetSocketAddress to = datagram.destination();
        NetworkNode socket = datagramSockets.get(to);
        NetworkNode receiver = socket != null ? socket : machines.get(to.getAddress());
        if (receiver != null && receiver.deliver(datagram)) {
            return;
        }
        if (receiver != null || isKnown(to.getAddress())) {
            throw new PortUnreachableException("nobody takes datagrams at " + IpAddress.text(to));
        }
        throw new NoRouteToHostException("nobody on the network has the address of " + IpAddress.text(to));
    }

    private boolean isKnown(InetAddress address) {
        return Stream.concat(services.keySet().stream(), datagramSockets.keySet().stream())
                .anyMatch(known -> known.getAddress().equals(address));
    }

    void forget(InetSocketAddress address, NetworkNode service) {
        services.remove(address, service);
    }

    void forget(PlainDatagramSocket socket) {
        datagramSockets.remove(socket.address(), socket);
    }

    @Override
    public void close() {
        for (NetworkNode service : services.values()) {
            if (service instanceof PlainServer server) {
                server.close();
            } else if (service instanceof LoopbackBridge bridge) {
                bridge.close();
            }
        }
        datagramSockets.values().forEach(PlainDatagramSocket::close);
        failures.throwAll();
    }
}
