package io.github.wfpsim.examples;

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

/**
 * The proxy as production writes it: no thread waits for a socket; every step starts an overlapped call and goes on when a
 * worker takes its packet from the completion port.
 */
final class CompletionPortProxy implements ProxyService {

    private static final int WORKERS = 2;
    private static final int CHUNK_BYTES = 16_384;
    private static final int ROOMY = 1024;

    /** What goes on when a call has ended. */
    private interface Step {
        void run(CompletionPort.Entry end);
    }

    private final TcpProduct product;
    private final Winsock winsock;
    private final OverlappedWinsock overlapped;
    private final Kernel32 kernel32;
    private final CompletionPort port;
    private final SocketHandle listener;
    private final Map<WsaOverlapped, Step> steps = new ConcurrentHashMap<>();
    private final AtomicInteger served = new AtomicInteger();

    CompletionPortProxy(TcpProduct product) {
        this.product = product;
        this.winsock = product.process().winsock();
        this.overlapped = winsock.overlapped();
        this.kernel32 = winsock.kernel32();
        this.port = kernel32.createIoCompletionPort(WORKERS);
        this.listener = product.listener().handle();
        kernel32.createIoCompletionPort(listener, port, 0, 0);
    }

    private SocketHandle socket() {
        return winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
    }

    @Override
    public void start() {
        for (int i = 0; i < WORKERS; i++) {
            product.run(this::work);
        }
        accept();
    }

    private void work() {
        List<CompletionPort.Entry> ends = kernel32.getQueuedCompletionStatusEx(port, 16, Kernel32.INFINITE);
        while (!ends.isEmpty()) {
            for (CompletionPort.Entry end : ends) {
                Step step = end.overlapped() == null ? null : steps.remove(end.overlapped());
                if (step != null) {
                    step.run(end);
                }
            }
            ends = kernel32.getQueuedCompletionStatusEx(port, 16, Kernel32.INFINITE);
        }
    }

    /** Makes the structure of a call and remembers what follows. */
    private WsaOverlapped then(Step step) {
        WsaOverlapped structure = overlapped.newOverlapped();
        steps.put(structure, step);
        return structure;
    }

    private boolean isStarted(boolean atOnce) {
        return atOnce || winsock.wsaGetLastError() == Win32Error.WSA_IO_PENDING.code();
    }

    // ---- one connection after another

    private void accept() {
        SocketHandle fresh = socket();
        WsaOverlapped call = then(end -> {
            if (end.error() == Win32Error.NO_ERROR) {
                accept();
                winsock.setsockopt(fresh, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_ACCEPT_CONTEXT, (int) listener.value());
                kernel32.createIoCompletionPort(fresh, port, 0, 0);
                new Relay(fresh).begin();
            }
        });
        overlapped.acceptEx(listener, fresh, null, null, call);
    }

    /** One client, the onward socket, and the two directions between them. */
    private final class Relay {

        private final SocketHandle client;
        private final SocketHandle onward = socket();
        private final AtomicInteger open = new AtomicInteger(2);

        Relay(SocketHandle client) {
            this.client = client;
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

        private interface Sized {
            void run(int bytes);
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
            if (!isStarted(result == 0)) {
                abort();
            }
        }

        private void connect(ByteBuffer records, int size, InetSocketAddress destination) {
            int set = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
            if (winsock.wsaIoctl(onward, set, records, size, null, 0, new OutUlong()) != 0) {
                abort();
                return;
            }
            winsock.bind(onward, new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 0));
            kernel32.createIoCompletionPort(onward, port, 0, 0);
            WsaOverlapped call = then(end -> {
                if (end.error() == Win32Error.NO_ERROR) {
                    winsock.setsockopt(onward, Winsock.SOL_SOCKET, Winsock.SO_UPDATE_CONNECT_CONTEXT, null, 0);
                    served.incrementAndGet();
                    new Direction(client, onward).receive();
                    new Direction(onward, client).receive();
                } else {
                    abort();
                }
            });
            if (!isStarted(overlapped.connectEx(onward, destination, call))) {
                abort();
            }
        }

        private void abort() {
            winsock.closesocket(client);
            winsock.closesocket(onward);
        }

        private void ended() {
            if (open.decrementAndGet() == 0) {
                abort();
            }
        }

        /** Moves bytes one way until the sender has ended. */
        private final class Direction {

            private final SocketHandle from;
            private final SocketHandle to;
            private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

            Direction(SocketHandle from, SocketHandle to) {
                this.from = from;
                this.to = to;
            }

            void receive() {
                chunk.clear();
                WsaOverlapped call = then(this::received);
                if (!isStarted(overlapped.wsaRecv(from, List.of(chunk), null, 0, call, null) == 0)) {
                    abort();
                }
            }

            private void received(CompletionPort.Entry end) {
                if (end.error() != Win32Error.NO_ERROR) {
                    abort();
                } else if (end.bytesTransferred() == 0) {
                    winsock.shutdown(to, ShutdownHow.SD_SEND.code());
                    ended();
                } else {
                    chunk.flip();
                    WsaOverlapped call = then(sent -> {
                        if (sent.error() == Win32Error.NO_ERROR) {
                            receive();
                        } else {
                            abort();
                        }
                    });
                    if (!isStarted(overlapped.wsaSend(to, List.of(chunk), null, 0, call, null) == 0)) {
                        abort();
                    }
                }
            }
        }
    }

    @Override
    public int served() {
        return served.get();
    }

    @Override
    public void close() {
        port.close();
        product.close();
    }
}
