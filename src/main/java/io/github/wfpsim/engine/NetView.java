package io.github.wfpsim.engine;

import io.github.wfpsim.net.NetInterface;
import java.net.InetAddress;

/** What the engine knows of a machine's addresses and interfaces. Implemented by the stack; allocates nothing. */
public interface NetView {

    /** A machine with loopback only. */
    NetView LOOPBACK_ONLY = new NetView() {
        @Override
        public boolean contains(InetAddress address) {
            return address.isLoopbackAddress();
        }

        @Override
        public NetInterface interfaceOf(InetAddress address) {
            return address.isLoopbackAddress() ? NetInterface.LOOPBACK : NetInterface.UNSPECIFIED;
        }

        @Override
        public boolean hasInterface(long luid) {
            return luid == NetInterface.LOOPBACK.luid();
        }
    };

    /**
     * {@return whether an address is one of the machine's own}
     *
     * @param address the address; one that is v4-mapped counts as IPv4
     */
    boolean contains(InetAddress address);

    /**
     * {@return the interface that has an address; {@link NetInterface#UNSPECIFIED} for one that is not the machine's}
     *
     * @param address the address; one that is v4-mapped counts as IPv4
     */
    NetInterface interfaceOf(InetAddress address);

    /**
     * {@return whether the machine has an interface, or it is the unspecified one}
     *
     * @param luid its LUID
     */
    boolean hasInterface(long luid);
}
