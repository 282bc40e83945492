package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.Sockaddr;
import java.net.InetSocketAddress;
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

    Win32Error refusal(@Nullable ByteBuffer memory, AddressFamily family) {
        int least = OVERHEAD
                + (family == AddressFamily.AF_INET6 ? Sockaddr.SIZE_OF_SOCKADDR_IN6 : Sockaddr.SIZE_OF_SOCKADDR_IN);
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
        ByteBuffer sockaddr = Sockaddr.bytesOf(address);
        int size = sockaddr.remaining();
        room.order(ByteOrder.LITTLE_ENDIAN).putInt(0, size).put(Integer.BYTES, sockaddr, 0, size);
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
        if (size < 0 || size > block.remaining()) {
            throw foreign();
        }
        return Sockaddr.addressIn(block.limit(block.position() + size)).orElseThrow(this::foreign);
    }

    private IllegalArgumentException foreign() {
        return new IllegalArgumentException("no addresses of AcceptEx are there for the lengths " + dataLength + ", "
                + localLength + " and " + remoteLength + ": give the buffer and the lengths of a call that has ended");
    }
}
