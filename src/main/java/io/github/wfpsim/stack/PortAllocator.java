package io.github.wfpsim.stack;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which local port. Bound sockets share a port as {@link AddressUse} has it: without options as long as their
 * addresses differ, the wildcard being one more address; connections that were never bound share a port as long as their
 * five-tuples differ, as on Windows with its automatic port range.
 */
final class PortAllocator {

    /** The dynamic range of IANA (WSKS-09, C-52). */
    static final int FIRST_DYNAMIC = 49152;

    static final int LAST_DYNAMIC = 65535;
    private static final int RANGE = LAST_DYNAMIC - FIRST_DYNAMIC + 1;

    /**
     * The five-tuple that a connect took, as it was then: routing chooses the source later.
     *
     * @param protocol transport protocol
     * @param local bound or unspecified address
     * @param port local port
     * @param peer the destination that was asked for
     */
    record Claim(IpProtocol protocol, InetAddress local, int port, InetSocketAddress peer) {

        static Claim of(IpProtocol protocol, InetSocketAddress local, InetSocketAddress peer) {
            return new Claim(protocol, local.getAddress(), local.getPort(), peer);
        }

        InetSocketAddress localAddress() {
            return new InetSocketAddress(local, port);
        }
    }

    private record PortKey(IpProtocol protocol, int port) {}

    private final ConcurrentHashMap<PortKey, List<AddressUse>> bound = new ConcurrentHashMap<>();
    private final Set<Claim> claims = ConcurrentHashMap.newKeySet();
    private final AtomicInteger rover = new AtomicInteger();

    /** Takes exactly this address and port for a socket without options; false if it collides with another one. */
    boolean bind(IpProtocol protocol, InetSocketAddress address) {
        return bind(protocol, address.getPort(), AddressUse.plain(address.getAddress()))
                .isSuccess();
    }

    /**
     * Takes an address and port beside those who have the port already.
     *
     * @return STATUS_SUCCESS; what the oldest of them refuses it with
     */
    NtStatus bind(IpProtocol protocol, int port, AddressUse use) {
        NtStatus[] judged = {NtStatus.STATUS_SUCCESS};
        bound.compute(new PortKey(protocol, port), (key, holders) -> {
            for (AddressUse holder : holders == null ? List.<AddressUse>of() : holders) {
                judged[0] = use.against(holder);
                if (!judged[0].isSuccess()) {
                    return holders;
                }
            }
            List<AddressUse> next = holders == null ? new ArrayList<>(1) : new ArrayList<>(holders);
            next.add(use);
            return next;
        });
        return judged[0];
    }

    /** Takes a free port of the dynamic range for an address; 0 if all are taken. */
    int bindAny(IpProtocol protocol, InetAddress address) {
        return bindAny(protocol, AddressUse.plain(address));
    }

    /** Takes a free port of the dynamic range; 0 if all are taken. */
    int bindAny(IpProtocol protocol, AddressUse use) {
        for (int tries = 0; tries < RANGE; tries++) {
            int port = nextPort();
            if (!bound.containsKey(new PortKey(protocol, port))
                    && bind(protocol, port, use).isSuccess()) {
                return port;
            }
        }
        return 0;
    }

    /** Takes a dynamic port that makes a five-tuple with this peer unique; null if there is none. */
    @Nullable
    Claim connectAny(IpProtocol protocol, InetAddress local, InetSocketAddress remote) {
        for (int tries = 0; tries < RANGE; tries++) {
            int port = nextPort();
            if (!bound.containsKey(new PortKey(protocol, port))) {
                Claim claim = new Claim(protocol, local, port, remote);
                if (connect(claim)) {
                    return claim;
                }
            }
        }
        return null;
    }

    /** Takes a five-tuple, whose local end is bound or unspecified; false if a connection has it. */
    boolean connect(Claim claim) {
        return claims.add(claim);
    }

    void release(Claim claim) {
        claims.remove(claim);
    }

    void release(IpProtocol protocol, InetSocketAddress address) {
        release(protocol, address, 0);
    }

    /** Gives back what one endpoint has taken. */
    void release(IpProtocol protocol, InetSocketAddress address, long holder) {
        bound.computeIfPresent(new PortKey(protocol, address.getPort()), (key, holders) -> {
            List<AddressUse> next = new ArrayList<>(holders);
            next.removeIf(use -> use.holder() == holder && use.address().equals(address.getAddress()));
            return next.isEmpty() ? null : next;
        });
    }

    private int nextPort() {
        return FIRST_DYNAMIC + Math.floorMod(rover.getAndIncrement(), RANGE);
    }
}
