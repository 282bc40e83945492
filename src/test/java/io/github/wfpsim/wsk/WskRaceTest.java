package io.github.wfpsim.wsk;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Threads that send WSK requests of four kinds, cancel them, close the sockets below them and bring what they wait for. Each
 * IRP completes once, and nobody touches a buffer after that. Other seeds: {@code -Drace.seed=1 -Drace.requests=1000000}.
 */
@Timeout(300)
class WskRaceTest {

    private static final long SEED = Long.getLong("race.seed", 20_260_103L);
    private static final int REQUESTS = Integer.getInteger("race.requests", 100_000);
    private static final int PATIENCE_SECONDS = 240;
    private static final int CLIENTS = 2;
    private static final int SLOTS_OF_A_CLIENT = 16;
    private static final int PAIRS = 6;
    private static final int OTHER_PORT = 9090;
    private static final int SIZE = 32;
    private static final byte AFTERWARDS = 0x5A;
    private static final int UNTOUCHED = 0x5A5A5A5A;
    private static final String TAG = "Race";

    /** How a request may end. INVALID_DEVICE_STATE, NOT_FOUND: the socket was closed before it was looked at. */
    @SuppressWarnings("ImmutableEnumChecker") // Nobody changes the sets.
    private enum Kind {
        QUERY(
                NtStatus.STATUS_SUCCESS,
                NtStatus.STATUS_CANCELLED,
                NtStatus.STATUS_NOT_FOUND,
                NtStatus.STATUS_FILE_FORCED_CLOSED,
                NtStatus.STATUS_INVALID_DEVICE_STATE),
        SET(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_CANCELLED, NtStatus.STATUS_INVALID_DEVICE_STATE),
        RECEIVE(
                NtStatus.STATUS_SUCCESS,
                NtStatus.STATUS_CANCELLED,
                NtStatus.STATUS_CONNECTION_RESET,
                NtStatus.STATUS_FILE_FORCED_CLOSED,
                NtStatus.STATUS_INVALID_DEVICE_STATE),
        ACCEPT(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_CANCELLED, NtStatus.STATUS_INVALID_DEVICE_STATE),
        CONNECT(
                NtStatus.STATUS_SUCCESS,
                NtStatus.STATUS_CANCELLED,
                NtStatus.STATUS_CONNECTION_REFUSED,
                NtStatus.STATUS_CONNECTION_ABORTED,
                NtStatus.STATUS_INVALID_DEVICE_STATE);

        private final EnumSet<NtStatus> ends;

        Kind(NtStatus first, NtStatus... others) {
            this.ends = EnumSet.of(first, others);
        }

        boolean mayEndWith(NtStatus status) {
            return ends.contains(status);
        }

        static Kind draw(SplittableRandom random) {
            int number = random.nextInt(100);
            if (number < 45) {
                return QUERY;
            }
            if (number < 55) {
                return SET;
            }
            if (number < 85) {
                return RECEIVE;
            }
            return number < 93 ? ACCEPT : CONNECT;
        }
    }

    /** Both ends of a redirected connection, and a socket that records are set on. */
    private record Pair(SimSocket client, WskConnectionSocket accepted, WskConnectionSocket fresh) {}

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger routines = new AtomicInteger();
    private final ConcurrentMap<Kind, Integer> cancelled = new ConcurrentHashMap<>();
    private final ConcurrentMap<Kind, Integer> succeeded = new ConcurrentHashMap<>();
    private final AtomicInteger closes = new AtomicInteger();
    private final AtomicReferenceArray<Pair> pairs = new AtomicReferenceArray<>(PAIRS);
    private final AtomicReference<WskListenSocket> other = new AtomicReference<>();
    private final Queue<WskSocket> toClose = new ConcurrentLinkedQueue<>();
    private final List<Slot> slots = new ArrayList<>();
    private WskBench bench;
    private Io io;
    private WskListenSocket pairListener;
    private SimProcess worker;
    private byte[] record;

    /** One IRP after another. Who holds the token may cancel or free the IRP, so that nobody cancels a freed one. */
    private final class Slot implements IoCompletionRoutine {

