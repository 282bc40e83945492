package io.github.wfpsim;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.iphlp.Iphlpapi;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.sockets.ProcessWinsock;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A simulated process: an id, an image, a token that a test may change, perhaps an AppContainer package, and its own
 * Winsock. Closing it ends the process and everything that it holds.
 *
 * <p>Equal if it is the same process of the same machine. Safe for use by many threads.
 *
 * <p>Requirements: WFP-11, WFP-12, WFP-13, REC-35 to REC-37.
 */
public final class SimProcess implements AutoCloseable {

    private final WfpSim machine;
    private final ProcessEntry entry;
    private final @Nullable ProcessWinsock winsock;

    /** Without a Winsock: System, whose sockets are those of drivers, or a process that has ended. */
    SimProcess(WfpSim machine, ProcessEntry entry) {
        this(machine, entry, null);
    }

    SimProcess(WfpSim machine, ProcessEntry entry, @Nullable ProcessWinsock winsock) {
        this.machine = machine;
        this.entry = entry;
        this.winsock = winsock;
    }

    /** {@return the process id, as localRedirectTargetPID takes it: a multiple of four, 4 for System} */
    public int id() {
        return entry.id();
    }

    /** {@return the path of the image as it was given} */
    public String imagePath() {
        return entry.imagePath();
    }

    /** {@return the last part of the image path, for messages} */
    public String imageName() {
        return entry.imageName();
    }

    /**
     * {@return the text of the application id that the filtering platform sees, ALE_APP_ID: the lower-case device path of
     * the image, such as {@code \\device\\harddiskvolume3\\apps\\app.exe}}
     */
    public String appId() {
        return entry.appId();
    }

    /** {@return the rights that it runs with now} */
    public Token token() {
        return entry.token();
    }

    /**
     * Changes the rights that the process runs with; checks that come later see the new ones.
     *
     * @param token the new token
     */
    public void setToken(Token token) {
        entry.setToken(token);
    }

    /** {@return the SID of the AppContainer package, ALE_PACKAGE_ID, or null if it runs in no AppContainer} */
    public @Nullable String packageSid() {
        return entry.packageSid();
    }

    /** {@return whether it has not ended yet} */
    public boolean isAlive() {
        return entry.isAlive();
    }

    /**
     * Hands out the process' user-mode sockets.
     *
     * @return its Winsock
     * @throws IllegalStateException for System, and for an ended process that a connection names
     */
    public Winsock winsock() {
        if (winsock == null) {
            throw new IllegalStateException(this
                    + (isAlive()
                            ? " has no user mode: its sockets are those of drivers, use KernelDriver.wsk()"
                            : " has ended: start another process"));
        }
        return winsock;
    }

    /** What it has pending ends with it. */
    void endCalls() {
        if (winsock != null) {
            winsock.processEnded();
        }
    }

    /**
     * Hands out the tables of the machine's TCP and UDP endpoints, by which a user-mode proxy finds its client's process.
     *
     * @return the calls of IP Helper; the same for every process of the machine
     */
    public Iphlpapi iphlpapi() {
        return machine.iphlpapi();
    }

    /**
     * Connects a new TCP socket of the family that the address has.
     *
     * @param destination where to, such as 203.0.113.10:80 or [2001:db8::10]:80; a callout may redirect it unseen
     * @return the connected socket
     * @throws WinsockException with what {@link Winsock#connect} fails with; the socket is closed then
     * @throws IllegalArgumentException if the text is no address with a port; the message says what to write
     */
    public SimSocket connect(String destination) throws WinsockException {
        InetSocketAddress address = IpAddress.parse(destination);
        SimSocket socket = winsock().tcpSocket(AddressFamily.of(address.getAddress()));
        return opened(socket, () -> socket.connect(address));
    }

    /**
     * Lets a new TCP socket of the family that the address has take connections.
     *
     * @param local where, such as 127.0.0.1:8080 or [::1]:8080; port 0 lets the machine choose
     * @return the listening socket
     * @throws WinsockException with what {@link Winsock#bind} or {@link Winsock#listen} fails with; the socket is closed
     *     then
     * @throws IllegalArgumentException if the text is no address with a port; the message says what to write
     */
    public SimSocket listen(String local) throws WinsockException {
        InetSocketAddress address = IpAddress.parse(local);
        SimSocket socket = winsock().tcpSocket(AddressFamily.of(address.getAddress()));
        return opened(socket, () -> socket.bind(address).listen());
    }

    /**
     * Gives a new UDP socket of the family that the address has its peer.
     *
     * @param peer whom to speak with, such as 203.0.113.53:53 or [2001:db8::53]:53; a callout may redirect it unseen
     * @return the connected socket
     * @throws WinsockException with what {@link Winsock#connect} fails with; the socket is closed then
     * @throws IllegalArgumentException if the text is no address with a port; the message says what to write
     */
    public SimDatagramSocket connectUdp(String peer) throws WinsockException {
        InetSocketAddress address = IpAddress.parse(peer);
        SimDatagramSocket socket = winsock().udpSocket(AddressFamily.of(address.getAddress()));
        return opened(socket, () -> socket.connect(address));
    }

    /**
     * Binds a new UDP socket of the family that the address has.
     *
     * @param local where, such as 127.0.0.1:5353 or [::1]:5353; port 0 lets the machine choose
     * @return the bound socket
     * @throws WinsockException with what {@link Winsock#bind} fails with; the socket is closed then
     * @throws IllegalArgumentException if the text is no address with a port; the message says what to write
     */
    public SimDatagramSocket bindUdp(String local) throws WinsockException {
        InetSocketAddress address = IpAddress.parse(local);
        SimDatagramSocket socket = winsock().udpSocket(AddressFamily.of(address.getAddress()));
        return opened(socket, () -> socket.bind(address));
    }

    /** What makes a socket ready for use. */
    @FunctionalInterface
    private interface Opening {
        void run() throws WinsockException;
    }

    /** Nobody would close a socket whose opening failed. */
    private static <S extends AutoCloseable> S opened(S socket, Opening opening) throws WinsockException {
        try {
            opening.run();
            return socket;
        } catch (WinsockException | RuntimeException failed) {
            closeQuietly(socket, failed);
            throw failed;
        }
    }

    private static void closeQuietly(AutoCloseable socket, Exception failed) {
        try {
            socket.close();
        } catch (Exception second) {
            failed.addSuppressed(second);
        }
    }

    /**
     * Puts a line into the story, as told by this process.
     *
     * @param text the line
     */
    public void note(String text) {
        machine.note(entry, text);
    }

    /**
     * Opens a session with the filter engine, which ends with the process.
     *
     * @param description what kind
     * @return the session; closing it ends it before
     */
    public Fwpm openEngine(FwpmSession description) {
        return machine.openEngine(entry, description);
    }

    /**
     * Ends the process: its connections are aborted. A second call does nothing.
     *
     * @throws IllegalArgumentException for System, which lives as long as the machine
     */
    @Override
    public void close() {
        machine.end(entry);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SimProcess process && process.entry == entry;
    }

    @Override
    public int hashCode() {
        return Objects.hash(entry.id(), entry.imagePath());
    }

    @Override
    public String toString() {
        return entry.toString();
    }
}
