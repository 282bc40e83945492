package io.github.wfpsim.examples;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.RemoteDatagramSocket;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.RedirectCallout;
import io.github.wfpsim.winsock.LpfnWsaRecvMsg;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.Wsaid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A name server, and a driver and proxy that redirect what is sent to it. The proxy is written with the C functions, as a
 * service on Windows is: the records of a query come by WSARecvMsg and go on by WSASendMsg, as they are.
 */
final class RedirectedLookup implements AutoCloseable {

    static final InetSocketAddress DNS = new InetSocketAddress("203.0.113.53", 53);
    static final String QUERY = "www.example";
    static final String ANSWER = "203.0.113.10";

    private static final int DATAGRAM_BYTES = 512;
    private static final int CONTROL_BYTES = 4096;

    private final Winsock winsock;
    private final RemoteDatagramSocket server;
    private final SocketHandle socket;
    private final RedirectHandle handle;
    private final CalloutRegistration registration;

    RedirectedLookup(WfpSim sim, String name, int port, Consumer<String> notes) {
        SimProcess service =
                sim.process("C:\\Program Files\\" + name + "\\" + name + "-dns.exe", Token.ELEVATED_ADMINISTRATOR);
        winsock = service.winsock();
        server = sim.network().datagramSocket(DNS);
        socket = winsock.socket(AddressFamily.AF_INET.code(), 2, 17);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        winsock.bind(socket, address);
        AncillaryType records = AncillaryType.IP_WFP_REDIRECT_RECORDS;
        winsock.setsockopt(socket, records.level().code(), records.code(), 1);

        KernelDriver driver = sim.loadDriver(name + ".sys");
        handle = driver.createRedirectHandle(guid(name));
        RedirectCallout callout = driver.redirectCallout(handle, address, service);
        registration =
                driver.registerCallout(guid(name + "-callout"), (values, meta, data, context, filter, x, out) -> {
                    String who = values.process().toString();
                    callout.watching(state -> notes.accept(driver.name() + " saw " + state + " for " + who))
                            .classify(values, meta, data, context, filter, x, out);
                });
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .name(name + " redirects DNS")
                        .when(FilterCondition.remotePort(DNS.getPort()))
                        .callout(registration.calloutKey()));
        daemon(this::answerAll);
        daemon(this::proxyAll);
    }

    private static UUID guid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    // ---- the name server

    private void answerAll() {
        try {
            for (Datagram query = server.receive(Deadline.NEVER); query != null; ) {
                server.send(ByteBuffer.wrap(ANSWER.getBytes(StandardCharsets.US_ASCII)), query.source());
                query = server.receive(Deadline.NEVER);
            }
        } catch (IOException | InterruptedException over) {
            // The server was closed: nobody asks any more.
        }
    }

    // ---- the proxy

    /** Takes each query, asks on with its records, and gives the answer back. */
    private void proxyAll() {
        LpfnWsaRecvMsg wsaRecvMsg = wsaRecvMsg();
        OutUlong count = new OutUlong();
        ByteBuffer query = ByteBuffer.allocate(DATAGRAM_BYTES);
        Out<InetSocketAddress> client = Out.empty();
        WsaMsg message =
                new WsaMsg().setName(client).setLpBuffers(query).setControl(ByteBuffer.allocate(CONTROL_BYTES));
        while (wsaRecvMsg.wsaRecvMsg(socket, message, count) == 0) {
            ByteBuffer answer = askOn(query.flip(), message.control());
            winsock.sendto(socket, answer, 0, client.get());
            message.setControl(ByteBuffer.allocate(CONTROL_BYTES));
            query.clear();
        }
    }

    private LpfnWsaRecvMsg wsaRecvMsg() {
        ByteBuffer pointer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer guid = Wsaid.WSAID_WSARECVMSG.bytes();
        winsock.wsaIoctl(
                socket,
                ControlCode.SIO_GET_EXTENSION_FUNCTION_POINTER.code(),
                guid,
                guid.remaining(),
                pointer,
                Long.BYTES,
                new OutUlong());
        return winsock.extensionFunction(LpfnWsaRecvMsg.class, pointer.getLong(0));
    }

    /** A socket for each query, whose flow carries the records of the query's flow on. */
    private ByteBuffer askOn(ByteBuffer query, ByteBuffer control) {
        SocketHandle onward = winsock.socket(AddressFamily.AF_INET.code(), 2, 17);
        ByteBuffer answer = ByteBuffer.allocate(DATAGRAM_BYTES);
        WsaMsg message = new WsaMsg().setName(DNS).setLpBuffers(query).setControl(control);
        if (winsock.wsaSendMsg(onward, message, 0, new OutUlong()) == 0) {
            winsock.recvfrom(onward, answer, 0, null);
        }
        winsock.closesocket(onward);
        return answer.flip();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "redirected-lookup");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        winsock.closesocket(socket);
        server.close();
        registration.close();
        handle.close();
    }
}
