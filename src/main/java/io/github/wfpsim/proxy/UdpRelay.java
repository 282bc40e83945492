package io.github.wfpsim.proxy;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A transparent proxy for UDP: the packet that creates a flow brings records and context as control messages; the records
 * go on, as they are, with the first packet of an onward flow, and answers go back to the client.
 *
 * <p>Safe for use by many threads.
 */
public final class UdpRelay {

    /** Where the packets of one client go on. */
    private record Onward(SimDatagramSocket socket, InetSocketAddress destination) {}

    private final Winsock winsock;
    private final Executor threads;
    private final AtomicInteger served = new AtomicInteger();

    /**
     * Creates a proxy.
     *
     * @param winsock sockets of its process
     * @param threads runs what waits for the answers to one flow
     */
    public UdpRelay(Winsock winsock, Executor threads) {
        this.winsock = winsock;
        this.threads = threads;
    }

    /** {@return how many flows were passed on} */
    public int served() {
        return served.get();
    }

    /**
     * Passes packets on until the socket closes.
     *
     * @param socket where they arrive
     * @throws WinsockException when it closes
     */
    public void serve(SimDatagramSocket socket) throws WinsockException {
        Map<InetSocketAddress, Onward> flows = new HashMap<>();
        while (true) {
            SimDatagram packet = receive(socket);
            try {
                passOn(packet, socket, flows);
            } catch (WinsockException unreachable) {
                // The packet is lost, as packets may be.
            }
        }
    }

    private void passOn(SimDatagram packet, SimDatagramSocket socket, Map<InetSocketAddress, Onward> flows)
            throws WinsockException {
        Onward known = flows.get(packet.source());
        if (packet.redirectContext().isPresent()) {
            Onward onward = open(packet);
            flows.put(packet.source(), onward);
            threads.execute(() -> answer(onward.socket(), socket, packet.source()));
            if (known != null) {
                known.socket().close();
            }
        } else if (known != null) {
            known.socket().send(packet.payload(), known.destination());
        }
    }

    /** The first packet carries the records on. */
    private Onward open(SimDatagram packet) throws WinsockException {
        InetSocketAddress destination = OriginalDestination.decode(
                        packet.redirectContext().orElseThrow())
                .remote();
        SimDatagramSocket socket = winsock.udpSocket(AddressFamily.of(destination.getAddress()));
        byte[] records = packet.redirectRecords()
                .orElseThrow(() -> new IllegalStateException(packet + " has a context but no records"));
        try {
            socket.send(packet.payload(), destination, records);
        } catch (WinsockException unreachable) {
            socket.close();
            throw unreachable;
        }
        served.incrementAndGet();
        return new Onward(socket, destination);
    }

    private static void answer(SimDatagramSocket onward, SimDatagramSocket socket, InetSocketAddress client) {
        try {
            while (true) {
                socket.send(receive(onward).payload(), client);
            }
        } catch (WinsockException closed) {
            // One of the two sockets was closed: the flow is over.
        }
    }

    /** Somebody who takes no packets shows as an error of the next call, and says nothing about the other flows. */
    private static SimDatagram receive(SimDatagramSocket socket) throws WinsockException {
        while (true) {
            try {
                return socket.receive();
            } catch (WinsockException failed) {
                if (failed.error() != Win32Error.WSAECONNRESET) {
                    throw failed;
                }
            }
        }
    }
}
