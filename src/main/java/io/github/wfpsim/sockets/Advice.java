package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;

/** Says in one sentence what usually causes an error, and what helps. Nothing depends on the wording. */
final class Advice {

    /** Name of the ioctl behind {@link SimSocket#queryRedirectRecords()}. */
    static final String QUERY_RECORDS = "SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS";

    /** Name of the ioctl behind {@link SimSocket#queryRedirectContext()}. */
    static final String QUERY_CONTEXT = "SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT";

    /** Name of the ioctl behind {@link SimSocket#setRedirectRecords(byte[])}. */
    static final String SET_RECORDS = "SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS";

    /** Name of the call behind {@link SimDatagramSocket#send(byte[], java.net.InetSocketAddress, byte[])}. */
    static final String SEND_RECORDS = "WSASendMsg with redirect records";

    static final String CONNECT = "connect";
    static final String SENDTO = "sendto";

    private static final String DO_NOT_GO_TOGETHER =
            "source and destination do not go together, as loopback and another address, or IPv4 and a socket with "
                    + "IPV6_V6ONLY; give addresses that fit, bind to none, and look into the trace for a redirect";

    private Advice() {}

    /** A failure whose message names call, error, cause and remedy. */
    static WinsockException failure(String call, String subject, Win32Error error) {
        return new WinsockException(
                call + " " + subject + " failed with " + error + " (" + code(error) + "): " + on(call, error), error);
    }

    /** Socket errors are known by their decimal number, FWP_E_* codes by their hexadecimal one. */
    private static String code(Win32Error error) {
        return error.code() < 0 ? String.format("0x%08X", error.code()) : String.valueOf(error.code());
    }

    static String on(String call, Win32Error error) {
        return switch (call) {
            case QUERY_RECORDS, QUERY_CONTEXT -> onQuery(error);
            case SET_RECORDS -> onSet(error);
            case SEND_RECORDS -> onSendRecords(error);
            case CONNECT, SENDTO -> onDestination(error);
            default -> onSocket(error);
        };
    }

    private static String onQuery(Win32Error error) {
        return switch (error) {
            case FWP_E_NOT_FOUND, ERROR_NOT_FOUND, WSAEINVAL ->
                "nothing redirected this connection to its acceptor, or the redirect has no context; "
                        + "ask the accepted socket, and look into the trace for the redirect";
            case WSAEACCES ->
                "this process is not the one that the callout named in localRedirectTargetPID, see diagnostic "
                        + "REDIRECT_CONTROL_DENIED; name it there, "
                        + "or open the host with queryAccess=ANY_LOCAL_PROCESS";
            default -> onSocket(error);
        };
    }

    private static String onSet(Win32Error error) {
        return switch (error) {
            case WSAEINVAL ->
                "records are set on a TCP socket before bind and connect, and are never empty; "
                        + "set them right after creating the socket, unchanged";
            case WSAEACCES ->
                "the process is not elevated, or the bytes are not a record that this machine issued to this process; "
                        + "elevate it and pass on exactly what the query returned";
            default -> onSocket(error);
        };
    }

    private static String onSendRecords(Win32Error error) {
        return switch (error) {
            case WSAEADDRNOTAVAIL -> onDestination(error);
            case WSAEINVAL -> "the records are empty or their lengths overflow; pass on exactly what was received";
            case WSAEACCES ->
                "a filter or callout blocks it, the process is not elevated, or the bytes are not a record that this "
                        + "machine issued to this process; elevate it and pass on exactly what was received";
            default -> onSocket(error);
        };
    }

    /** What is wrong with an address there is where it goes, not where the socket is bound. */
    private static String onDestination(Win32Error error) {
        return error == Win32Error.WSAEADDRNOTAVAIL
                ? "nobody is at port 0 or at the unspecified address, or " + DO_NOT_GO_TOGETHER
                : onSocket(error);
    }

    private static String onSocket(Win32Error error) {
        return switch (error) {
            case WSANOTINITIALISED -> "the process has not started Winsock, or has ended; call wsaStartup";
            case WSAENETDOWN -> "the machine's network is off; switch it on";
            case WSAENOTSOCK -> "the socket is closed or belongs to another process; use one that is open here";
            case WSAEINTR ->
                "the thread was interrupted, by a time-out of the test, say, or the socket closed while the call waited; if "
                        + "nobody answered, look into sim.verifier().diagnostics() and whether the proxy runs; the interrupt "
                        + "flag is still set";
            case WSAEACCES ->
                "a filter or callout blocks it, a redirect to this machine lacks its process or handle, or a raw socket needs "
                        + "elevation; look into the trace for the layer or the redirect that decided";
            case WSAEINVAL -> "the socket is at the wrong stage; bind before listen, listen before accept, bind once";
            case WSAEFAULT, WSAEAFNOSUPPORT ->
                "the address is of another family than the socket; " + "use one family, or switch IPV6_V6ONLY off";
            case WSAEOPNOTSUPP ->
                "this kind of socket or this Windows version does not have the call; "
                        + "use a TCP socket and Windows 8 or later";
            case WSAEADDRINUSE -> "another socket has that local address; choose another port, or 0";
            case WSAEADDRNOTAVAIL -> "the address to bind is not one of this machine, or " + DO_NOT_GO_TOGETHER;
            case WSAECONNREFUSED ->
                "nothing accepts at the address that the connection ended up at; start the listener first, "
                        + "raise its backlog, and look into the trace for a redirect or a filter that blocks";
            case WSAECONNABORTED ->
                "the machine gave the connection up; look into sim.verifier().diagnostics(), REDIRECT_LOOP is the usual one";
            case WSAECONNRESET ->
                "the peer reset the connection, a filter cut it after a change of policy, or nobody took an earlier "
                        + "datagram; see how the peer closed its socket, and the trace for what was cut";
            case WSAENETUNREACH, WSAEHOSTUNREACH ->
                "no simulated machine or server has that address; " + "attach one to the network";
            case WSAEALREADY -> "another thread connects this socket; wait for it, or create another socket";
            case WSAEISCONN -> "the socket is connected already; create another one";
            case WSAENOTCONN -> "the socket is not connected; connect it, or use the accepted one";
            case WSAEMSGSIZE -> "the datagram is larger than a packet; send several";
            case WSAEDESTADDRREQ -> "there is no destination; give one, or connect the socket to its peer";
            case WSAESHUTDOWN -> "this direction of the connection was shut down; do not use it afterwards";
            case WSAETIMEDOUT ->
                "the time-out of the socket passed on the machine's clock; "
                        + "let the peer act before the clock is advanced, or allow more time";
            case WSAEWOULDBLOCK -> "the socket is non-blocking and nothing is ready; try later";
            case WSAENOBUFS -> "the machine has run out of ports; close some connections";
            default -> "see Windows Sockets Error Codes";
        };
    }
}