        private final Queue<Slot> free;
        private final AtomicReference<Irp> token = new AtomicReference<>();
        private final AtomicInteger calls = new AtomicInteger();
        private final OutUlong size = new OutUlong();
        private Irp irp = io.ioAllocateIrp(1, false);
        private Kind kind = Kind.QUERY;
        private @Nullable PoolBlock block;
        private @Nullable Mdl mdl;
        private @Nullable WskConnectionSocket connecting;

        Slot(Queue<Slot> free) {
            this.free = free;
            token.set(irp);
            free.add(this);
        }

        void send(SplittableRandom random) {
            Pair pair = pairs.get(random.nextInt(PAIRS));
            checkBuffer();
            prepare(random.nextInt(8) == 0);
            kind = Kind.draw(random);
            connecting = kind == Kind.CONNECT ? bench.bound(worker.id()) : null;
            block = allocate();
            io.ioSetCompletionRoutine(irp, this, block, true, true, true);
            sent.incrementAndGet();
            boolean pending = call(pair, other.get()) == NtStatus.STATUS_PENDING;
            if (!pending && calls.get() != 1) {
                wrong.add(kind + ": returned before its routine ran");
            }
            if (random.nextBoolean()) {
                bring(pair);
            }
        }

        /** One byte for a receive; a full or closed stream takes none. */
        private void bring(Pair pair) {
            try {
                pair.client().send(new byte[1]);
            } catch (IOException closed) {
                // Another thread has closed the pair.
                breathe();
            }
        }

        private PoolBlock allocate() {
            if (kind == Kind.SET) {
                return bench.driver.pool().allocate(record, TAG);
            }
            PoolBlock fresh = bench.driver.pool().allocate(SIZE, TAG);
            if (kind == Kind.RECEIVE) {
                mdl = bench.driver.mm().ioAllocateMdl(fresh, SIZE);
                bench.driver.mm().mmBuildMdlForNonPagedPool(mdl);
            }
            return fresh;
        }

        private NtStatus call(Pair pair, WskListenSocket listener) {
            PoolBlock buffer = Objects.requireNonNull(block);
            return switch (kind) {
                case QUERY ->
                    pair.accepted()
                            .wskControlSocket(
                                    WskControlRequestType.WskIoctl,
                                    ControlBench.CONTEXT,
                                    0,
                                    0,
                                    null,
                                    SIZE,
                                    WskControlBuffer.of(buffer),
                                    size,
                                    irp);
                case SET -> ControlBench.set(pair.fresh(), buffer, irp);
                case RECEIVE -> pair.accepted().wskReceive(new WskBuf(mdl, 0, SIZE), 0, irp);
                case ACCEPT -> listener.wskAccept(0, null, null, null, null, irp);
                case CONNECT -> Objects.requireNonNull(connecting).wskConnect(bench.local(OTHER_PORT), 0, irp);
            };
        }

        private void prepare(boolean anew) {
            calls.set(0);
            size.set(UNTOUCHED);
            if (!anew) {
                io.ioReuseIrp(irp, NtStatus.STATUS_SUCCESS);
                return;
            }
            while (token.getAndSet(null) == null) {
                breathe();
            }
            io.ioFreeIrp(irp);
            irp = io.ioAllocateIrp(1, false);
            token.set(irp);
        }

        /** Nobody has written to the memory of the last request since its routine gave it back. */
        void checkBuffer() {
            PoolBlock last = block;
            if (last == null) {
                return;
            }
            ByteBuffer memory = last.memory();
            while (memory.hasRemaining()) {
                if (memory.get() != AFTERWARDS) {
                    wrong.add(kind + ": its buffer was written to after its completion");
                    return;
                }
            }
            if (size.value() != UNTOUCHED) {
                wrong.add(kind + ": OutputSizeReturned was written to after its completion");
            }
        }

