package io.github.wfpsim.soak;

import static java.util.stream.Collectors.toMap;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Offers a machine records that it did not issue, by the million and through both doors, and proves that it takes none
 * and throws at none.
 *
 * <p>Good records of several depths and both families are mutated, cut, lengthened, spliced with each other, taken from
 * another machine, and addressed to another process with a good tag. Before and after, each good one is taken.
 */
@Command(name = "forgery", mixinStandardHelpOptions = true, sortOptions = false)
public final class Forgery implements Callable<Integer> {

    /** How a record is forged. */
    private enum Kind {
        BITS_FLIPPED,
        BYTES_OVERWRITTEN,
        CUT,
        LENGTHENED,
        SPLICED,
        FOREIGN,
        READDRESSED,
        NOISE
    }

    private static final int MOST_DEPTH = 3;
    private static final int PORT = 443;
    private static final int PROXY_PORT = 8080;
    private static final int BITS = 8;
    private static final int BYTE = 256;
    private static final int MOST_CHANGES = 8;
    private static final int MOST_TAIL = 64;
    private static final int KERNEL_ONE_IN = 16;
    private static final int BATCH = 10_000;
    private static final int MOST_COMPLAINTS = 20;

    @Option(names = "--attempts", description = "records to offer (default: ${DEFAULT-VALUE})")
    private long attempts = 100_000_000;

    @Option(names = "--seed", description = "what the forgeries are drawn from (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--threads", description = "threads that forge (default: one for each processor)")
    private int threads = Runtime.getRuntime().availableProcessors();

    private final PrintStream out = System.out;
    private final AtomicLong left = new AtomicLong();
    private final Map<Kind, LongAdder> tries = Stream.of(Kind.values())
            .collect(toMap(kind -> kind, kind -> new LongAdder(), (a, b) -> a, () -> new EnumMap<>(Kind.class)));
    private final List<String> wrong = new ArrayList<>();
    private final List<byte[]> good = new ArrayList<>();
    private final List<byte[]> foreign = new ArrayList<>();
    private final List<byte[]> readdressed = new ArrayList<>();

    private Forgery() {}

