package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How AcceptEx divides its output buffer: data, the local address, the peer's address. Each address is a length and a
 * sockaddr; Windows keeps its own form to itself.
 *
 * @param dataLength dwReceiveDataLength
 * @param localLength dwLocalAddressLength
 * @param remoteLength dwRemoteAddressLength
 */
record AcceptExBuffer(int dataLength, int localLength, int remoteLength) {

    /** What AcceptEx needs beside a sockaddr. */
    private static final int OVERHEAD = 16;

    private static final int SIZEOF_SOCKADDR_IN = 16;
    private static final int SIZEOF_SOCKADDR_IN6 = 28;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;

    Win32Error refusal(@Nullable ByteBuffer memory, AddressFamily family) {
        int least = OVERHEAD + (family == AddressFamily.AF_INET6 ? SIZEOF_SOCKADDR_IN6 : SIZEOF_SOCKADDR_IN);
        if (memory == null || memory.isReadOnly() || total() > memory.remaining()) {
            return Win32Error.WSAEFAULT;
        }
        return localLength < least || remoteLength < least ? Win32Error.WSAEINVAL : Win32Error.NO_ERROR;
    }

    private long total() {
        return Integer.toUnsignedLong(dataLength)
                + Integer.toUnsignedLong(localLength)
                + Integer.toUnsignedLong(remoteLength);
    }

    /** What came goes into the memory, once it was judged. */
    OverlappedConnections.Arrival arrivalIn(ByteBuffer memory) {
        ByteBuffer data = memory.slice(memory.position(), dataLength);
        ByteBuffer local = memory.slice(memory.position() + dataLength, localLength);
        ByteBuffer remote = memory.slice(memory.position() + dataLength + localLength, remoteLength);
        return new OverlappedConnections.Arrival(data, (here, there) -> {
            store(local, here);
            store(remote, there);
        });
    }

    private static void store(ByteBuffer room, InetSocketAddress address) {
        boolean six = address.getAddress() instanceof Inet6Address;
        room.order(ByteOrder.LITTLE_ENDIAN).putInt(0, six ? SIZEOF_SOCKADDR_IN6 : SIZEOF_SOCKADDR_IN);
        ByteBuffer sockaddr = room.duplicate().position(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        sockaddr.putShort((short) (six ? AddressFamily.AF_INET6 : AddressFamily.AF_INET).code());
        sockaddr.order(ByteOrder.BIG_ENDIAN).putShort((short) address.getPort());
        if (six) {
            sockaddr.putInt(0);
        }
        sockaddr.put(address.getAddress().getAddress());
    }

    void read(ByteBuffer memory, Out<InetSocketAddress> local, Out<InetSocketAddress> remote) {
        Objects.requireNonNull(memory, "lpOutputBuffer must not be null: give the buffer of AcceptEx");
        Objects.requireNonNull(local, "localSockaddr must not be null: give an Out");
        Objects.requireNonNull(remote, "remoteSockaddr must not be null: give an Out");
        boolean lengths = dataLength >= 0 && localLength >= 0 && remoteLength >= 0 && total() <= memory.remaining();
        if (!lengths) {
            throw foreign();
        }
        int start = memory.position() + dataLength;
        InetSocketAddress here = address(memory.slice(start, localLength));
        InetSocketAddress there = address(memory.slice(start + localLength, remoteLength));
        local.set(here);
        remote.set(there);
    }

    private InetSocketAddress address(ByteBuffer room) {
        ByteBuffer block = room.order(ByteOrder.LITTLE_ENDIAN);
        int size = block.remaining() < Integer.BYTES ? 0 : block.getInt();
        boolean known = size == SIZEOF_SOCKADDR_IN || size == SIZEOF_SOCKADDR_IN6;
        if (!known || size > block.remaining()) {
            throw foreign();
        }
        boolean six = size == SIZEOF_SOCKADDR_IN6;
        block.getShort();
        int port = Short.toUnsignedInt(block.order(ByteOrder.BIG_ENDIAN).getShort());
        byte[] bytes = new byte[six ? V6_BYTES : V4_BYTES];
        block.position(block.position() + (six ? Integer.BYTES : 0)).get(bytes);
        try {
            // Not InetAddress.getByAddress for IPv6, which turns v4-mapped addresses into IPv4.
            InetAddress address = six ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("the size of an address is right", impossible);
        }
    }

    private IllegalArgumentException foreign() {
        return new IllegalArgumentException("no addresses of AcceptEx are there for the lengths " + dataLength + ", "
                + localLength + " and " + remoteLength + ": give the buffer and the lengths of a call that has ended");
    }
}
