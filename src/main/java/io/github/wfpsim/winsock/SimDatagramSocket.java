package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.ReceivedDatagram;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A UDP socket of a simulated process, for Java code that does not port C: exceptions, arrays, try-with-resources. A
 * proxy receives records with the packet that creates a flow, and sends them on with the first packet of its onward flow.
 *
 * <p>It adds no rule to {@link Winsock}, whose calls it makes with {@link #handle()}; both levels may be mixed. Every
 * failure is a {@link WinsockException}. Waiting, interrupting and thread safety are those of {@link Winsock}.
 */
public final class SimDatagramSocket implements AutoCloseable {

    private final Winsock winsock;
    private final SocketHandle handle;

    private SimDatagramSocket(Winsock winsock, SocketHandle handle) {
        this.winsock = winsock;
        this.handle = handle;
    }

    /** Switches on what this socket can get; a version of Windows without redirection has none of it. */
    static SimDatagramSocket withRecords(Winsock winsock, SocketHandle handle) {
        int before = winsock.wsaGetLastError();
        for (AncillaryType type : AncillaryType.values()) {
            winsock.setsockopt(handle, type.level().code(), type.code(), 1);
        }
        winsock.wsaSetLastError(before);
        return new SimDatagramSocket(winsock, handle);
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
    public SimDatagramSocket bind(InetSocketAddress local) throws WinsockException {
        Objects.requireNonNull(local, "local must not be null: give an address of the machine, port 0 for any");
        check(winsock.bind(handle, local), "bind", local);
        return this;
    }

    /**
     * Gives the socket its peer.
     *
     * @param peer the only one that it will hear, and where it sends to without a destination
     * @return this socket
     * @throws WinsockException with what {@link Winsock#connect} fails with
     */
    public SimDatagramSocket connect(InetSocketAddress peer) throws WinsockException {
        Objects.requireNonNull(peer, "peer must not be null: give the address to speak with");
        check(winsock.connect(handle, peer), "connect", peer);
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
        return Objects.requireNonNull(name.get(), "a call that succeeds fills its result");
    }

    /**
     * Sends a datagram to the peer.
     *
     * @param payload the bytes
     * @throws WinsockException with what {@link Winsock#send} fails with
     */
    public void send(byte[] payload) throws WinsockException {
        check(winsock.send(handle, wrap(payload), 0), "send", handle);
    }

    /**
     * Sends a datagram.
     *
     * @param payload the bytes
     * @param destination where to
     * @throws WinsockException with what {@link Winsock#sendto} fails with
     */
    public void send(byte[] payload, InetSocketAddress destination) throws WinsockException {
        ByteBuffer bytes = wrap(payload);
        check(winsock.sendto(handle, bytes, 0, requireDestination(destination)), "sendto", destination);
    }

    /**
     * Sends the first datagram of an onward flow, which ties it to the flow that the records came with (UDP-05). On a
     * later datagram of the flow they are ignored, with a diagnostic.
     *
     * @param payload the bytes
     * @param destination where to
     * @param redirectRecords what {@link SimDatagram#redirectRecords()} returned
     * @throws WinsockException with what {@link Winsock#wsaSendMsg} fails with
     */
    public void send(byte[] payload, InetSocketAddress destination, byte[] redirectRecords) throws WinsockException {
        Objects.requireNonNull(redirectRecords, "redirectRecords must not be null: call send without them instead");
        ByteBuffer bytes = wrap(payload);
        AddressFamily family = AddressFamily.of(
                IpAddress.unmap(requireDestination(destination)).getAddress());
        ControlMessage records = ControlMessage.of(AncillaryType.recordsOf(family), ByteBuffer.wrap(redirectRecords));
        WsaMsg message =
                new WsaMsg().setName(destination).setLpBuffers(bytes).setControl(ControlWriter.bufferOf(records));
        check(winsock.wsaSendMsg(handle, message, 0, new OutUlong()), Advice.SEND_RECORDS, destination);
    }

    private static ByteBuffer wrap(byte[] payload) {
        return ByteBuffer.wrap(Objects.requireNonNull(payload, "payload must not be null: give the bytes to send"));
    }

    private static InetSocketAddress requireDestination(InetSocketAddress destination) {
        return Objects.requireNonNull(destination, "destination must not be null: call send without it for the peer");
    }

    /**
     * Waits for a datagram and takes it, whole and with its control messages.
     *
     * @return the datagram
     * @throws WinsockException with what {@link LpfnWsaRecvMsg#wsaRecvMsg} fails with
     */
    public SimDatagram receive() throws WinsockException {
        return receive(true);
    }

    /**
     * Takes a datagram that waits already.
     *
     * @return the datagram; empty if none waits
     * @throws WinsockException with what {@link LpfnWsaRecvMsg#wsaRecvMsg} fails with otherwise
     */
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
        check(winsock.receive(handle, mayWait, received), "WSARecvMsg", handle);
        ReceivedDatagram datagram = Objects.requireNonNull(received.get(), "a call that succeeds fills its result");
        return new SimDatagram(datagram.source(), datagram.payload(), datagram.records(), datagram.context());
    }

    /**
     * Limits how long receiving waits, on the machine's clock.
     *
     * @param timeout the limit, rounded up to milliseconds; zero waits for ever
     * @throws IllegalArgumentException if it is negative or beyond a DWORD of milliseconds
     * @throws WinsockException with what setsockopt fails with
     */
    public void setSoTimeout(Duration timeout) throws WinsockException {
        int milliseconds = SimSocket.milliseconds(timeout);
        check(
                winsock.setsockopt(handle, Winsock.SOL_SOCKET, Winsock.SO_RCVTIMEO, milliseconds),
                "setsockopt SO_RCVTIMEO",
                handle);
    }

    /** Closes the socket; does nothing if it is closed. */
    @Override
    public void close() {
        int before = winsock.wsaGetLastError();
        winsock.closesocket(handle);
        winsock.wsaSetLastError(before);
    }

    private void check(int result, String call, Object subject) throws WinsockException {
        if (result == Winsock.SOCKET_ERROR) {
            throw winsock.failure(call, subject.toString());
        }
    }

    @Override
    public String toString() {
        return "SimDatagramSocket[" + handle + "]";
    }
}
