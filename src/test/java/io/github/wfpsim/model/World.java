package io.github.wfpsim.model;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.wfp.CalloutRegistration;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaOverlapped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/** The machine under test, its callouts and its processes, driven by one thread. */
final class World implements Door {

    private static final int UNTOUCHED_ERROR = 777;
    private static final int UNTOUCHED_COUNT = 0x5A5A5A5A;
    private static final byte UNTOUCHED = 0x5A;
    private static final String PENDING = "WSA_IO_PENDING";
    private static final int GUESS = 64;
    private static final int LINGER_ON_FOR_NO_TIME = 1;
    private static final int SET = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();

    private final WfpSim sim;
    private final Map<Actor, SimProcess> processes = new EnumMap<>(Actor.class);
    private final Map<Integer, Actor> pids = new HashMap<>();
    private final KernelDriver driver;
    private final Map<String, RedirectHandle> handles = new HashMap<>();
    private final Map<Long, String> handleNames = new HashMap<>();
    private final List<CalloutRegistration> callouts = new ArrayList<>();
    private final Map<Integer, SocketHandle> sockets = new HashMap<>();
    private final Map<Integer, byte[]> records = new HashMap<>();
    private final Map<Integer, Call> calls = new HashMap<>();
    private final Names names = new Names();

    /** An overlapped call, and where its output goes. */
    private record Call(WsaOverlapped overlapped, ByteBuffer out, Query what, int record) {}

