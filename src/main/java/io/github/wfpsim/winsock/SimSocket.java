package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket of a simulated process, for Java code that does not port C: exceptions, streams, try-with-resources.
 *
 * <p>It adds no rule to {@link Winsock}, whose calls it makes with {@link #handle()}; both levels may be mixed. Every
 * failure is a {@link WinsockException}. Waiting, interrupting and thread safety are those of {@link Winsock}.
 */
public final class SimSocket implements AutoCloseable {

    /** Room that a query needs at least, sizeof(ULONG) (WSA-15). */
    private static final int LEAST_ROOM = 4;

    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final Winsock winsock;
    private final SocketHandle handle;

    SimSocket(Winsock winsock, SocketHandle handle) {
        this.winsock = winsock;
        this.handle = handle;
    }

    /**
     * Tells the descriptor, for use with the faithful calls.
     *
     * @return the handle
     */
    public SocketHandle handle() {
        return handle;
    }

    /**
     * Gives the socket its local address.
     *
     * @param local the address; port 0 lets the machine choose
     * @return this socket
     * @throws WinsockException with what {@link Winsock#bind} fails with
     */
    public SimSocket bind(InetSocketAddress local) throws WinsockException {
        Objects.requireNonNull(local, "local must not be null: give an address of the machine, port 0 for any");
        check(winsock.bind(handle, local), "bind", local);
        return this;
    }

    /**
     * Lets the bound socket take connections, with the machine's choice of backlog.
     *
     * @return this socket
     * @throws WinsockException with what {@link Winsock#listen} fails with
     */
    public SimSocket listen() throws WinsockException {
        return listen(Winsock.SOMAXCONN);
    }

    /**
     * Lets the bound socket take connections.
     *
     * @param backlog how many may wait
     * @return this socket
     * @throws WinsockException with what {@link Winsock#listen} fails with
     */
    public SimSocket listen(int backlog) throws WinsockException {
        check(winsock.listen(handle, backlog), "listen", handle);
        return this;
    }

    /**
     * Waits for a connection and takes it. The wait has no limit of time: closing the socket or interrupting the
     * thread ends it.
     *
     * @return the socket of the connection
     * @throws WinsockException with what {@link Winsock#accept} fails with
     */
    public SimSocket accept() throws WinsockException {
        SocketHandle accepted = winsock.accept(handle, null);
        if (accepted.equals(SocketHandle.INVALID_SOCKET)) {
            throw winsock.failure("accept", handle.toString());
        }
        return new SimSocket(winsock, accepted);
    }

    /**
     * Takes a connection that waits already. A connect has put its connection here before it returns, so a test that
     * expects one does not have to wait.
     *
     * @return the socket of the connection; empty if none waits
     * @throws WinsockException with what {@link Winsock#accept} fails with otherwise
     */
    public Optional<SimSocket> tryAccept() throws WinsockException {
        SocketHandle accepted = winsock.accept(handle, null, false);
        if (!accepted.equals(SocketHandle.INVALID_SOCKET)) {
            return Optional.of(new SimSocket(winsock, accepted));
        }
        WinsockException failure = winsock.failure("accept", handle.toString());
        if (failure.error() != Win32Error.WSAEWOULDBLOCK) {
            throw failure;
        }
        return Optional.empty();
    }

    /**
     * Connects the socket.
     *
     * @param destination where to; a callout may redirect it elsewhere unseen
     * @return this socket
     * @throws WinsockException with what {@link Winsock#connect} fails with
     */
    public SimSocket connect(InetSocketAddress destination) throws WinsockException {
        Objects.requireNonNull(destination, "destination must not be null: give the address to connect to");
        check(winsock.connect(handle, destination), "connect", destination);
        return this;
    }

    /**
     * Tells the local address.
     *
     * @return the address
     * @throws WinsockException with {@code WSAEINVAL} if the socket is not bound
     */
    public InetSocketAddress localAddress() throws WinsockException {
        Out<InetSocketAddress> name = Out.empty();
        check(winsock.getsockname(handle, name), "getsockname", handle);
        return present(name);
    }

    /**
     * Tells the peer's address: what a redirected client asked for, and at the proxy the client.
     *
     * @return the address
     * @throws WinsockException with {@code WSAENOTCONN} if the socket is not connected
     */
    public InetSocketAddress remoteAddress() throws WinsockException {
        Out<InetSocketAddress> name = Out.empty();
        check(winsock.getpeername(handle, name), "getpeername", handle);
        return present(name);
    }

    private static InetSocketAddress present(Out<InetSocketAddress> name) {
        return Objects.requireNonNull(name.get(), "a call that succeeds fills its result");
    }

    /**
     * Sends all bytes.
     *
     * @param bytes what to send
     * @throws WinsockException with what {@link Winsock#send} fails with
     */
    public void send(byte[] bytes) throws WinsockException {
        Objects.requireNonNull(bytes, "bytes must not be null: give the bytes to send");
        send(ByteBuffer.wrap(bytes));
    }

    private void send(ByteBuffer bytes) throws WinsockException {
        do {
            check(winsock.send(handle, bytes, 0), "send", handle);
        } while (bytes.hasRemaining());
    }

    /**
     * Waits for bytes and receives as many as are there and fit.
     *
     * @param room receives the bytes from index 0 on
     * @return their number, or -1 at the end of the stream, as {@link InputStream#read(byte[])}
     * @throws WinsockException with what {@link Winsock#recv} fails with
     */
    public int receive(byte[] room) throws WinsockException {
        Objects.requireNonNull(room, "room must not be null: give an array to receive into");
        return receive(ByteBuffer.wrap(room));
    }

    private int receive(ByteBuffer room) throws WinsockException {
        if (!room.hasRemaining()) {
            return 0;
        }
        int count = winsock.recv(handle, room, 0);
        check(count, "recv", handle);
        return count == 0 ? -1 : count;
    }

    /**
     * Offers the receiving direction as a stream; closing it closes the socket.
     *
     * @return a stream that fails with {@link WinsockException}
     */
    public InputStream inputStream() {
        return new Input();
    }

    /**
     * Offers the sending direction as a stream; closing it closes the socket. It does not buffer.
     *
     * @return a stream that fails with {@link WinsockException}
     */
    public OutputStream outputStream() {
        return new Output();
    }

    /**
     * Ends the sending direction; the peer reads to the end of the stream.
     *
     * @throws WinsockException with what {@link Winsock#shutdown} fails with
     */
    public void shutdownOutput() throws WinsockException {
        check(winsock.shutdown(handle, ShutdownHow.SD_SEND.code()), "shutdown", handle);
    }

    /**
     * Limits how long receiving waits, on the machine's clock.
     *
     * @param timeout the limit, rounded up to milliseconds; zero waits for ever
     * @throws IllegalArgumentException if it is negative or beyond a DWORD of milliseconds
     * @throws WinsockException with what setsockopt fails with
     */
    public void setSoTimeout(Duration timeout) throws WinsockException {
        check(
                winsock.setsockopt(handle, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, milliseconds(timeout)),
                "setsockopt SO_RCVTIMEO",
                handle);
    }

    /** Makes a DWORD of milliseconds, rounded up. */
    static int milliseconds(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout must not be null: give Duration.ZERO to wait for ever");
        boolean representable = !timeout.isNegative() && timeout.compareTo(Duration.ofMillis(0xFFFF_FFFFL)) <= 0;
        if (!representable) {
            throw new IllegalArgumentException(
                    "timeout " + timeout + " is not between 0 and 2^32-1 ms: give Duration.ZERO to wait for ever");
        }
        return (int) timeout.plusNanos(999_999).toMillis();
    }

    /**
     * Fetches the redirect record of an accepted connection: asks for the length, then for the bytes (WSA-13). Only the
     * process that the redirect named may (REC-35).
     *
     * @return the record, to be handed unchanged to {@link #setRedirectRecords} of the onward socket
     * @throws WinsockException {@code FWP_E_NOT_FOUND} if the connection was not redirected, otherwise with what
     *     {@link Winsock#wsaIoctl} fails with
     */
    public byte[] queryRedirectRecords() throws WinsockException {
        byte[] record = query(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS);
        if (record == null) {
            throw winsock.failure(Advice.QUERY_RECORDS, handle.toString());
        }
        return record;
    }

    /**
     * Fetches the context that the callout attached to the redirect.
     *
     * @return the bytes; empty if there is no context, or no redirect
     * @throws WinsockException with what {@link Winsock#wsaIoctl} fails with otherwise
     */
    public Optional<byte[]> queryRedirectContext() throws WinsockException {
        byte[] context = query(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT);
        if (context != null) {
            return Optional.of(context);
        }
        WinsockException failure = winsock.failure(Advice.QUERY_CONTEXT, handle.toString());
        if (failure.error() != winsock.notFoundError()) {
            throw failure;
        }
        return Optional.empty();
    }

    /** Asks with room for nothing, then with what is needed; null after a failure, whose code is the last error. */
    private byte @Nullable [] query(ControlCode code) {
        OutUlong size = new OutUlong();
        ByteBuffer room = NO_ROOM;
        while (winsock.wsaIoctl(handle, code.code(), null, 0, room, room.capacity(), size) != 0) {
            // A length in the count says "too small" in both profiles; one that fits already would be another failure.
            int needed = Math.max(LEAST_ROOM, size.value());
            if (size.value() == 0 || needed <= room.capacity()) {
                return null;
            }
            room = ByteBuffer.allocate(needed);
        }
        byte[] data = room.array();
        return size.value() == data.length ? data : Arrays.copyOf(data, size.value());
    }

    /**
     * Hands the record of an accepted connection to this socket, which will continue the flow; before bind and connect.
     *
     * @param record what {@link #queryRedirectRecords()} returned
     * @return this socket
     * @throws WinsockException with what {@link Winsock#wsaIoctl} fails with
     */
    public SimSocket setRedirectRecords(byte[] record) throws WinsockException {
        Objects.requireNonNull(record, "record must not be null: give what queryRedirectRecords returned");
        int code = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
        ByteBuffer in = ByteBuffer.wrap(record);
        check(winsock.wsaIoctl(handle, code, in, record.length, null, 0, new OutUlong()), Advice.SET_RECORDS, handle);
        return this;
    }

    /** Closes the socket gracefully; does nothing if it is closed. */
    @Override
    public void close() {
        winsock.closeQuietly(handle, false);
    }

    /** Throws the connection away, so that the peer sees a reset; does nothing if the socket is closed. */
    public void abort() {
        winsock.closeQuietly(handle, true);
    }

    private static String said(InetSocketAddress address) {
        return address.isUnresolved() ? address.toString() : IpAddress.text(address);
    }

    private void check(int result, String call, Object subject) throws WinsockException {
        if (result == Winsock.SOCKET_ERROR) {
            throw winsock.failure(
                    call, subject instanceof InetSocketAddress address ? said(address) : subject.toString());
        }
    }

    @Override
    public String toString() {
        return "SimSocket[" + handle + "]";
    }

    /** The receiving direction. */
    private final class Input extends InputStream {

        @Override
        public int read() throws WinsockException {
            byte[] one = new byte[1];
            return receive(one) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws WinsockException {
            return receive(ByteBuffer.wrap(bytes, offset, length));
        }

        @Override
        public void close() {
            SimSocket.this.close();
        }
    }

    /** The sending direction. */
    private final class Output extends OutputStream {

        @Override
        public void write(int oneByte) throws WinsockException {
            send(new byte[] {(byte) oneByte});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws WinsockException {
            if (length > 0) {
                send(ByteBuffer.wrap(bytes, offset, length));
            }
        }

        @Override
        public void close() {
            SimSocket.this.close();
        }
    }
}
