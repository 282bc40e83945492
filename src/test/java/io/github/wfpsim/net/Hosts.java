package io.github.wfpsim.net;

import io.github.wfpsim.abi.AddressFamily;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses of tests; none is ever looked up. */
public final class Hosts {

    private Hosts() {}

    /** The address that a text of digits stands for. */
    public static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException notLiteral) {
            throw new AssertionError(notLiteral);
        }
    }

    /** One of 254 documentation addresses of a family. */
    public static InetAddress host(AddressFamily family, int number) {
        return literal((family == AddressFamily.AF_INET ? "192.0.2." : "2001:db8::") + number);
    }

    /** A documentation address with port. */
    public static InetSocketAddress at(AddressFamily family, int number, int port) {
        return new InetSocketAddress(host(family, number), port);
    }
}
