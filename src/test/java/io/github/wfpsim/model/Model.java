package io.github.wfpsim.model;

import io.github.wfpsim.model.ModelSocket.Address;
import io.github.wfpsim.model.ModelSocket.Entry;
import io.github.wfpsim.model.ModelSocket.Flow;
import io.github.wfpsim.model.ModelSocket.State;
import io.github.wfpsim.model.ModelSocket.Turns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the catalogue says, in the order in which it says it and without regard to speed: records.md, winsock-ioctl.md,
 * wfp-classify.md, and for the rest of Winsock the SDK's pages.
 *
 * <p>Nothing here calls the library. Methods that tests override are rules on their own.
 */
class Model implements Door {

    private static final String OK = "0";
    private static final int FIRST_DYNAMIC = 49_152;
    private static final int NO_LENGTH = 64;
    private static final int LEAST_ROOM = 4;
    private static final String TOO_SMALL = "ERROR_INSUFFICIENT_BUFFER";

    private static final class User {
        private boolean alive = true;
        private boolean elevated;
        private Account account;
        private int startups = 1;
    }

    /** A record that a query fetched. */
    private record Fetched(List<Entry> chain) {}

    /** An overlapped call: pending while answer is null. */
    private static final class Pending {
        private final Actor caller;
        private final ModelSocket socket;
        private final Supplier<Supplier<String>> work;
        private Supplier<String> answer;

        Pending(Actor caller, ModelSocket socket, Supplier<Supplier<String>> work) {
            this.caller = caller;
            this.socket = socket;
            this.work = work;
        }
    }

    private final Map<Actor, User> processes = new EnumMap<>(Actor.class);
    private final Map<Integer, ModelSocket> sockets = new HashMap<>();
    private final List<ModelSocket> endpoints = new ArrayList<>();
    private final List<Flow> flows = new ArrayList<>();
    private final Map<Integer, Fetched> records = new HashMap<>();
    private final Map<Integer, Pending> calls = new HashMap<>();
    private final Names names = new Names();
    private boolean networkUp = true;
    private final ModelHops hops = new ModelHops();
    private int redirects;
    private int binds;
    private int dynamic = FIRST_DYNAMIC;
    private int made;

    Model() {
        for (Actor actor : Actor.values()) {
            User process = new User();
            process.elevated = actor.token.isElevated();
            process.account = switch (actor) {
                case APP, SERVER -> Account.USER;
                case PROXY_A -> Account.ADMINISTRATOR;
                case PROXY_B -> Account.SYSTEM;
            };
            processes.put(actor, process);
        }
    }

    // ---- who calls

    private boolean isInitialised(Actor caller) {
        User process = processes.get(caller);
        return process.alive && process.startups > 0;
    }

    /** The first rows of WSA-42; null if the call goes on. */
    private String refusal(Actor caller, int socket, boolean needsNetwork) {
        if (!isInitialised(caller)) {
            return "WSANOTINITIALISED";
        }
        if (needsNetwork && !networkUp) {
            return "WSAENETDOWN";
        }
        return find(caller, socket) == null ? "WSAENOTSOCK" : null;
    }

    ModelSocket find(Actor caller, int socket) {
        ModelSocket found = sockets.get(socket);
        return found == null || found.closed || found.owner != caller ? null : found;
    }

    // ---- for the generator

    /** The numbers of the sockets that a process has. */
    List<Integer> socketsOf(Actor caller) {
        return sockets.keySet().stream()
                .filter(number -> find(caller, number) != null)
                .sorted()
                .toList();
    }

    List<Integer> records() {
        return records.keySet().stream().sorted().toList();
    }

    List<Integer> calls() {
        return calls.keySet().stream().sorted().toList();
    }

    Actor callerOf(int overlapped) {
        return calls.get(overlapped).caller;
    }

    // ---- life of a socket

    private ModelSocket open(Actor owner, boolean udp, boolean overlapped) {
        ModelSocket socket = new ModelSocket(made++, owner, udp, overlapped);
        endpoints.add(socket);
        return socket;
    }

