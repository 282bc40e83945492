package io.github.wfpsim.winsock;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A UDP socket of a simulated process, for Java code that does not port C: exceptions, arrays, try-with-resources. A
 * proxy receives records with the packet that creates a flow, and sends them on with the first packet of its onward flow.
 *
 * <p>It adds no rule to {@link Winsock}, whose calls it makes with {@link #handle()}; both levels may be mixed. Every
 * failure is a {@link WinsockException}. Waiting, interrupting and thread safety are those of {@link Winsock}.
 */
public interface SimDatagramSocket extends AutoCloseable {

    /** {@return the descriptor, for use with the faithful calls} */
    SocketHandle handle();

    /**
     * Gives the socket its local address.
     *
     * @param local the address; port 0 lets the machine choose
     * @return this socket
     * @throws WinsockException with what {@link Winsock#bind} fails with
     */
    SimDatagramSocket bind(InetSocketAddress local) throws WinsockException;

    /**
     * Gives the socket its peer.
     *
     * @param peer the only one that it will hear, and where it sends to without a destination
     * @return this socket
     * @throws WinsockException with what {@link Winsock#connect} fails with
     */
    SimDatagramSocket connect(InetSocketAddress peer) throws WinsockException;

    /**
     * Tells the local address.
     *
     * @return the address
     * @throws WinsockException with {@code WSAEINVAL} if the socket is not bound
     */
    InetSocketAddress localAddress() throws WinsockException;

    /**
     * Sends a datagram to the peer.
     *
     * @param payload the bytes
     * @throws WinsockException with what {@link Winsock#send} fails with
     */
    void send(byte[] payload) throws WinsockException;

    /**
     * Sends a datagram.
     *
     * @param payload the bytes
     * @param destination where to
     * @throws WinsockException with what {@link Winsock#sendto} fails with
     */
    void send(byte[] payload, InetSocketAddress destination) throws WinsockException;

    /**
     * Sends the first datagram of an onward flow, which ties it to the flow that the records came with (UDP-05). On a
     * later datagram of the flow they are ignored, with a diagnostic.
     *
     * @param payload the bytes
     * @param destination where to
     * @param redirectRecords what {@link SimDatagram#redirectRecords()} returned
     * @throws WinsockException with what {@link Winsock#wsaSendMsg} fails with
     */
    void send(byte[] payload, InetSocketAddress destination, byte[] redirectRecords) throws WinsockException;

    /**
     * Asks the peer and hears the answer: sends the text in UTF-8 as one datagram, and takes the next one that comes.
     *
     * @param request what to ask
     * @return the payload of that one datagram, read as UTF-8
     * @throws WinsockException with what {@link #send(byte[])} or {@link #receive()} fails with
     */
    String exchange(String request) throws WinsockException;

    /**
     * Waits for a datagram and takes it, whole and with its control messages.
     *
     * @return the datagram
     * @throws WinsockException with what {@link LpfnWsaRecvMsg#wsaRecvMsg} fails with
     */
    SimDatagram receive() throws WinsockException;

    /**
     * Takes a datagram that waits already.
     *
     * @return the datagram; empty if none waits
     * @throws WinsockException with what {@link LpfnWsaRecvMsg#wsaRecvMsg} fails with otherwise
     */
    Optional<SimDatagram> tryReceive() throws WinsockException;

    /**
     * Limits how long receiving waits, on the machine's clock.
     *
     * @param timeout the limit, rounded up to milliseconds; zero waits for ever
     * @throws IllegalArgumentException if it is negative or beyond a DWORD of milliseconds
     * @throws WinsockException with what setsockopt fails with
     */
    void setSoTimeout(Duration timeout) throws WinsockException;

    /** Closes the socket; does nothing if it is closed. */
    @Override
    void close();
}
