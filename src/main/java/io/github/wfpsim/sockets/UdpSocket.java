package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import io.github.wfpsim.winsock.WsaMsg;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A UDP socket of the Java API: makes the calls of {@link Winsock}, and exceptions of what they fail with. */
final class UdpSocket implements SimDatagramSocket {

    private final ProcessWinsock winsock;
    private final SocketHandle handle;

    private UdpSocket(ProcessWinsock winsock, SocketHandle handle) {
        this.winsock = winsock;
        this.handle = handle;
    }

    /** Switches on what this socket can get; a version of Windows without redirection has none of it. */
    static UdpSocket withRecords(ProcessWinsock winsock, SocketHandle handle) {
        int before = winsock.wsaGetLastError();
        for (AncillaryType type : AncillaryType.values()) {
            winsock.setsockopt(handle, type.level().code(), type.code(), 1);
        }
        winsock.wsaSetLastError(before);
        return new UdpSocket(winsock, handle);
    }

    @Override
    public SocketHandle handle() {
        return handle;
    }

    @Override
    public SimDatagramSocket bind(InetSocketAddress local) throws WinsockException {
        Objects.requireNonNull(local, "local must not be null: give an address of the machine, port 0 for any");
        winsock.check(winsock.bind(handle, local), "bind", local);
        return this;
    }

    @Override
    public SimDatagramSocket connect(InetSocketAddress peer) throws WinsockException {
        Objects.requireNonNull(peer, "peer must not be null: give the address to speak with");
        winsock.check(winsock.connect(handle, peer), Advice.CONNECT, peer);
        return this;
    }

    @Override
    public InetSocketAddress localAddress() throws WinsockException {
        Out<InetSocketAddress> name = Out.empty();
        winsock.check(winsock.getsockname(handle, name), "getsockname", handle);
        return Objects.requireNonNull(name.get(), "a call that succeeds fills its result");
    }

    @Override
    public void send(byte[] payload) throws WinsockException {
        winsock.check(winsock.send(handle, wrap(payload), 0), "send", handle);
    }

    @Override
    public void send(byte[] payload, InetSocketAddress destination) throws WinsockException {
        ByteBuffer bytes = wrap(payload);
        winsock.check(winsock.sendto(handle, bytes, 0, requireDestination(destination)), Advice.SENDTO, destination);
    }

    @Override
    public void send(byte[] payload, InetSocketAddress destination, byte[] redirectRecords) throws WinsockException {
        Objects.requireNonNull(redirectRecords, "redirectRecords must not be null: call send without them instead");
        ByteBuffer bytes = wrap(payload);
        AddressFamily family = AddressFamily.of(
                IpAddress.unmap(requireDestination(destination)).getAddress());
        ControlMessage records = ControlMessage.of(AncillaryType.recordsOf(family), ByteBuffer.wrap(redirectRecords));
        WsaMsg message =
                new WsaMsg().setName(destination).setLpBuffers(bytes).setControl(ControlWriter.bufferOf(records));
        winsock.check(winsock.wsaSendMsg(handle, message, 0, new OutUlong()), Advice.SEND_RECORDS, destination);
    }

    private static ByteBuffer wrap(byte[] payload) {
        return ByteBuffer.wrap(Objects.requireNonNull(payload, "payload must not be null: give the bytes to send"));
    }

    private static InetSocketAddress requireDestination(InetSocketAddress destination) {
        return Objects.requireNonNull(destination, "destination must not be null: call send without it for the peer");
    }

    @Override
    public String exchange(String request) throws WinsockException {
        Objects.requireNonNull(request, "request must not be null: give the text to send, empty for none");
        send(request.getBytes(StandardCharsets.UTF_8));
        return new String(receive().payload(), StandardCharsets.UTF_8);
    }

    @Override
    public SimDatagram receive() throws WinsockException {
        return receive(true);
    }

    @Override
    public Optional<SimDatagram> tryReceive() throws WinsockException {
        int before = winsock.wsaGetLastError();
        try {
            return Optional.of(receive(false));
        } catch (WinsockException failure) {
            if (failure.error() != Win32Error.WSAEWOULDBLOCK) {
                throw failure;
            }
            winsock.wsaSetLastError(before);
            return Optional.empty();
        }
    }

    private SimDatagram receive(boolean mayWait) throws WinsockException {
        Out<ReceivedDatagram> received = Out.empty();
        winsock.check(winsock.receive(handle, mayWait, received), "WSARecvMsg", handle);
        ReceivedDatagram datagram = Objects.requireNonNull(received.get(), "a call that succeeds fills its result");
        return new SimDatagram(
                datagram.source(),
                bytesOf(datagram.payload()),
                bytesOrNull(datagram.records()),
                bytesOrNull(datagram.context()));
    }

    private static byte @Nullable [] bytesOrNull(@Nullable ByteBuffer buffer) {
        return buffer == null ? null : bytesOf(buffer);
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Override
    public void setSoTimeout(Duration timeout) throws WinsockException {
        int milliseconds = TcpSocket.milliseconds(timeout);
        winsock.check(
                winsock.setsockopt(handle, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, milliseconds),
                "setsockopt SO_RCVTIMEO",
                handle);
    }

    @Override
    public void close() {
        int before = winsock.wsaGetLastError();
        winsock.closesocket(handle);
        winsock.wsaSetLastError(before);
    }

    @Override
    public String toString() {
        return "SimDatagramSocket[" + handle + "]";
    }
}
