package io.github.wfpsim.net;

/**
 * A network interface of a machine, as callouts see it in fixed values. Immutable.
 *
 * <p>Source: Filtering Condition Identifiers; NET_LUID_LH; Ipifcons.h. Requirement: WFP-94.
 *
 * @param index the interface index, from 1; 0 for none
 * @param luid the locally unique identifier, NET_LUID: the type in its upper 16 bits, then 24 bits of the LUID's own index
 * @param type IF_TYPE_* of IANA, such as {@link #IF_TYPE_ETHERNET_CSMACD}
 * @param tunnelType TUNNEL_TYPE_*, {@link #TUNNEL_TYPE_NONE} unless the type is {@link #IF_TYPE_TUNNEL}
 * @param subInterfaceIndex index of the sub-interface, 0 where there is none
 */
public record NetInterface(int index, long luid, int type, int tunnelType, int subInterfaceIndex) {

    /** Type of Ethernet and of what looks like it. */
    public static final int IF_TYPE_ETHERNET_CSMACD = 6;

    /** Type of the loopback interface. */
    public static final int IF_TYPE_SOFTWARE_LOOPBACK = 24;

    /** Type of tunnels, whose tunnel type tells which. */
    public static final int IF_TYPE_TUNNEL = 131;

    /** Tunnel type of what is no tunnel. */
    public static final int TUNNEL_TYPE_NONE = 0;

    private static final int TYPE_SHIFT = 48;
    private static final int LUID_INDEX_SHIFT = 24;
    private static final int FIRST_LUID_INDEX = 0x8000;

    /** No interface in particular, NET_IFLUID_UNSPECIFIED: what a wildcard address belongs to. */
    public static final NetInterface UNSPECIFIED = new NetInterface(0, 0, 0, TUNNEL_TYPE_NONE, 0);

    /** The loopback interface that every machine has. */
    public static final NetInterface LOOPBACK = of(IF_TYPE_SOFTWARE_LOOPBACK, 1, 0, TUNNEL_TYPE_NONE);

    /**
     * Describes an Ethernet interface.
     *
     * @param index its interface index, from 2, as loopback has 1
     * @return the interface, with a LUID made of the index
     * @throws IllegalArgumentException if the index is less than 2
     */
    public static NetInterface ethernet(int index) {
        return of(IF_TYPE_ETHERNET_CSMACD, requireOwn(index), FIRST_LUID_INDEX + index, TUNNEL_TYPE_NONE);
    }

    /**
     * Describes a tunnel, such as a VPN's.
     *
     * @param index its interface index, from 2
     * @param tunnelType TUNNEL_TYPE_*
     * @return the interface, with a LUID made of the index
     * @throws IllegalArgumentException if the index is less than 2
     */
    public static NetInterface tunnel(int index, int tunnelType) {
        return of(IF_TYPE_TUNNEL, requireOwn(index), FIRST_LUID_INDEX + index, tunnelType);
    }

    private static int requireOwn(int index) {
        if (index < 2) {
            throw new IllegalArgumentException("index must be at least 2, as loopback has 1: " + index);
        }
        return index;
    }

    private static NetInterface of(int type, int index, int luidIndex, int tunnelType) {
        long luid = ((long) type << TYPE_SHIFT) | ((long) luidIndex << LUID_INDEX_SHIFT);
        return new NetInterface(index, luid, type, tunnelType, 0);
    }
}
