package io.github.wfpsim.winsock;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A TCP socket of a simulated process, for Java code that does not port C: exceptions, streams, try-with-resources.
 *
 * <p>It adds no rule to {@link Winsock}, whose calls it makes with {@link #handle()}; both levels may be mixed. Every
 * failure is a {@link WinsockException}. Waiting, interrupting and thread safety are those of {@link Winsock}.
 */
public interface SimSocket extends AutoCloseable {

    /** {@return the descriptor, for use with the faithful calls} */
    SocketHandle handle();

    /**
     * Gives the socket its local address.
     *
     * @param local the address; port 0 lets the machine choose
     * @return this socket
     * @throws WinsockException with what {@link Winsock#bind} fails with
     */
    SimSocket bind(InetSocketAddress local) throws WinsockException;

    /**
     * Lets the bound socket take connections, with the machine's choice of backlog.
     *
     * @return this socket
     * @throws WinsockException with what {@link Winsock#listen} fails with
     */
    SimSocket listen() throws WinsockException;

    /**
     * Lets the bound socket take connections.
     *
     * @param backlog how many may wait
     * @return this socket
     * @throws WinsockException with what {@link Winsock#listen} fails with
     */
    SimSocket listen(int backlog) throws WinsockException;

    /**
     * Waits for a connection and takes it. The wait has no limit of time: closing the socket or interrupting the
     * thread ends it.
     *
     * @return the socket of the connection
     * @throws WinsockException with what {@link Winsock#accept} fails with
     */
    SimSocket accept() throws WinsockException;

    /**
     * Takes a connection that waits already. A connect has put its connection here before it returns, so a test that
     * expects one does not have to wait.
     *
     * @return the socket of the connection; empty if none waits
     * @throws WinsockException with what {@link Winsock#accept} fails with otherwise
     */
    Optional<SimSocket> tryAccept() throws WinsockException;

    /**
     * Connects the socket.
     *
     * @param destination where to; a callout may redirect it elsewhere unseen
     * @return this socket
     * @throws WinsockException with what {@link Winsock#connect} fails with
     */
    SimSocket connect(InetSocketAddress destination) throws WinsockException;

    /**
     * Tells the local address.
     *
     * @return the address
     * @throws WinsockException with {@code WSAEINVAL} if the socket is not bound
     */
    InetSocketAddress localAddress() throws WinsockException;

    /**
     * Tells the peer's address: what a redirected client asked for, and at the proxy the client.
     *
     * @return the address
     * @throws WinsockException with {@code WSAENOTCONN} if the socket is not connected
     */
    InetSocketAddress remoteAddress() throws WinsockException;

    /**
     * Sends all bytes.
     *
     * @param bytes what to send
     * @throws WinsockException with what {@link Winsock#send} fails with
     */
    void send(byte[] bytes) throws WinsockException;

    /**
     * Waits for bytes and receives as many as are there and fit.
     *
     * @param room receives the bytes from index 0 on
     * @return their number, or -1 at the end of the stream, as {@link InputStream#read(byte[])}
     * @throws WinsockException with what {@link Winsock#recv} fails with
     */
    int receive(byte[] room) throws WinsockException;

    /**
     * {@return the receiving direction as a stream that fails with {@link WinsockException}; closing it closes the
     * socket}
     */
    InputStream inputStream();

    /**
     * {@return the sending direction as a stream that fails with {@link WinsockException}; closing it closes the
     * socket} It does not buffer.
     */
    OutputStream outputStream();

    /**
     * Says something and hears the answer: sends the text in UTF-8, ends the sending direction, and reads until the peer
     * has ended its own. So it serves once for each connection; it waits as long as the peer leaves its direction open.
     *
     * @param request what to say
     * @return all that the peer sent until it ended its direction, read as UTF-8
     * @throws WinsockException with what {@link Winsock#send}, {@link Winsock#shutdown} or {@link Winsock#recv} fails
     *     with, such as {@code WSAECONNRESET} if the peer resets the connection, whatever was received before
     */
    String exchange(String request) throws WinsockException;

    /**
     * Ends the sending direction; the peer reads to the end of the stream.
     *
     * @throws WinsockException with what {@link Winsock#shutdown} fails with
     */
    void shutdownOutput() throws WinsockException;

    /**
     * Limits how long receiving waits, on the machine's clock.
     *
     * @param timeout the limit, rounded up to milliseconds; zero waits for ever
     * @throws IllegalArgumentException if it is negative or beyond a DWORD of milliseconds
     * @throws WinsockException with what setsockopt fails with
     */
    void setSoTimeout(Duration timeout) throws WinsockException;

    /**
     * Fetches the redirect record of an accepted connection: asks for the length, then for the bytes (WSA-13). Only the
     * process that the redirect named may (REC-35).
     *
     * @return the record, to be handed unchanged to {@link #setRedirectRecords} of the onward socket; empty if the
     *     connection was not redirected
     * @throws WinsockException with what {@link Winsock#wsaIoctl} fails with otherwise
     */
    Optional<byte[]> queryRedirectRecords() throws WinsockException;

    /**
     * Fetches the context that the callout attached to the redirect.
     *
     * @return the bytes; empty if there is no context, or no redirect
     * @throws WinsockException with what {@link Winsock#wsaIoctl} fails with otherwise
     */
    Optional<byte[]> queryRedirectContext() throws WinsockException;

    /**
     * Hands the record of an accepted connection to this socket, which will continue the flow; before bind and connect.
     *
     * @param record what {@link #queryRedirectRecords()} returned
     * @return this socket
     * @throws WinsockException with what {@link Winsock#wsaIoctl} fails with
     */
    SimSocket setRedirectRecords(byte[] record) throws WinsockException;

    /** Closes the socket gracefully; does nothing if it is closed. */
    @Override
    void close();

    /** Throws the connection away, so that the peer sees a reset; does nothing if the socket is closed. */
    void abort();
}