        @Override
        public NtStatus completed(@Nullable DeviceObject device, Irp completed, @Nullable Object context) {
            IoStatus outcome = completed.ioStatus();
            if (calls.incrementAndGet() != 1 || completed != irp || context != block) {
                wrong.add(kind + ": its routine was called twice, or for another request");
                return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
            }
            judge(outcome);
            if (kind == Kind.ACCEPT && completed.informationPointer() instanceof WskSocket accepted) {
                toClose.add(accepted);
            }
            if (connecting != null) {
                toClose.add(connecting);
            }
            giveBack(Objects.requireNonNull(block));
            routines.incrementAndGet();
            free.add(this);
            return NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
        }

        private void judge(IoStatus outcome) {
            if (!kind.mayEndWith(outcome.status())) {
                wrong.add(kind + " ended with " + outcome);
            }
            boolean success = outcome.status() == NtStatus.STATUS_SUCCESS;
            if (!success && (outcome.information() != 0 || size.value() != UNTOUCHED)) {
                wrong.add(kind + " told something although it failed: " + outcome);
            }
            if (success && kind == Kind.QUERY && size.unsigned() != outcome.information()) {
                wrong.add(kind + " told two sizes: " + outcome + " and " + size);
            }
            if (!success && kind == Kind.RECEIVE && !isZero(Objects.requireNonNull(block))) {
                wrong.add(kind + " took bytes although it failed: " + outcome);
            }
            if (success) {
                succeeded.merge(kind, 1, Integer::sum);
            } else if (outcome.status() == NtStatus.STATUS_CANCELLED) {
                cancelled.merge(kind, 1, Integer::sum);
            }
        }

        /** The buffer is the driver's again: marks it, to see who writes to it now, and frees it. */
        private void giveBack(PoolBlock buffer) {
            ByteBuffer memory = buffer.memory();
            while (memory.hasRemaining()) {
                memory.put(AFTERWARDS);
            }
            size.set(UNTOUCHED);
            Mdl described = mdl;
            if (described != null) {
                bench.driver.mm().ioFreeMdl(described);
                mdl = null;
            }
            buffer.free();
        }
    }

    private static boolean isZero(PoolBlock block) {
        return block.bytes().equals(ByteBuffer.allocate((int) block.size()));
    }

    // ---- the threads

    private Boolean client(int number) {
        SplittableRandom random = new SplittableRandom(SEED + number);
        Queue<Slot> free = slots.get(number * SLOTS_OF_A_CLIENT).free;
        for (int i = 0; i < REQUESTS / CLIENTS; i++) {
            Slot slot = free.poll();
            while (slot == null) {
                breathe();
                slot = free.poll();
            }
            slot.send(random);
        }
        return true;
    }

    private Boolean cancel() {
        SplittableRandom random = new SplittableRandom(-SEED);
        while (routines.get() < REQUESTS) {
            Slot slot = slots.get(random.nextInt(slots.size()));
            Irp irp = slot.token.getAndSet(null);
            if (irp != null) {
                io.ioCancelIrp(irp);
                slot.token.set(irp);
            }
            breathe();
        }
        return true;
    }

    /** Closes sockets under requests, and puts new ones in their place. */
    private Boolean close() throws Exception {
        SplittableRandom random = new SplittableRandom(~SEED);
        for (int round = 0; routines.get() < REQUESTS; round++) {
            closeWhatCame();
            int index = random.nextInt(PAIRS);
            Pair old = pairs.getAndSet(index, newPair());
            bench.send(old.accepted()::wskCloseSocket);
            bench.send(old.fresh()::wskCloseSocket);
            old.client().close();
            closes.incrementAndGet();
            if (round % 32 == 31) {
                WskListenSocket listener = other.get();
                bench.close(listener);
                other.set(bench.listener(OTHER_PORT, worker.id()));
            }
        }
        return true;
    }

    private void closeWhatCame() {
        for (WskSocket socket = toClose.poll(); socket != null; socket = toClose.poll()) {
            bench.send(socket::wskCloseSocket);
        }
    }