    @Override
    public String socket(Actor caller, int socket, Kind kind) {
        if (!isInitialised(caller)) {
            return "WSANOTINITIALISED";
        }
        if (!networkUp) {
            return "WSAENETDOWN";
        }
        return switch (kind) {
            case UNKNOWN_FLAG -> "WSAEINVAL";
            case UNKNOWN_FAMILY -> "WSAEAFNOSUPPORT";
            case UNKNOWN_TYPE -> "WSAESOCKTNOSUPPORT";
            case MISMATCH -> "WSAEPROTOTYPE";
            case TCP, TCP_WAITING, UDP -> {
                sockets.put(socket, open(caller, kind == Kind.UDP, kind != Kind.TCP_WAITING));
                yield OK;
            }
        };
    }

    @Override
    public String bind(Actor caller, int socket, Place name) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        if (name == Place.NULL || name == Place.IPV6_80) {
            return "WSAEFAULT";
        }
        ModelSocket bound = find(caller, socket);
        if (bound.state != State.OPEN) {
            return "WSAEINVAL";
        }
        Address wanted = new Address(name.ip, name.port);
        if (!wanted.isAny() && !wanted.isOwn()) {
            return "WSAEADDRNOTAVAIL";
        }
        String taken = endpoints.stream()
                .filter(other -> other.udp == bound.udp && other.bound != null && other.bound.port() == wanted.port())
                .sorted(Comparator.comparingInt(other -> other.boundAt))
                .map(first -> besides(first, wanted, processes.get(bound.owner).account))
                .filter(answer -> !answer.equals(OK))
                .findFirst()
                .orElse(OK);
        if (!taken.equals(OK)) {
            return taken;
        }
        bound.boundAt = binds++;
        bound.boundBy = processes.get(bound.owner).account;
        bound.bound = wanted.port() == 0 ? new Address(wanted.ip(), dynamic++) : wanted;
        bound.local = bound.bound;
        bound.state = State.BOUND;
        return OK;
    }

    /** Whether an address can be bound after another one with its port, as sockets without options may. */
    private static String besides(ModelSocket first, Address wanted, Account account) {
        if (wanted.equals(first.bound)) {
            return "WSAEADDRINUSE";
        }
        // Only another account is kept from a part of what a wildcard took.
        return first.bound.isAny() && first.boundBy != account ? "WSAEACCES" : OK;
    }

    @Override
    public String listen(Actor caller, int socket, int backlog) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket listener = find(caller, socket);
        if (listener.udp) {
            return "WSAEOPNOTSUPP";
        }
        return switch (listener.state) {
            case OPEN -> "WSAEINVAL";
            case CONNECTED -> "WSAEISCONN";
            case LISTENING -> OK;
            case BOUND -> {
                listener.state = State.LISTENING;
                listener.backlog = Math.max(1, backlog);
                yield OK;
            }
        };
    }

    @Override
    public String accept(Actor caller, int socket, int accepted) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket listener = find(caller, socket);
        if (listener.udp) {
            return "WSAEOPNOTSUPP";
        }
        if (listener.state != State.LISTENING) {
            return "WSAEINVAL";
        }
        if (listener.waiting.isEmpty()) {
            return listener.nonBlocking ? "WSAEWOULDBLOCK" : null;
        }
        ModelSocket taken = listener.waiting.remove(0);
        // accept function: the new socket has the properties of the listener.
        taken.nonBlocking = listener.nonBlocking;
        taken.abortive = listener.abortive;
        sockets.put(accepted, taken);
        return address(taken.remote);
    }

    private String address(Address address) {
        return names.address(address.ip(), address.port());
    }

    @Override
    public String closesocket(Actor caller, int socket) {
        String refusal = refusal(caller, socket, false);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket closing = find(caller, socket);
        close(closing, closing.abortive);
        return OK;
    }

    private void close(ModelSocket closing, boolean abortive) {
        closing.closed = true;
        endpoints.remove(closing);
        for (Pending call : calls.values()) {
            if (call.socket == closing && call.answer == null) {
                call.answer = () -> "WSA_OPERATION_ABORTED";
            }
        }
        for (ModelSocket orphan : closing.waiting) {
            close(orphan, true);
        }
        if (closing.stream != null) {
            if (abortive) {
                closing.stream.reset();
            } else {
                closing.stream.endInput();
                closing.stream.endOutput();
            }
        }
        leave(closing);
    }

    private void leave(ModelSocket closing) {
        if (closing.flow != null) {
            closing.flow.ends--;
            if (closing.acceptor) {
                hops.gone(closing.owner, closing.flow);
            }
            closing.flow = null;
        }
    }

    // ---- connecting

    @Override
    public String connect(Actor caller, int socket, Place name) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        if (name == Place.NULL) {
            return "WSAEFAULT";
        }
        ModelSocket client = find(caller, socket);
        if (client.udp) {
            return null;
        }
        if (name == Place.IPV6_80) {
            return "WSAEAFNOSUPPORT";
        }
        Address asked = new Address(name.ip, name.port);
        if (asked.port() == 0 || asked.isAny()) {
            return "WSAEADDRNOTAVAIL";
        }
        return switch (client.state) {
            case CONNECTED -> "WSAEISCONN";
            case LISTENING -> "WSAEINVAL";
            case OPEN, BOUND -> {
                String end = connect(client, asked);
                // Here it has ended by then, which only readiness tells (NBIO-01).
                yield client.nonBlocking ? "WSAEWOULDBLOCK" : end;
            }
        };
    }

    private String connect(ModelSocket client, Address asked) {
        Address before = client.local;
        if (client.bound == null) {
            client.local = new Address(before.ip(), dynamic++);
        }
        String failure = depart(client, asked);
        if (failure != null) {
            client.local = before;
            leave(client);
            return failure;
        }
        return OK;
    }

    /** CONNECT_REDIRECT, the route, AUTH_CONNECT, and the listener (WFP-02); null if connected. */
    private String depart(ModelSocket client, Address asked) {
        if (isTaken(client, asked)) {
            return "WSAEADDRINUSE";
        }
        Address effective = redirect(client, asked);
        if (client.flow != null && client.flow.turns.count() > Redirects.LOOP_LIMIT) {
            return "WSAECONNABORTED";
        }
        if (client.local.isAny()) {
            String from = effective.isLoopback() ? "127.0.0.1" : "192.0.2.2";
            client.local = new Address(from, client.local.port());
        } else if (client.local.isLoopback() != effective.isLoopback()) {
            return "WSAEADDRNOTAVAIL";
        }
        if (isTaken(client, asked)) {
            return "WSAEADDRINUSE";
        }
        if (effective.port() == Redirects.BLOCKED_PORT) {
            return "WSAEACCES";
        }
        if (!effective.isOwn()) {
            return "WSAENETUNREACH";
        }
        ModelSocket listener = listenerAt(effective);
        if (listener == null || listener.waiting.size() >= listener.backlog) {
            return "WSAECONNREFUSED";
        }
        establish(client, asked, effective, listener);
        return null;
    }

    /** Whether another socket's connection goes from the same address to the same destination. */
    private boolean isTaken(ModelSocket client, Address asked) {
        return endpoints.stream()
                .anyMatch(other -> other != client
                        && !other.udp
                        && !other.acceptor
                        && other.state == State.CONNECTED
                        && other.local.equals(client.local)
                        && other.remote.equals(asked));
    }

    /** The exact address first, then the wildcard. */
    private ModelSocket listenerAt(Address address) {
        Address any = new Address("0.0.0.0", address.port());
        ModelSocket found = null;
        for (ModelSocket endpoint : endpoints) {
            if (endpoint.state == State.LISTENING) {
                if (endpoint.local.equals(address)) {
                    return endpoint;
                }
                found = endpoint.local.equals(any) ? endpoint : found;
            }
        }
        return found;
    }

    private void establish(ModelSocket client, Address asked, Address effective, ModelSocket listener) {
        client.remote = asked;
        client.effective = effective;
        client.stream = ModelStream.connected();
        client.state = State.CONNECTED;
        ModelSocket child = open(listener.owner, false, listener.overlapped);
        child.parent = listener;
        child.local = effective;
        child.remote = client.local;
        child.effective = client.local;
        child.stream = client.stream.peer();
        child.state = State.CONNECTED;
        child.acceptor = true;
        child.flow = client.flow;
        if (child.flow != null) {
            child.flow.ends++;
            hops.accepted(child.owner, child.flow.turns);
        }
        listener.waiting.add(child);
    }

    /** Asks the callouts in their order; the first that may redirect does, and the rest leave it alone (WFP-56). */
    private Address redirect(ModelSocket client, Address asked) {
        Turns before = hops.before(client.owner, client.inherited, asked.toString());
        for (Redirects callout : Redirects.ALL) {
            if (callout.port() == asked.port() && mayRedirect(callout.handle(), client.inherited)) {
                int depth = client.inherited.isEmpty()
                        ? 1 + (before == null ? 0 : before.depth())
                        : 1 + client.inherited.get(client.inherited.size() - 1).depth();
                List<Entry> chain = new ArrayList<>(client.inherited);
                chain.add(new Entry(
                        ++redirects, asked.toString(), callout.handle(), callout.target(), depth, client.lineage()));
                Turns turns = new Turns(before, chain.get(0).from(), chain);
                client.flow = new Flow(chain, callout.context(), client.lineage(), turns);
                if (before != null && client.inherited.isEmpty()) {
                    hops.goesOn(client.owner, client.lineage(), before);
                }
                flows.add(client.flow);
                return new Address(callout.proxy().ip, callout.proxy().port);
            }
        }
        return asked;
    }

    /** REC-20 to REC-23: in the states NOT_REDIRECTED and REDIRECTED_BY_OTHER. */
    protected boolean mayRedirect(String handle, List<Entry> chain) {
        return chain.stream().noneMatch(entry -> entry.handle().equals(handle));
    }

    // ---- bytes

    @Override
    public String send(Actor caller, int socket, int count, int flags) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket sender = find(caller, socket);
        if (sender.udp) {
            return null;
        }
        if (flags != 0) {
            return "WSAEOPNOTSUPP";
        }
        return sender.stream == null ? "WSAENOTCONN" : sender.stream.send(count, sender.nonBlocking);
    }

    @Override
    public String recv(Actor caller, int socket, int room) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket receiver = find(caller, socket);
        if (receiver.udp) {
            return null;
        }
        return receiver.stream == null ? "WSAENOTCONN" : receiver.stream.receive(room, receiver.nonBlocking);
    }

    @Override
    public String shutdown(Actor caller, int socket, int how) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        if (how < 0 || how > 2) {
            return "WSAEINVAL";
        }
        ModelSocket ending = find(caller, socket);
        if (ending.udp) {
            return OK;
        }
        if (ending.stream == null) {
            return "WSAENOTCONN";
        }
        // SD_RECEIVE 0, SD_SEND 1, SD_BOTH 2.
        if (how != 1) {
            ending.stream.endInput();
        }
        if (how != 0) {
            ending.stream.endOutput();
        }
        return OK;
    }

    @Override
    public String fionbio(Actor caller, int socket, boolean on) {
        String refusal = refusal(caller, socket, false);
        if (refusal != null) {
            return refusal;
        }
        find(caller, socket).nonBlocking = on;
        return OK;
    }

    @Override
    public String lingerForNoTime(Actor caller, int socket, boolean on) {
        String refusal = refusal(caller, socket, false);
        if (refusal != null) {
            return refusal;
        }
        ModelSocket lingering = find(caller, socket);
        if (lingering.udp) {
            return null;
        }
        lingering.abortive = on;
        return OK;
    }

    @Override
    public String getsockname(Actor caller, int socket) {
        String refusal = refusal(caller, socket, false);
        if (refusal != null) {
            return refusal;
        }
        Address local = find(caller, socket).local;
        return local.port() == 0 ? "WSAEINVAL" : address(local);
    }

    @Override
    public String getpeername(Actor caller, int socket) {
        String refusal = refusal(caller, socket, false);
        if (refusal != null) {
            return refusal;
        }
        Address remote = find(caller, socket).remote;
        return remote == null ? "WSAENOTCONN" : address(remote);
    }

    // ---- the redirect ioctls

    @Override
    public String query(Actor caller, int socket, Query what, Room room, int record) {
        String refusal = refusalOfQuery(caller, socket, what, room);
        if (refusal != null) {
            return refusal + (room == Room.NO_COUNT ? "" : " count 0");
        }
        return told(find(find(caller, socket), what, room), record);
    }

    /** WSA-42 up to "sizes". */
    private String refusalOfQuery(Actor caller, int socket, Query what, Room room) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        if (room.isBadMemory()) {
            return "WSAEFAULT";
        }
        int size = room.bytes(lengthFor(find(caller, socket), what));
        return size > 0 && size < LEAST_ROOM ? "WSAEINVAL" : null;
    }

    /** The length that a query of size 0 would tell; records are longer than any of the small sizes. */
    private int lengthFor(ModelSocket socket, Query what) {
        boolean there = refusalOfState(socket, what) == null;
        return there && what == Query.CONTEXT ? socket.flow.context.length() : NO_LENGTH;
    }

    /** WSA-42 from state to data; null if there is something to copy. */
    private String refusalOfState(ModelSocket socket, Query what) {
        if (socket.state != State.CONNECTED || socket.stream.isReset()) {
            return "WSAENOTCONN";
        }
        if (socket.flow == null || !socket.acceptor) {
            return "FWP_E_NOT_FOUND";
        }
        if (!mayQuery(socket.owner, socket.flow.newest())) {
            return "WSAEACCES";
        }
        return what == Query.CONTEXT && socket.flow.context.isEmpty() ? "FWP_E_NOT_FOUND" : null;
    }

    /** REC-35. */
    protected boolean mayQuery(Actor caller, Entry newest) {
        return newest.target() == caller;
    }

    /** What a query finds: why it fails, or what there is to copy, or both if that is too long. */
    private record Found(String failure, Query what, Flow flow) {}

    private Found find(ModelSocket socket, Query what, Room room) {
        String refusal = refusalOfState(socket, what);
        if (refusal != null) {
            return new Found(refusal, what, null);
        }
        int length = lengthFor(socket, what);
        return new Found(room.bytes(length) < length ? TOO_SMALL : null, what, socket.flow);
    }

    private String told(Found found, int record) {
        if (found.flow() == null) {
            return found.failure() + " count 0";
        }
        String content = found.what() == Query.CONTEXT ? found.flow().context : names.of("record", found.flow());
        if (found.failure() != null) {
            return found.failure() + " for " + content;
        }
        if (found.what() == Query.RECORDS) {
            records.put(record, new Fetched(found.flow().chain));
        }
        return "0 " + content;
    }

    @Override
    public String set(Actor caller, int socket, int record, Blob blob, Input input) {
        String refusal = refusal(caller, socket, true);
        String count = input == Input.NO_COUNT ? "" : " count 0";
        if (refusal != null) {
            return refusal + count;
        }
        boolean empty = records.get(record) == null && blob != Blob.CONTEXT;
        if (input == Input.NULL || input == Input.OVERSTATED || input == Input.NO_COUNT) {
            return "WSAEFAULT" + count;
        }
        if (input == Input.EMPTY || input == Input.WITH_OUTPUT || empty) {
            return "WSAEINVAL" + count;
        }
        return set(find(caller, socket), record, blob) + count;
    }

    private String set(ModelSocket socket, int record, Blob blob) {
        if (socket.udp || !maySetIn(socket.state)) {
            return "WSAEINVAL";
        }
        if (!processes.get(socket.owner).elevated) {
            return "WSAEACCES";
        }
        if (blob == Blob.OVERFLOWING) {
            return "WSAEINVAL";
        }
        List<Entry> chain =
                blob == Blob.CONTEXT ? null : chainOf(records.get(record).chain(), socket.owner, blob);
        if (chain == null || chain.get(chain.size() - 1).target() != socket.owner) {
            return "WSAEACCES";
        }
        socket.inherited = chain;
        return OK;
    }

    /** WSA-10. */
    protected boolean maySetIn(State state) {
        return state == State.OPEN;
    }

    /** What a blob says; null if it is not to be trusted (REC-37). */
    private static List<Entry> chainOf(List<Entry> good, Actor caller, Blob blob) {
        return switch (blob) {
            case INTACT -> good;
            case RETARGETED_TO_CALLER -> retargeted(good, caller);
            case RETARGETED_TO_APP -> retargeted(good, Actor.APP);
            default -> null;
        };
    }

    private static List<Entry> retargeted(List<Entry> good, Actor target) {
        List<Entry> chain = new ArrayList<>(good);
        Entry newest = chain.remove(chain.size() - 1);
        chain.add(new Entry(newest.id(), newest.from(), newest.handle(), target, newest.depth(), newest.lineage()));
        return chain;
    }

    // ---- overlapped

    @Override
    public String begin(Actor caller, int socket, Query what, Room room, int overlapped, int record) {
        ModelSocket asked = find(caller, socket);
        if (asked == null || !asked.overlapped) {
            return room == Room.NO_COUNT ? null : query(caller, socket, what, room, record);
        }
        // An overlapped call may do without a count (WSA-22).
        String refusal = refusalOfQuery(caller, socket, what, room == Room.NO_COUNT ? Room.LARGE : room);
        if (refusal != null) {
            return refusal + (room == Room.NO_COUNT ? "" : " count 0");
        }
        return pend(caller, asked, overlapped, () -> {
            Found found = find(asked, what, room);
            // WSAGetOverlappedResult leaves the count alone on failure (WSA-52).
            return found.failure() == null ? () -> told(found, record) : found::failure;
        });
    }

    @Override
    public String beginSet(Actor caller, int socket, int record, Blob blob, int overlapped) {
        ModelSocket asked = find(caller, socket);
        if (asked == null || !asked.overlapped) {
            return set(caller, socket, record, blob, Input.SOUND);
        }
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal + " count 0";
        }
        if (records.get(record) == null && blob != Blob.CONTEXT) {
            return "WSAEINVAL count 0";
        }
        return pend(caller, asked, overlapped, () -> {
            String told = set(asked, record, blob);
            return () -> told.equals(OK) ? "0 count 0" : told;
        });
    }

    private String pend(Actor caller, ModelSocket socket, int overlapped, Supplier<Supplier<String>> work) {
        calls.put(overlapped, new Pending(caller, socket, work));
        return "WSA_IO_PENDING";
    }

    @Override
    public String pump() {
        calls.keySet().stream().sorted().map(calls::get).forEach(call -> {
            if (call.answer == null) {
                call.answer = call.work.get();
            }
        });
        return OK;
    }

    @Override
    public String result(Actor caller, int socket, int overlapped) {
        String refusal = refusal(caller, socket, true);
        if (refusal != null) {
            return refusal;
        }
        Pending call = calls.get(overlapped);
        if (call == null || call.caller != caller) {
            return null;
        }
        if (call.answer == null) {
            return "WSA_IO_INCOMPLETE";
        }
        return call.answer.get();
    }

    // ---- processes and machine

    @Override
    public String wsaStartup(Actor caller) {
        User process = processes.get(caller);
        if (!process.alive) {
            return "IllegalStateException";
        }
        process.startups++;
        return OK;
    }

    @Override
    public String wsaCleanup(Actor caller) {
        if (!isInitialised(caller)) {
            return "WSANOTINITIALISED";
        }
        User process = processes.get(caller);
        process.startups--;
        if (process.startups == 0) {
            closeAllOf(caller);
        }
        return OK;
    }

    @Override
    public String elevate(Actor process, boolean elevated) {
        // Elevated or not, the token is an administrator's.
        processes.get(process).elevated = elevated;
        processes.get(process).account = Account.ADMINISTRATOR;
        return OK;
    }

    @Override
    public String network(boolean up) {
        networkUp = up;
        return OK;
    }

    @Override
    public String kill(Actor process) {
        closeAllOf(process);
        processes.get(process).alive = false;
        return OK;
    }

    private void closeAllOf(Actor owner) {
        for (ModelSocket endpoint : List.copyOf(endpoints)) {
            if (endpoint.owner == owner && !endpoint.closed) {
                close(endpoint, true);
            }
        }
    }

    // ---- looking

    @Override
    public List<String> table() {
        List<Names.Row> rows = endpoints.stream()
                .sorted(Comparator.comparingInt(endpoint -> endpoint.number))
                .map(ModelSocket::row)
                .toList();
        return names.table(rows, contexts());
    }

    /** REC-29: while an end of the redirected connection lives. */
    private long contexts() {
        return flows.stream()
                .filter(flow -> flow.ends > 0 && !flow.context.isEmpty())
                .count();
    }

    @Override
    public List<String> tearDown() {
        return List.of();
    }

    @Override
    public void close() {}
}
