package io.github.wfpsim.fabric;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.FiveTuple;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Connections without machines. */
public final class Pairs {

    private static final FiveTuple CONNECTION = new FiveTuple(
            IpProtocol.IPPROTO_TCP,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 2));

    private Pairs() {}

    /** The two ends of a connection. */
    public static PipeStream.Pair of(int capacityBytes) {
        return PipeStream.pair(capacityBytes, new Waits(), CONNECTION);
    }
}