    private Pair newPair() throws IOException {
        SimSocket client = bench.app.winsock().tcpSocket(bench.family).connect(bench.remote(10));
        OutUlong nonBlocking = new OutUlong();
        nonBlocking.set(1);
        bench.app.winsock().ioctlsocket(client.handle(), ControlCode.FIONBIO.code(), nonBlocking);
        return new Pair(client, bench.accept(pairListener), bench.connection(0));
    }

    private void open(AddressFamily family) throws Exception {
        bench = new WskBench(
                family,
                SimOptions.defaults()
                        .completionMode(CompletionMode.SEEDED_RANDOM)
                        .seed(SEED));
        io = bench.driver.io();
        worker = bench.sim.process("C:\\worker.exe", Token.STANDARD_USER);
        bench.redirectApp(bench.proxyAddress, bench.sim.system(), ControlBench.WHO);
        pairListener = bench.listener(WskBench.PROXY_PORT, 0);
        other.set(bench.listener(OTHER_PORT, worker.id()));
        for (int i = 0; i < PAIRS; i++) {
            pairs.set(i, newPair());
        }
        record = recordOf(pairs.get(0).accepted());
    }

    private byte[] recordOf(WskConnectionSocket accepted) {
        ByteBuffer out = ByteBuffer.allocate(ControlBench.ROOMY);
        long length = bench.send(irp -> ControlBench.control(
                        accepted, ControlBench.RECORDS, 0, null, ControlBench.ROOMY, out, null, irp))
                .outcome()
                .information();
        byte[] bytes = new byte[(int) length];
        out.get(0, bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSK-21", "WSK-36", "WSK-38", "WSK-41", "WSKS-11", "IRP-13", "IRP-14"})
    void requests_completeOnceAndLeaveTheirBuffersAlone_whoeverCancelsAndCloses(AddressFamily family) throws Exception {
        open(family);
        List<Callable<Boolean>> works = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            Queue<Slot> free = new ConcurrentLinkedQueue<>();
            for (int j = 0; j < SLOTS_OF_A_CLIENT; j++) {
                slots.add(new Slot(free));
            }
            works.add(() -> client(number));
        }
        works.add(this::cancel);
        works.add(this::close);
        long start = System.nanoTime();

        Race.run(works, PATIENCE_SECONDS);

        long millis = (System.nanoTime() - start) / 1_000_000;
        String figures = "seed " + SEED + ", " + family + ": " + REQUESTS + " requests in " + millis + " ms, succeeded "
                + succeeded + ", cancelled " + cancelled + ", " + closes + " rounds of closing";
        LoggerFactory.getLogger(WskRaceTest.class).info(figures);
        assertThat(wrong).as(figures).isEmpty();
        assertThat(sent).as(figures).hasValue(REQUESTS);
        assertThat(routines).as(figures).hasValue(REQUESTS);
        assertThat(succeeded).as(figures).containsOnlyKeys(Kind.values());
        // The others wait for nobody, so that a cancel finds one by luck only.
        assertThat(cancelled).as(figures).containsKeys(Kind.RECEIVE, Kind.ACCEPT);
        assertNothingLeft(figures);
    }

    private void assertNothingLeft(String figures) throws Exception {
        for (int i = 0; i < PAIRS; i++) {
            toClose.add(pairs.get(i).accepted());
            toClose.add(pairs.get(i).fresh());
            pairs.get(i).client().close();
        }
        toClose.add(pairListener);
        toClose.add(other.get());
        closeWhatCame();
        bench.settle();
        slots.forEach(Slot::checkBuffer);
        assertThat(wrong).as(figures).isEmpty();
        slots.forEach(slot -> io.ioFreeIrp(slot.irp));
        bench.unload();
        assertThat(bench.driver.pool().outstanding()).as(figures).isEmpty();
        assertThat(bench.driver.held().held()).as(figures).isEmpty();
        // Calling on a socket that another thread has closed is the one misuse here.
        assertThat(Set.of(Fault.SOCKET_USED_AFTER_CLOSE)).as(figures).containsAll(bench.faults());
        bench.close();
    }

    @SuppressWarnings("ThreadPriorityCheck") // A hint only: there are more threads than processors.
    private static void breathe() {
        Thread.yield();
    }
}
