package io.github.wfpsim.soak;

import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.CompletionPort;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/** A proxy on a completion port: no thread waits for a socket, each step goes on when its packet comes. */
final class PortProxy implements Proxy {

    private static final int CHUNK_BYTES = 16_384;
    private static final int ROOMY = 1024;
    private static final int PACKETS = 16;
    private static final int ACCEPTS = 8;
    private static final int LINGER_ON_FOR_NO_TIME = 1;

    /** What goes on when a call has ended. */
    private interface Step {
        void run(CompletionPort.Entry end);
    }

    private final Winsock winsock;
    private final OverlappedWinsock overlapped;
    private final Kernel32 kernel32;
    private final CompletionPort port;
    private final SocketHandle listener;
    private final int workers;
    private final LongFunction<Plan> plans;
    private final Tally tally;
    private final Map<WsaOverlapped, Step> steps = new ConcurrentHashMap<>();

    PortProxy(TcpProduct product, int workers, LongFunction<Plan> plans, Tally tally) {
        this.winsock = product.process().winsock();
        this.overlapped = winsock.overlapped();
        this.kernel32 = winsock.kernel32();
        this.workers = workers;
        this.port = kernel32.createIoCompletionPort(workers);
        this.plans = plans;
        this.tally = tally;
        this.listener = product.listener().handle();
        kernel32.createIoCompletionPort(listener, port, 0, 0);
    }

    private SocketHandle socket() {
        return winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    }

    @Override
    public void start() {
        for (int i = 0; i < workers; i++) {
            Soak.daemon("proxy", this::work).start();
        }
        for (int i = 0; i < ACCEPTS; i++) {
            accept();
        }
    }

    private void work() {
        List<CompletionPort.Entry> ends = kernel32.getQueuedCompletionStatusEx(port, PACKETS, Kernel32.INFINITE);
        while (!ends.isEmpty()) {
            for (CompletionPort.Entry end : ends) {
                WsaOverlapped call = end.overlapped();
                Step step = call == null ? null : steps.remove(call);
                if (step == null) {
                    tally.complain("proxy: a packet of no call, or the second one of a call");
                } else {
                    step.run(end);
                }
            }
            ends = kernel32.getQueuedCompletionStatusEx(port, PACKETS, Kernel32.INFINITE);
        }
    }

    private WsaOverlapped then(Step step) {
        WsaOverlapped structure = overlapped.newOverlapped();
        steps.put(structure, step);
        return structure;
    }

    /** A call that failed at once sends no packet. */
    private boolean isStarted(boolean atOnce, WsaOverlapped call) {
        boolean started = atOnce || winsock.wsaGetLastError() == Win32Error.WSA_IO_PENDING.code();
        if (!started) {
            steps.remove(call);
        }
        return started;
    }

    private void accept() {
        SocketHandle fresh = socket();
        WsaOverlapped call = then(end -> {
            if (end.error() == Win32Error.NO_ERROR) {
                accept();
                int listening = (int) listener.value();
                winsock.setsockopt(fresh, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_ACCEPT_CONTEXT, listening);
                kernel32.createIoCompletionPort(fresh, port, 0, 0);
                new Relay(fresh).begin();
            }
        });
        isStarted(overlapped.acceptEx(listener, fresh, null, null, call), call);
    }

    /** One client, its onward socket, and the two directions between them. */
    private final class Relay {

        private final SocketHandle client;
        private final SocketHandle onward = socket();
        private final AtomicInteger open = new AtomicInteger(2);

        Relay(SocketHandle client) {
            this.client = client;
        }

        private interface Sized {
            void run(int bytes);
        }

        void begin() {
            ByteBuffer records = ByteBuffer.allocate(ROOMY);
            query(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, records, recordSize -> {
                ByteBuffer context = ByteBuffer.allocate(ROOMY);
                query(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT, context, contextSize -> {
                    byte[] bytes = new byte[contextSize];
                    context.get(bytes);
                    connect(
                            records,
                            recordSize,
                            OriginalDestination.decode(bytes).remote());
                });
            });
        }

        private void query(ControlCode code, ByteBuffer into, Sized next) {
            WsaOverlapped call = then(end -> {
                if (end.error() == Win32Error.NO_ERROR) {
                    next.run(end.bytesTransferred());
                } else {
                    abort();
                }
            });
            int result = overlapped.wsaIoctl(client, code.code(), null, 0, into, into.remaining(), null, call, null);
            if (!isStarted(result == 0, call)) {
                abort();
            }
        }

        private void connect(ByteBuffer records, int size, InetSocketAddress destination) {
            int set = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
            if (winsock.wsaIoctl(onward, set, records, size, null, 0, new OutUlong()) != 0) {
                tally.complain("proxy: SET failed with " + winsock.wsaGetLastError());
                abort();
                return;
            }
            winsock.bind(onward, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 0));
            kernel32.createIoCompletionPort(onward, port, 0, 0);
            WsaOverlapped call = then(end -> {
                if (end.error() == Win32Error.NO_ERROR) {
                    winsock.setsockopt(onward, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_CONNECT_CONTEXT, null, 0);
                    tally.inspected();
                    new Direction(client, onward, true).receive();
                    new Direction(onward, client, false).receive();
                } else {
                    refused(destination, end.error().code());
                }
            });
            if (!isStarted(overlapped.connectEx(onward, destination, call), call)) {
                refused(destination, winsock.wsaGetLastError());
            }
        }

        private void refused(InetSocketAddress destination, int error) {
            // A completion port has the codes of Win32.
            boolean denied = error == Win32Error.ERROR_ACCESS_DENIED.code() || error == Win32Error.WSAEACCES.code();
            if (!denied || destination.getPort() != Plan.Route.POLICY.port()) {
                tally.complain("proxy: connect to " + destination + " failed with " + error);
            }
            abort();
        }

        private void abort() {
            for (SocketHandle socket : List.of(client, onward)) {
                winsock.setsockopt(socket, Winsock.SOL_SOCKET, Winsock.SO_LINGER, LINGER_ON_FOR_NO_TIME);
                winsock.closesocket(socket);
            }
        }

        private void ended() {
            if (open.decrementAndGet() == 0) {
                winsock.closesocket(client);
                winsock.closesocket(onward);
            }
        }

        /** Moves bytes one way until the sender has ended. */
        private final class Direction {

            private final SocketHandle from;
            private final SocketHandle to;
            private boolean first;
            private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

            Direction(SocketHandle from, SocketHandle to, boolean fromClient) {
                this.from = from;
                this.to = to;
                this.first = fromClient;
            }

            void receive() {
                chunk.clear();
                WsaOverlapped call = then(this::received);
                if (!isStarted(overlapped.wsaRecv(from, List.of(chunk), null, 0, call, null) == 0, call)) {
                    abort();
                }
            }

            private void received(CompletionPort.Entry end) {
                chunk.flip();
                if (end.error() != Win32Error.NO_ERROR || (first && Plan.isToBeAborted(chunk, plans))) {
                    abort();
                } else if (end.bytesTransferred() == 0) {
                    winsock.shutdown(to, ShutdownHow.SD_SEND.code());
                    ended();
                } else {
                    first = false;
                    send();
                }
            }

            private void send() {
                WsaOverlapped call = then(sent -> {
                    if (sent.error() == Win32Error.NO_ERROR) {
                        receive();
                    } else {
                        abort();
                    }
                });
                if (!isStarted(overlapped.wsaSend(to, List.of(chunk), null, 0, call, null) == 0, call)) {
                    abort();
                }
            }
        }
    }

    @Override
    public void close() {
        winsock.closesocket(listener);
        port.close();
    }
}