    private World() {
        this.sim = WfpSim.open(SimOptions.defaults()
                .faultMode(FaultMode.RECORD)
                .dispatcher(DispatcherMode.MANUAL)
                .loopLimit(Redirects.LOOP_LIMIT)
                .streamBufferSize(Redirects.WINDOW)
                .traceCapacity(0));
        for (Actor actor : Actor.values()) {
            SimProcess process = sim.process(actor.image, actor.token);
            processes.put(actor, process);
            pids.put(process.id(), actor);
        }
        this.driver = sim.loadDriver("vendors.sys");
        for (int i = 0; i < Redirects.ALL.size(); i++) {
            install(Redirects.ALL.get(i), i);
        }
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4)
                        .when(FilterCondition.remotePort(Redirects.BLOCKED_PORT))
                        .block());
    }

    static World open() {
        return new World();
    }

    private void install(Redirects redirects, int order) {
        RedirectHandle handle = handles.computeIfAbsent(
                redirects.handle(), name -> driver.createRedirectHandle(new UUID(80, name.charAt(0))));
        handleNames.put(handle.id(), redirects.handle());
        var callout = driver.redirectCallout(handle, redirects.proxy().address(), processes.get(redirects.target()));
        UUID key = new UUID(81, order);
        callouts.add(driver.registerCallout(
                key, redirects.context().isEmpty() ? callout : callout.withContext(bytes(redirects.context()))));
        SubLayer own = new SubLayer(new UUID(82, order), "order " + order, 1000 - order);
        sim.fwpm().fwpmSubLayerAdd0(own);
        sim.fwpm()
                .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4)
                        .subLayer(own)
                        .when(FilterCondition.remotePort(redirects.port()))
                        .callout(key));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte... bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    // ---- one call and its answer

    private Winsock of(Actor caller) {
        return processes.get(caller).winsock();
    }

    private SocketHandle handle(int socket) {
        return sockets.getOrDefault(socket, SocketHandle.INVALID_SOCKET);
    }

    /** Runs a call; tells the error if it failed, and whether a success touched the last error (WSA-03). */
    private String answer(Actor caller, Supplier<Boolean> call, Supplier<String> success) {
        Winsock winsock = of(caller);
        winsock.wsaSetLastError(UNTOUCHED_ERROR);
        boolean good = call.get();
        int error = winsock.wsaGetLastError();
        if (good) {
            return success.get() + (error == UNTOUCHED_ERROR ? "" : " and a last error of " + name(error));
        }
        return name(error);
    }

    private static String name(int error) {
        return Win32Error.fromCode(error).map(Enum::name).orElse("error " + error);
    }

    private String zero(Actor caller, Supplier<Integer> call) {
        return answer(caller, () -> call.get() == 0, () -> "0");
    }

    private String address(InetSocketAddress address) {
        return address == null ? "null" : names.address(address.getAddress().getHostAddress(), address.getPort());
    }

    // ---- sockets

    @Override
    public String socket(Actor caller, int socket, Kind kind) {
        return answer(
                caller,
                () -> keep(socket, of(caller).wsaSocket(kind.af, kind.type, kind.protocol, kind.flags)),
                () -> "0");
    }

    private boolean keep(int socket, SocketHandle made) {
        boolean good = !made.equals(SocketHandle.INVALID_SOCKET);
        if (good) {
            sockets.put(socket, made);
        }
        return good;
    }

    @Override
    public String bind(Actor caller, int socket, Place name) {
        return zero(caller, () -> of(caller).bind(handle(socket), name.address()));
    }

    @Override
    public String listen(Actor caller, int socket, int backlog) {
        return zero(caller, () -> of(caller).listen(handle(socket), backlog));
    }

    @Override
    public String connect(Actor caller, int socket, Place name) {
        return zero(caller, () -> of(caller).connect(handle(socket), name.address()));
    }

    @Override
    public String accept(Actor caller, int listener, int accepted) {
        Out<InetSocketAddress> peer = Out.empty();
        return answer(
                caller, () -> keep(accepted, of(caller).accept(handle(listener), peer)), () -> address(peer.get()));
    }

    @Override
    public String shutdown(Actor caller, int socket, int how) {
        return zero(caller, () -> of(caller).shutdown(handle(socket), how));
    }

    @Override
    public String closesocket(Actor caller, int socket) {
        return zero(caller, () -> of(caller).closesocket(handle(socket)));
    }

    @Override
    public String send(Actor caller, int socket, int count, int flags) {
        ByteBuffer bytes = ByteBuffer.wrap(bytes("x".repeat(count)));
        int[] sent = new int[1];
        return answer(
                caller,
                () -> (sent[0] = of(caller).send(handle(socket), bytes, flags)) >= 0,
                () -> sent[0] + (bytes.position() == sent[0] ? "" : " but position " + bytes.position()));
    }

    @Override
    public String recv(Actor caller, int socket, int room) {
        ByteBuffer bytes = ByteBuffer.allocate(room);
        int[] got = new int[1];
        return answer(
                caller,
                () -> (got[0] = of(caller).recv(handle(socket), bytes, 0)) >= 0,
                () -> got[0] + " " + text(Arrays.copyOf(bytes.array(), bytes.position())));
    }

    @Override
    public String fionbio(Actor caller, int socket, boolean on) {
        OutUlong mode = new OutUlong();
        mode.set(on ? 1 : 0);
        return zero(caller, () -> of(caller).ioctlsocket(handle(socket), ControlCode.FIONBIO.code(), mode));
    }

    @Override
    public String lingerForNoTime(Actor caller, int socket, boolean on) {
        int linger = on ? LINGER_ON_FOR_NO_TIME : 0;
        return zero(caller, () -> of(caller).setsockopt(handle(socket), Winsock.SOL_SOCKET, Winsock.SO_LINGER, linger));
    }

    @Override
    public String getsockname(Actor caller, int socket) {
        Out<InetSocketAddress> name = Out.empty();
        return answer(caller, () -> of(caller).getsockname(handle(socket), name) == 0, () -> address(name.get()));
    }

    @Override
    public String getpeername(Actor caller, int socket) {
        Out<InetSocketAddress> name = Out.empty();
        return answer(caller, () -> of(caller).getpeername(handle(socket), name) == 0, () -> address(name.get()));
    }

    // ---- the redirect ioctls

    private static int code(Query what) {
        return what == Query.RECORDS
                ? ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS.code()
                : ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT.code();
    }

    /** The length that a query of size 0 tells; a guess if it tells none. */
    private int needed(Actor caller, int socket, Query what) {
        OutUlong count = new OutUlong();
        of(caller).wsaIoctl(handle(socket), code(what), null, 0, null, 0, count);
        return count.value() == 0 ? GUESS : count.value();
    }

    private static ByteBuffer out(Room room, int size) {
        byte[] bytes = new byte[size + GUESS];
        Arrays.fill(bytes, UNTOUCHED);
        ByteBuffer whole = ByteBuffer.wrap(bytes);
        return switch (room) {
            case NULL -> null;
            case OVERSTATED -> whole.limit(size - 1);
            case READ_ONLY -> whole.asReadOnlyBuffer();
            default -> whole;
        };
    }

    private static OutUlong count() {
        OutUlong count = new OutUlong();
        count.set(UNTOUCHED_COUNT);
        return count;
    }

    @Override
    public String query(Actor caller, int socket, Query what, Room room, int record) {
        int needed = needed(caller, socket, what);
        int size = room.bytes(needed);
        String first = query(caller, socket, what, room, size, record, false);
        String byProvider = query(caller, socket, what, room, size, record, true);
        return first.equals(byProvider) ? first : first + " but by WSPIoctl " + byProvider;
    }

    private String query(Actor caller, int socket, Query what, Room room, int size, int record, boolean byProvider) {
        Winsock winsock = of(caller);
        ByteBuffer out = out(room, size);
        OutUlong count = room == Room.NO_COUNT ? null : count();
        winsock.wsaSetLastError(UNTOUCHED_ERROR);
        OutUlong error = new OutUlong();
        error.set(UNTOUCHED_ERROR);
        int result = byProvider
                ? winsock.wspIoctl(handle(socket), code(what), null, 0, out, size, count, error)
                : winsock.wsaIoctl(handle(socket), code(what), null, 0, out, size, count);
        if (byProvider && winsock.wsaGetLastError() != UNTOUCHED_ERROR) {
            return "a last error of " + name(winsock.wsaGetLastError());
        }
        int code = byProvider ? error.value() : winsock.wsaGetLastError();
        return judge(caller, socket, what, result == 0, code, count, out, record);
    }

    private String judge(
            Actor caller, int socket, Query what, boolean good, int error, OutUlong count, ByteBuffer out, int record) {
        if (good) {
            byte[] data = taken(out, count.value());
            if (what == Query.RECORDS) {
                records.put(record, data);
            }
            return (error == UNTOUCHED_ERROR ? "0 " : "0 and a last error of " + name(error) + " ")
                    + content(what, data)
                    + touched(out, count.value());
        }
        String told = name(error) + touched(out, 0);
        if (error == Win32Error.ERROR_INSUFFICIENT_BUFFER.code()) {
            return told + " for " + fetched(caller, socket, what, count.value());
        }
        return told + (count == null ? "" : " count " + count.value());
    }

    private static byte[] taken(ByteBuffer out, int count) {
        byte[] data = new byte[count];
        out.get(0, data);
        return data;
    }

    /** Contexts are told by their bytes, records by a name. */
    private String content(Query what, byte... data) {
        return what == Query.CONTEXT ? text(data) : names.of("record", new String(data, StandardCharsets.ISO_8859_1));
    }

    private static String touched(ByteBuffer out, int from) {
        if (out != null) {
            for (int i = from; i < out.limit(); i++) {
                if (out.get(i) != UNTOUCHED) {
                    return " and wrote byte " + i;
                }
            }
        }
        return "";
    }

    /** What a buffer of the announced length gets, or of a ULONG at least (WSA-14, WSA-17). */
    private String fetched(Actor caller, int socket, Query what, int announced) {
        int size = Math.max(Integer.BYTES, announced);
        ByteBuffer out = out(Room.EXACT, size);
        OutUlong count = count();
        int result = of(caller).wsaIoctl(handle(socket), code(what), null, 0, out, size, count);
        return result == 0 && count.value() == announced
                ? content(what, taken(out, announced))
                : "a length of " + announced + " that does not do";
    }

    private byte[] blob(Actor caller, int record, Blob blob) {
        byte[] good = records.getOrDefault(record, new byte[0]);
        if (blob == Blob.CONTEXT) {
            return bytes(Redirects.ALL.get(0).context());
        }
        if (good.length == 0) {
            return good;
        }
        var forge = sim.recordForge();
        return switch (blob) {
            case INTACT, CONTEXT -> good;
            case FIRST_BYTE_FLIPPED -> forge.flipByte(good, 0);
            case LAST_BYTE_FLIPPED -> forge.flipByte(good, good.length - 1);
            case CUT -> forge.cutTail(good, 1);
            case APPENDED -> forge.append(good, (byte) 0);
            case OVERFLOWING -> forge.overflowInnerLength(good);
            case RETARGETED_TO_CALLER ->
                forge.retarget(good, processes.get(caller).id());
            case RETARGETED_TO_APP ->
                forge.retarget(good, processes.get(Actor.APP).id());
            case REISSUED_ELSEWHERE -> forge.reissueElsewhere(good);
        };
    }

    @Override
    public String set(Actor caller, int socket, int record, Blob blob, Input input) {
        byte[] bytes = blob(caller, record, blob);
        ByteBuffer in = input == Input.NULL ? null : ByteBuffer.wrap(bytes);
        int size = switch (input) {
            case EMPTY -> 0;
            case OVERSTATED -> bytes.length + 1;
            case NULL -> GUESS;
            default -> bytes.length;
        };
        OutUlong count = input == Input.NO_COUNT ? null : count();
        int outSize = input == Input.WITH_OUTPUT ? 1 : 0;
        ByteBuffer out = ByteBuffer.allocate(1);
        String told = zero(caller, () -> of(caller).wsaIoctl(handle(socket), SET, in, size, out, outSize, count));
        return told + (count == null ? "" : " count " + count.value());
    }

    // ---- overlapped

    @Override
    public String begin(Actor caller, int socket, Query what, Room room, int overlapped, int record) {
        int size = room.bytes(needed(caller, socket, what));
        ByteBuffer out = out(room, size);
        Call call = new Call(of(caller).overlapped().newOverlapped(), out, what, record);
        OutUlong count = room == Room.NO_COUNT ? null : count();
        String told = start(
                caller,
                overlapped,
                call,
                () -> of(caller)
                        .overlapped()
                        .wsaIoctl(handle(socket), code(what), null, 0, out, size, count, call.overlapped(), null));
        return told.equals(PENDING)
                ? told + untouched(count)
                : judge(caller, socket, what, told.equals("0"), of(caller).wsaGetLastError(), count, out, record);
    }

    /** A call that pends never writes the count (WSA-46). */
    private static String untouched(OutUlong count) {
        return count == null || count.value() == UNTOUCHED_COUNT ? "" : " and wrote a count of " + count.value();
    }

    @Override
    public String beginSet(Actor caller, int socket, int record, Blob blob, int overlapped) {
        byte[] bytes = blob(caller, record, blob);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Call call = new Call(of(caller).overlapped().newOverlapped(), null, null, record);
        OutUlong count = count();
        String told = start(
                caller,
                overlapped,
                call,
                () -> of(caller)
                        .overlapped()
                        .wsaIoctl(handle(socket), SET, in, bytes.length, null, 0, count, call.overlapped(), null));
        return told + (told.equals(PENDING) ? untouched(count) : " count " + count.value());
    }

    private String start(Actor caller, int overlapped, Call call, Supplier<Integer> begin) {
        String told = zero(caller, begin);
        if (told.equals(PENDING)) {
            calls.put(overlapped, call);
        }
        return told;
    }

    @Override
    public String result(Actor caller, int socket, int overlapped) {
        Call call = calls.get(overlapped);
        WsaOverlapped structure = call == null ? of(caller).overlapped().newOverlapped() : call.overlapped();
        OutUlong count = count();
        OutUlong flags = new OutUlong();
        String told = zero(
                caller,
                () -> of(caller).overlapped().wsaGetOverlappedResult(handle(socket), structure, count, false, flags)
                        ? 0
                        : -1);
        if (call == null || !told.equals("0")) {
            return told + untouched(count);
        }
        if (call.what() == null) {
            return told + " count " + count.value();
        }
        return judge(caller, socket, call.what(), true, UNTOUCHED_ERROR, count, call.out(), call.record());
    }

    @Override
    public String pump() {
        sim.dispatcher().runAll();
        return "0";
    }

    // ---- processes and machine

    @Override
    public String wsaStartup(Actor caller) {
        try {
            int result = of(caller).wsaStartup(0x0202);
            return result == 0 ? "0" : name(result);
        } catch (IllegalStateException ended) {
            return "IllegalStateException";
        }
    }

    @Override
    public String wsaCleanup(Actor caller) {
        return zero(caller, () -> of(caller).wsaCleanup());
    }

    @Override
    public String elevate(Actor process, boolean elevated) {
        processes.get(process).setToken(elevated ? Token.ELEVATED_ADMINISTRATOR : Token.FILTERED_ADMINISTRATOR);
        return "0";
    }

    @Override
    public String network(boolean up) {
        sim.setNetworkUp(up);
        return "0";
    }

    @Override
    public String kill(Actor process) {
        processes.get(process).close();
        return "0";
    }

    // ---- looking

    @Override
    public List<String> table() {
        List<Names.Row> rows = sim.connections().stream().map(this::row).toList();
        // Nobody but the callouts of redirects takes memory.
        return names.table(rows, driver.pool().outstanding().size());
    }

    private Names.Row row(ConnectionSnapshot snapshot) {
        InetSocketAddress remote = snapshot.remote();
        InetSocketAddress effective = snapshot.effectiveRemote();
        return new Names.Row(
                snapshot.endpoint(),
                snapshot.parentEndpoint() == 0 ? null : snapshot.parentEndpoint(),
                snapshot.lineage(),
                pids.get(snapshot.process().id()),
                snapshot.protocol().name().substring("IPPROTO_".length()),
                snapshot.state().name(),
                snapshot.local().getAddress().getHostAddress(),
                snapshot.local().getPort(),
                remote == null ? null : remote.getAddress().getHostAddress(),
                remote == null ? 0 : remote.getPort(),
                effective == null ? null : effective.getAddress().getHostAddress(),
                effective == null ? 0 : effective.getPort(),
                snapshot.inheritedChain().stream().map(this::entry).toList(),
                snapshot.redirectChain().stream().map(this::entry).toList());
    }

    private String entry(RedirectRecord entry) {
        return handleNames.get(entry.handleId()) + " to " + pids.get(entry.targetPid()) + " hop " + entry.hopDepth();
    }

    @Override
    public List<String> tearDown() {
        List<String> wrong = new ArrayList<>();
        processes.values().forEach(SimProcess::close);
        sim.dispatcher().runAll();
        if (!sim.connections().isEmpty()) {
            wrong.add("endpoints " + sim.connections());
        }
        callouts.forEach(CalloutRegistration::close);
        handles.values().forEach(RedirectHandle::close);
        sim.tearDown().held().forEach(held -> wrong.add(held.toString()));
        sim.verifier().violations().forEach(violation -> wrong.add(violation.toString()));
        return wrong;
    }

    @Override
    public void close() {
        sim.close();
    }
}
