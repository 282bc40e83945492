package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.chain.RedirectRights;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The three redirect ioctls as both doors use them: query records, query context, set records. */
public final class RedirectControl {

    /** What a query asks for. */
    public enum Query {
        /** SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS. */
        RECORDS,
        /** SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT. */
        CONTEXT
    }

    private final HostStack stack;

    RedirectControl(HostStack stack) {
        this.stack = stack;
    }

    /** Whether the simulated Windows version has the three codes (WSK-05, WSA-05). */
    public boolean isSupported() {
        return stack.options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8);
    }

    /**
     * Copies the records or the context of an accepted connection.
     *
     * @param out where the bytes go, from its position on, which is not moved; null if {@code outSize} is 0
     * @param outSize bytes that may be written
     * @param size receives the bytes copied on SUCCESS, the bytes needed on TOO_SMALL; else left alone
     */
    public ControlStatus query(HostSocket socket, Query what, @Nullable ByteBuffer out, long outSize, OutUlong size) {
        return query(socket, socket.owner(), what, out, outSize, size);
    }

    /** As above, asked by a process that may not be the one that made the socket: its right counts (WSA-74). */
    public ControlStatus query(
            HostSocket socket, ProcessEntry caller, Query what, @Nullable ByteBuffer out, long outSize, OutUlong size) {
        ControlStatus status =
                unlessClosed(socket.endpoint(), answer(socket.endpoint(), caller, what, out, outSize, size));
        if (stack.trace().isListening()) {
            traceQuery(socket.endpoint(), what, status, size);
        }
        tellIfDenied(
                socket.endpoint(), caller, what == Query.RECORDS ? "query of records" : "query of the context", status);
        return status;
    }

    /** A socket that another thread closes meanwhile has lost what it would have answered by. */
    private static ControlStatus unlessClosed(Endpoint endpoint, ControlStatus status) {
        boolean stateless = status == ControlStatus.SUCCESS || status == ControlStatus.TOO_SMALL;
        if (stateless || !endpoint.isClosed()) {
            return status;
        }
        return endpoint.isCut() ? ControlStatus.NOT_CONNECTED : ControlStatus.CLOSED;
    }

    private ControlStatus answer(
            Endpoint endpoint, ProcessEntry caller, Query what, @Nullable ByteBuffer out, long outSize, OutUlong size) {
        ControlStatus unfit = unfit(endpoint);
        if (unfit != ControlStatus.SUCCESS) {
            return unfit;
        }
        Endpoint end = endOf(endpoint);
        RedirectedFlow flow = end == null ? null : end.flow();
        if (end == null || flow == null || flow.newest() == null || !end.isAcceptor()) {
            return ControlStatus.NOT_REDIRECTED;
        }
        if (!mayQuery(caller, flow.addressee())) {
            return ControlStatus.NOT_TARGET_PROCESS;
        }
        return what == Query.RECORDS ? records(flow, out, outSize, size) : context(flow, out, outSize, size);
    }

    private ControlStatus records(RedirectedFlow flow, @Nullable ByteBuffer out, long outSize, OutUlong size) {
        byte[] records = flow.records(stack.codec());
        size.set(records.length);
        if (out == null || outSize < records.length) {
            return ControlStatus.TOO_SMALL;
        }
        out.put(out.position(), records);
        return ControlStatus.SUCCESS;
    }

    private static ControlStatus context(RedirectedFlow flow, @Nullable ByteBuffer out, long outSize, OutUlong size) {
        CapturedContext context = flow.context();
        if (context == null || context.isFreed()) {
            return ControlStatus.NO_CONTEXT;
        }
        if (context.isOversized()) {
            return ControlStatus.INTEGER_OVERFLOW;
        }
        size.set((int) context.declaredSize());
        // Always so from 2 GiB on: no Java buffer is as large, and the bytes of such a context are not kept.
        if (out == null || outSize < context.declaredSize()) {
            return ControlStatus.TOO_SMALL;
        }
        context.copyTo(out, out.position());
        return ControlStatus.SUCCESS;
    }

    private boolean mayQuery(ProcessEntry caller, int targetPid) {
        return RedirectRights.mayQuery(stack.options(), caller.id(), targetPid);
    }

    /** Says so where a redirect named a process that lives, and another one gets the connection (WFP-120). */
    void tellIfNotTarget(Endpoint acceptor, @Nullable RedirectedFlow flow) {
        RedirectRecord newest = flow == null ? null : flow.newest();
        if (newest == null || mayQuery(acceptor.owner(), newest.targetPid())) {
            return;
        }
        stack.processes()
                .find(newest.targetPid())
                .ifPresent(target -> stack.verifier()
                        .diagnose(
                                acceptor.subject(),
                                Diagnostic.REDIRECT_TARGET_DOES_NOT_ACCEPT,
                                newest.driver(),
                                "localRedirectTargetPID names " + target + ", but " + acceptor.owner() + " receives at "
                                        + IpAddress.text(newest.redirectedTo()) + ", which may not query the records; "
                                        + target + " can only if the socket is duplicated into it"));
    }

    /** The end of a connection: the socket itself, or a datagram socket's flow to its peer (UDP-16). */
    private static @Nullable Endpoint endOf(Endpoint socket) {
        DatagramPort port = socket.datagramPort();
        if (port == null) {
            return socket;
        }
        InetSocketAddress peer = socket.remote();
        DatagramFlow flow = peer == null ? null : port.flowTo(peer);
        return flow == null ? null : flow.endpoint();
    }

    /**
     * Gives the packet that created a redirected flow what it carries besides: what its receiver may query and wants
     * (UDP-01, UDP-07).
     */
    ReceivedDatagram announce(
            HostSocket socket,
            InetSocketAddress source,
            ByteBuffer payload,
            RedirectChain chain,
            RedirectRecord newest) {
        if (!mayQuery(socket.owner(), newest.targetPid())) {
            return new ReceivedDatagram(source, payload, null, null);
        }
        AddressFamily family = CarriedRecords.familyOf(source);
        ByteBuffer records = socket.isAncillaryOn(AncillaryType.recordsOf(family))
                ? ByteBuffer.wrap(stack.codec().encode(chain))
                : null;
        ByteBuffer context = socket.isAncillaryOn(AncillaryType.contextOf(family)) ? contextOf(newest) : null;
        if (stack.trace().isListening() && (records != null || context != null)) {
            stack.trace()
                    .emit(new TraceEvent.RecordsReceived(
                            socket.endpoint().subject(), IpAddress.unmap(source), sizeOf(records), sizeOf(context)));
        }
        return new ReceivedDatagram(source, payload, records, context);
    }

    private @Nullable ByteBuffer contextOf(RedirectRecord newest) {
        CapturedContext context = stack.contexts().find(newest.id());
        return context == null || context.isFreed() || context.isOversized() ? null : context.bytes();
    }

    private static int sizeOf(@Nullable ByteBuffer data) {
        return data == null ? 0 : data.remaining();
    }

    private static ControlStatus unfit(Endpoint endpoint) {
        if (!LayerQuestion.isRedirectable(endpoint)) {
            return ControlStatus.PROTOCOL_NOT_COVERED;
        }
        if (endpoint.state() != ConnectionState.CONNECTED) {
            return ControlStatus.NOT_CONNECTED;
        }
        DuplexStream stream = endpoint.stream();
        return stream != null && stream.isReset() ? ControlStatus.CONNECTION_DEAD : ControlStatus.SUCCESS;
    }

    /**
     * Puts records on a socket that is going to connect.
     *
     * @param record the bytes, from its position on, which is not moved
     * @param recordSize their declared length
     * @param kernelMode whether a kernel client calls, which needs no privilege
     */
    public ControlStatus set(HostSocket socket, ByteBuffer record, long recordSize, boolean kernelMode) {
        return set(socket, socket.owner(), record, recordSize, kernelMode);
    }

    /** As above, by a process that may not be the one that made the socket: its rights count (WSA-74). */
    public ControlStatus set(
            HostSocket socket, ProcessEntry caller, ByteBuffer record, long recordSize, boolean kernelMode) {
        Endpoint endpoint = socket.endpoint();
        ControlStatus status = judgeSet(endpoint, caller, record, recordSize, kernelMode);
        if (stack.trace().isListening()) {
            stack.trace()
                    .emit(new TraceEvent.RecordsSet(
                            endpoint.subject(),
                            status.ntStatus(),
                            recordSize,
                            endpoint.inherited().size()));
        }
        tellIfDenied(endpoint, caller, "set of records", status);
        return status;
    }

    /** Both doors have one code for all causes; here each is told apart (WSA-36). */
    void tellIfDenied(Endpoint endpoint, ProcessEntry caller, String what, ControlStatus status) {
        String why = status.whyDenied();
        if (!why.isEmpty()) {
            RedirectRecord newest = endpoint.redirectChain().newest();
            String named =
                    newest == null || status != ControlStatus.NOT_TARGET_PROCESS ? "" : ", PID " + newest.targetPid();
            stack.verifier()
                    .diagnose(
                            endpoint.subject(),
                            Diagnostic.REDIRECT_CONTROL_DENIED,
                            caller.toString(),
                            what + " on socket #" + endpoint.socketHandle() + " is denied: " + why + named);
        }
    }

    private ControlStatus judgeSet(
            Endpoint endpoint, ProcessEntry caller, ByteBuffer record, long recordSize, boolean kernelMode) {
        if (endpoint.protocol() != IpProtocol.IPPROTO_TCP || endpoint.type() != SocketType.SOCK_STREAM) {
            return ControlStatus.WRONG_SOCKET_TYPE;
        }
        ConnectionState state = endpoint.state();
        boolean boundToo = stack.options().has(Deviation.SET_AFTER_BIND_ALLOWED);
        if (state != ConnectionState.OPEN && !(boundToo && state == ConnectionState.BOUND)) {
            return unlessClosed(endpoint, ControlStatus.WRONG_STAGE);
        }
        Out<RedirectChain> chain = Out.empty();
        ControlStatus judged = judge(caller, record, recordSize, kernelMode, chain);
        RedirectChain sound = chain.get();
        if (judged != ControlStatus.SUCCESS || sound == null) {
            return judged;
        }
        return endpoint.installInherited(state, sound)
                ? ControlStatus.SUCCESS
                : unlessClosed(endpoint, ControlStatus.WRONG_STAGE);
    }

    /**
     * Judges records that a socket is to carry on: by SET, or by the packet that creates a datagram flow (UDP-12).
     *
     * @param record the bytes, from its position on, which is not moved
     * @param recordSize their declared length
     * @param kernelMode whether a kernel client calls, which needs no privilege
     * @param chain receives the chain on SUCCESS
     */
    public ControlStatus judge(
            HostSocket socket, ByteBuffer record, long recordSize, boolean kernelMode, Out<RedirectChain> chain) {
        return judge(socket.owner(), record, recordSize, kernelMode, chain);
    }

    private ControlStatus judge(
            ProcessEntry caller, ByteBuffer record, long recordSize, boolean kernelMode, Out<RedirectChain> chain) {
        if (!kernelMode && !RedirectRights.maySet(caller.token())) {
            return ControlStatus.NO_PRIVILEGE;
        }
        RedirectRecordCodec.Decoded decoded = stack.codec().decode(record, recordSize);
        return switch (decoded.verdict()) {
            case LENGTH_OVERFLOW -> ControlStatus.INTEGER_OVERFLOW;
            case INTACT -> {
                boolean addressed = RedirectRights.isAddressedTo(decoded.chain(), caller.id());
                chain.set(addressed ? decoded.chain() : null);
                yield addressed ? ControlStatus.SUCCESS : ControlStatus.RECORD_OF_ANOTHER_PROCESS;
            }
            case TRUNCATED -> ControlStatus.RECORD_CUT;
            case MALFORMED -> ControlStatus.NO_RECORD;
            case FOREIGN_HOST -> ControlStatus.RECORD_OF_ANOTHER_MACHINE;
            case ALTERED -> ControlStatus.RECORD_ALTERED;
        };
    }

    private void traceQuery(Endpoint endpoint, Query what, ControlStatus status, OutUlong size) {
        Subject subject = endpoint.subject();
        boolean sized = status == ControlStatus.SUCCESS || status == ControlStatus.TOO_SMALL;
        long bytes = sized ? size.unsigned() : 0;
        stack.trace()
                .emit(
                        what == Query.RECORDS
                                ? new TraceEvent.RecordsQueried(subject, status.ntStatus(), bytes)
                                : new TraceEvent.ContextQueried(subject, status.ntStatus(), bytes));
    }
}