    /**
     * Runs it.
     *
     * @param args see {@code --help}
     */
    public static void main(String... args) {
        System.exit(new CommandLine(new Forgery()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        SimOptions options =
                SimOptions.defaults().completionMode(CompletionMode.INLINE).traceCapacity(0);
        try (WfpSim sim = WfpSim.open(options);
                WfpSim other = WfpSim.open(options)) {
            SimProcess proxy = collect(sim, good);
            collect(other, foreign);
            RecordForge forge = sim.recordForge();
            SimProcess stranger = sim.process("C:\\stranger.exe", Token.ELEVATED_ADMINISTRATOR);
            for (byte[] record : good) {
                readdressed.add(forge.retarget(record, stranger.id()));
                foreign.add(forge.reissueElsewhere(record));
            }
            requireAllTaken(proxy, "before");
            long started = System.nanoTime();
            run(sim, proxy);
            double seconds = (System.nanoTime() - started) / 1e9;
            requireAllTaken(proxy, "after");
            report(seconds);
        }
        return wrong.isEmpty() ? 0 : 1;
    }

    /** Has records issued to one proxy, by connections that went through none, one and two proxies before, in both families. */
    private static SimProcess collect(WfpSim sim, List<byte[]> into) throws IOException {
        List<TcpProduct> products = new ArrayList<>();
        for (int hop = 0; hop < MOST_DEPTH; hop++) {
            products.add(
                    sim.product("vendor " + hop).proxyPort(PROXY_PORT + hop).redirectTcp(PORT + hop));
        }
        for (int depth = 1; depth <= MOST_DEPTH; depth++) {
            into.add(recordOf(sim, products.subList(0, depth), AddressFamily.AF_INET, "203.0.113.10:"));
            into.add(recordOf(sim, products.subList(0, depth), AddressFamily.AF_INET6, "[2001:db8::10]:"));
        }
        return products.get(0).process();
    }

    /** Each proxy goes on to the port of the one before it in the list, with the record that it got. */
    private static byte[] recordOf(WfpSim sim, List<TcpProduct> proxies, AddressFamily family, String host)
            throws IOException {
        try (SimSocket client = sim.app("app.exe").connect(host + (PORT + proxies.size() - 1))) {
            List<SimSocket> open = new ArrayList<>();
            for (int hop = proxies.size() - 1; hop > 0; hop--) {
                SimSocket accepted = proxies.get(hop).listener(family).accept();
                SimSocket onward = proxies.get(hop).process().winsock().tcpSocket(family);
                onward.setRedirectRecords(accepted.queryRedirectRecords().orElseThrow());
                onward.connect(new InetSocketAddress(client.remoteAddress().getAddress(), PORT + hop - 1));
                open.addAll(List.of(accepted, onward));
            }
            try (SimSocket last = proxies.get(0).listener(family).accept()) {
                return last.queryRedirectRecords().orElseThrow();
            } finally {
                open.forEach(SimSocket::close);
            }
        }
    }

    private void requireAllTaken(SimProcess proxy, String when) throws IOException {
        for (byte[] record : good) {
            try (SimSocket socket = proxy.winsock().tcpSocket(AddressFamily.AF_INET)) {
                socket.setRedirectRecords(record);
            } catch (IOException refused) {
                complain("a good record of " + record.length + " bytes was refused " + when + ": "
                        + refused.getMessage());
            }
        }
    }

    // ---- offering

    private void run(WfpSim sim, SimProcess proxy) throws Exception {
        left.set(attempts);
        List<Thread> workers = new ArrayList<>();
        KernelDriver driver = sim.loadDriver("forger.sys");
        WskRegistration registration = register(driver);
        Out<WskProviderNpi> npi = Out.empty();
        driver.wsk().wskCaptureProviderNpi(registration, WskFlags.WSK_INFINITE_WAIT, npi);
        List<Doors> opened = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Doors doors = new Doors(proxy.winsock(), driver, Objects.requireNonNull(npi.get()));
            opened.add(doors);
            SplittableRandom random = new SplittableRandom(seed * 31 + i);
            workers.add(Soak.daemon("forger", () -> forge(doors, random)));
        }
        workers.forEach(Thread::start);
        for (Thread worker : workers) {
            worker.join();
        }
        opened.forEach(Doors::close);
        driver.wsk().wskReleaseProviderNpi(registration);
        driver.wsk().wskDeregister(registration);
    }

    private static WskRegistration register(KernelDriver driver) {
        Out<WskRegistration> registration = Out.empty();
        driver.wsk().wskRegister(WskClientNpi.ofVersion10(), registration);
        return Objects.requireNonNull(registration.get());
    }

    private void forge(Doors doors, SplittableRandom random) {
        Kind[] kinds = Kind.values();
        for (long batch = take(); batch > 0; batch = take()) {
            for (long i = 0; i < batch; i++) {
                Kind kind = kinds[random.nextInt(kinds.length)];
                byte[] forged = forged(kind, random);
                while (isGood(forged)) {
                    forged = forged(kind, random);
                }
                Objects.requireNonNull(tries.get(kind)).increment();
                try {
                    boolean taken =
                            i % KERNEL_ONE_IN == 0 ? doors.isTakenByWsk(forged) : doors.isTakenByWinsock(forged);
                    if (taken) {
                        complain(kind + " was taken: " + HexFormat.of().formatHex(forged));
                    }
                } catch (RuntimeException | Error thrown) {
                    complain(kind + " made it throw " + thrown + ": "
                            + HexFormat.of().formatHex(forged));
                }
            }
        }
    }

    private long take() {
        long before = left.getAndUpdate(now -> Math.max(0, now - BATCH));
        return Math.min(before, BATCH);
    }

    private boolean isGood(byte[] record) {
        return good.stream().anyMatch(each -> Arrays.equals(each, record));
    }

    private byte[] forged(Kind kind, SplittableRandom random) {
        byte[] record = one(good, random).clone();
        switch (kind) {
            case BITS_FLIPPED -> {
                for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
                    record[random.nextInt(record.length)] ^= (byte) (1 << random.nextInt(BITS));
                }
            }
            case BYTES_OVERWRITTEN -> {
                for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
                    record[random.nextInt(record.length)] = (byte) random.nextInt(BYTE);
                }
            }
            case CUT -> {
                return Arrays.copyOf(record, 1 + random.nextInt(record.length - 1));
            }
            case LENGTHENED -> {
                byte[] longer = Arrays.copyOf(record, record.length + 1 + random.nextInt(MOST_TAIL));
                for (int i = record.length; i < longer.length; i++) {
                    longer[i] = (byte) random.nextInt(BYTE);
                }
                return longer;
            }
            case SPLICED -> {
                byte[] other = one(good, random);
                int at = random.nextInt(Math.min(record.length, other.length));
                byte[] spliced = Arrays.copyOf(record, at + other.length - at);
                System.arraycopy(other, at, spliced, at, other.length - at);
                return spliced;
            }
            case FOREIGN -> {
                return one(foreign, random);
            }
            case READDRESSED -> {
                return one(readdressed, random);
            }
            case NOISE -> {
                for (int i = 0; i < record.length; i++) {
                    record[i] = (byte) random.nextInt(BYTE);
                }
            }
        }
        return record;
    }

    private static byte[] one(List<byte[]> records, SplittableRandom random) {
        return records.get(random.nextInt(records.size()));
    }

    /** A socket of each door that stays unbound, so that only the record can be what is refused. */
    private static final class Doors implements AutoCloseable {

        private final Winsock winsock;
        private final SocketHandle socket;
        private final KernelDriver driver;
        private final WskConnectionSocket kernelSocket;

        Doors(Winsock winsock, KernelDriver driver, WskProviderNpi npi) throws Exception {
            this.winsock = winsock;
            this.socket = winsock.socket(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP);
            this.driver = driver;
            this.kernelSocket = driver.io()
                    .sendFor(
                            WskConnectionSocket.class,
                            irp -> npi.wskSocket(
                                    AddressFamily.AF_INET.code(),
                                    SocketType.SOCK_STREAM.code(),
                                    IpProtocol.IPPROTO_TCP.code(),
                                    WskFlags.WSK_FLAG_CONNECTION_SOCKET,
                                    null,
                                    null,
                                    0,
                                    irp))
                    .get();
        }

        boolean isTakenByWinsock(byte[] record) {
            int result = winsock.wsaIoctl(
                    socket,
                    ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                    ByteBuffer.wrap(record),
                    record.length,
                    null,
                    0,
                    new OutUlong());
            int error = result == 0 ? 0 : winsock.wsaGetLastError();
            if (result != 0 && error != Win32Error.WSAEACCES.code() && error != Win32Error.WSAEINVAL.code()) {
                throw new IllegalStateException("refused with " + error);
            }
            return result == 0;
        }

        boolean isTakenByWsk(byte[] record) {
            NtStatus status = driver.io()
                    .send(irp -> kernelSocket.wskControlSocket(
                            WskControlRequestType.WskIoctl,
                            ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code(),
                            0,
                            record.length,
                            WskControlBuffer.of(ByteBuffer.wrap(record)),
                            0,
                            null,
                            null,
                            irp))
                    .join()
                    .status();
            return status.isSuccess();
        }

        @Override
        public void close() {
            winsock.closesocket(socket);
            driver.io().send(kernelSocket::wskCloseSocket).join();
        }
    }

    // ---- telling

    private void complain(String what) {
        synchronized (wrong) {
            if (wrong.size() < MOST_COMPLAINTS) {
                wrong.add(what);
            }
        }
    }

    private void report(double seconds) {
        long made = 0;
        for (Map.Entry<Kind, LongAdder> each : tries.entrySet()) {
            made += each.getValue().sum();
            out.printf("%-18s %,15d%n", each.getKey(), each.getValue().sum());
        }
        out.printf(
                "%,d records offered in %.0f s, %,.0f a second, with %d threads%n",
                made, seconds, made / seconds, threads);
        wrong.forEach(what -> out.println("WRONG " + what));
        out.println(wrong.isEmpty() ? "OK" : wrong.size() + " thing(s) wrong");
    }
}
