package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A TCP socket of the Java API: makes the calls of {@link Winsock}, and exceptions of what they fail with. */
final class TcpSocket implements SimSocket {

    /** Room that a query needs at least, sizeof(ULONG) (WSA-15). */
    private static final int LEAST_ROOM = 4;

    private static final int CHUNK_BYTES = 8192;

    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final ProcessWinsock winsock;
    private final SocketHandle handle;

    TcpSocket(ProcessWinsock winsock, SocketHandle handle) {
        this.winsock = winsock;
        this.handle = handle;
    }

    @Override
    public SocketHandle handle() {
        return handle;
    }

    @Override
    public SimSocket bind(InetSocketAddress local) throws WinsockException {
        Objects.requireNonNull(local, "local must not be null: give an address of the machine, port 0 for any");
        winsock.check(winsock.bind(handle, local), "bind", local);
        return this;
    }

    @Override
    public SimSocket listen() throws WinsockException {
        return listen(Winsock.SOMAXCONN);
    }

    @Override
    public SimSocket listen(int backlog) throws WinsockException {
        winsock.check(winsock.listen(handle, backlog), "listen", handle);
        return this;
    }

    @Override
    public SimSocket accept() throws WinsockException {
        SocketHandle accepted = winsock.accept(handle, null);
        if (accepted.equals(SocketHandle.INVALID_SOCKET)) {
            throw winsock.failure("accept", handle);
        }
        return new TcpSocket(winsock, accepted);
    }

    @Override
    public Optional<SimSocket> tryAccept() throws WinsockException {
        SocketHandle accepted = winsock.accept(handle, null, false);
        if (!accepted.equals(SocketHandle.INVALID_SOCKET)) {
            return Optional.of(new TcpSocket(winsock, accepted));
        }
        WinsockException failure = winsock.failure("accept", handle);
        if (failure.error() != Win32Error.WSAEWOULDBLOCK) {
            throw failure;
        }
        return Optional.empty();
    }

    @Override
    public SimSocket connect(InetSocketAddress destination) throws WinsockException {
        Objects.requireNonNull(destination, "destination must not be null: give the address to connect to");
        winsock.check(winsock.connect(handle, destination), Advice.CONNECT, destination);
        return this;
    }

    @Override
    public InetSocketAddress localAddress() throws WinsockException {
        Out<InetSocketAddress> name = Out.empty();
        winsock.check(winsock.getsockname(handle, name), "getsockname", handle);
        return present(name);
    }

    @Override
    public InetSocketAddress remoteAddress() throws WinsockException {
        Out<InetSocketAddress> name = Out.empty();
        winsock.check(winsock.getpeername(handle, name), "getpeername", handle);
        return present(name);
    }

    private static InetSocketAddress present(Out<InetSocketAddress> name) {
        return Objects.requireNonNull(name.get(), "a call that succeeds fills its result");
    }

    @Override
    public void send(byte[] bytes) throws WinsockException {
        Objects.requireNonNull(bytes, "bytes must not be null: give the bytes to send");
        send(ByteBuffer.wrap(bytes));
    }

    private void send(ByteBuffer bytes) throws WinsockException {
        do {
            winsock.check(winsock.send(handle, bytes, 0), "send", handle);
        } while (bytes.hasRemaining());
    }

    @Override
    public int receive(byte[] room) throws WinsockException {
        Objects.requireNonNull(room, "room must not be null: give an array to receive into");
        return receive(ByteBuffer.wrap(room));
    }

    private int receive(ByteBuffer room) throws WinsockException {
        if (!room.hasRemaining()) {
            return 0;
        }
        int count = winsock.recv(handle, room, 0);
        winsock.check(count, "recv", handle);
        return count == 0 ? -1 : count;
    }

    @Override
    public InputStream inputStream() {
        return new Input();
    }

    @Override
    public OutputStream outputStream() {
        return new Output();
    }

    @Override
    public String exchange(String request) throws WinsockException {
        Objects.requireNonNull(request, "request must not be null: give the text to send, empty for none");
        if (!request.isEmpty()) {
            send(request.getBytes(StandardCharsets.UTF_8));
        }
        shutdownOutput();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int read = receive(chunk); read >= 0; read = receive(chunk)) {
            answer.write(chunk, 0, read);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void shutdownOutput() throws WinsockException {
        winsock.check(winsock.shutdown(handle, ShutdownHow.SD_SEND.code()), "shutdown", handle);
    }

    @Override
    public void setSoTimeout(Duration timeout) throws WinsockException {
        winsock.check(
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

    @Override
    public Optional<byte[]> queryRedirectRecords() throws WinsockException {
        return asked(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, Advice.QUERY_RECORDS);
    }

    @Override
    public Optional<byte[]> queryRedirectContext() throws WinsockException {
        return asked(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT, Advice.QUERY_CONTEXT);
    }

    private Optional<byte[]> asked(ControlCode code, String call) throws WinsockException {
        byte[] data = query(code);
        if (data != null) {
            return Optional.of(data);
        }
        WinsockException failure = winsock.failure(call, handle);
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

    @Override
    public SimSocket setRedirectRecords(byte[] record) throws WinsockException {
        Objects.requireNonNull(record, "record must not be null: give what queryRedirectRecords returned");
        int code = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
        ByteBuffer in = ByteBuffer.wrap(record);
        winsock.check(
                winsock.wsaIoctl(handle, code, in, record.length, null, 0, new OutUlong()), Advice.SET_RECORDS, handle);
        return this;
    }

    @Override
    public void close() {
        winsock.closeQuietly(handle, false);
    }

    @Override
    public void abort() {
        winsock.closeQuietly(handle, true);
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
            TcpSocket.this.close();
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
            TcpSocket.this.close();
        }
    }
}
