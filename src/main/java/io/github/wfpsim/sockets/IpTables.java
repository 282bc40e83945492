package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.iphlp.Iphlpapi;
import io.github.wfpsim.iphlp.MibTcpState;
import io.github.wfpsim.iphlp.TcpRow;
import io.github.wfpsim.iphlp.TcpTableClass;
import io.github.wfpsim.iphlp.UdpRow;
import io.github.wfpsim.iphlp.UdpTableClass;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.stack.Endpoint;
import io.github.wfpsim.stack.HostStack;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The tables of IP Helper, made from the machine's endpoints.
 *
 * <p>Source: GetExtendedTcpTable function; GetExtendedUdpTable function; the MIB_ structures of their tables (SDK).
 * Requirements: IPH-01 to IPH-06.
 */
public final class IpTables implements Iphlpapi {

    private static final int SIZEOF_DWORD = 4;
    private static final int SIZEOF_ADDRESS_V6 = 16;

    private static final Comparator<InetSocketAddress> BY_ADDRESS = Comparator.<InetSocketAddress, byte[]>comparing(
                    address -> address.getAddress().getAddress(), Arrays::compareUnsigned)
            .thenComparing(InetSocketAddress::getPort);

    private static final Comparator<TcpRow> TCP_ORDER =
            Comparator.comparing(TcpRow::local, BY_ADDRESS).thenComparing(TcpRow::remote, BY_ADDRESS);

    private static final Comparator<UdpRow> UDP_ORDER = Comparator.comparing(UdpRow::local, BY_ADDRESS);

    private final HostStack stack;

    /**
     * Created by the root for a machine.
     *
     * @param stack its transport
     */
    public IpTables(HostStack stack) {
        this.stack = Objects.requireNonNull(stack, "stack must not be null: get the tables from a process of WfpSim");
    }

    // ---- as bytes

    @Override
    public int getExtendedTcpTable(
            @Nullable ByteBuffer pTcpTable,
            @Nullable OutUlong pdwSize,
            boolean bOrder,
            int ulAf,
            int tableClass,
            int reserved) {
        AddressFamily family = AddressFamily.fromCode(ulAf).orElse(null);
        TcpTableClass known = Arrays.stream(TcpTableClass.values())
                .filter(candidate -> candidate.code() == tableClass)
                .findFirst()
                .orElse(null);
        if (pdwSize == null || family == null || known == null || reserved != 0) {
            return Win32Error.WSA_INVALID_PARAMETER.code();
        }
        boolean withOwner = known.name().contains("OWNER_PID");
        boolean basic = known.name().contains("BASIC");
        if (!withOwner && !(basic && family == AddressFamily.AF_INET)) {
            return Win32Error.ERROR_NOT_SUPPORTED.code();
        }
        List<TcpRow> rows = tcpRows(family, known);
        if (bOrder) {
            rows = rows.stream().sorted(TCP_ORDER).toList();
        }
        int rowSize = (family == AddressFamily.AF_INET ? 5 * SIZEOF_DWORD : 5 * SIZEOF_DWORD + 2 * SIZEOF_ADDRESS_V6)
                + (withOwner ? SIZEOF_DWORD : 0);
        return store(pTcpTable, pdwSize, rows, rowSize, (out, row) -> write(out, row, family, withOwner));
    }

    @Override
    public int getExtendedUdpTable(
            @Nullable ByteBuffer pUdpTable,
            @Nullable OutUlong pdwSize,
            boolean bOrder,
            int ulAf,
            int tableClass,
            int reserved) {
        AddressFamily family = AddressFamily.fromCode(ulAf).orElse(null);
        boolean known = Arrays.stream(UdpTableClass.values()).anyMatch(candidate -> candidate.code() == tableClass);
        if (pdwSize == null || family == null || !known || reserved != 0) {
            return Win32Error.WSA_INVALID_PARAMETER.code();
        }
        if (tableClass == UdpTableClass.UDP_TABLE_OWNER_MODULE.code()) {
            return Win32Error.ERROR_NOT_SUPPORTED.code();
        }
        boolean withOwner = tableClass == UdpTableClass.UDP_TABLE_OWNER_PID.code();
        List<UdpRow> rows = udpRows(family);
        if (bOrder) {
            rows = rows.stream().sorted(UDP_ORDER).toList();
        }
        int rowSize = (family == AddressFamily.AF_INET ? 2 * SIZEOF_DWORD : 2 * SIZEOF_DWORD + SIZEOF_ADDRESS_V6)
                + (withOwner ? SIZEOF_DWORD : 0);
        return store(pUdpTable, pdwSize, rows, rowSize, (out, row) -> {
            writeAddress(out, row.local(), family);
            if (withOwner) {
                out.putInt(row.owningPid());
            }
        });
    }

    private static <R> int store(
            @Nullable ByteBuffer memory, OutUlong size, List<R> rows, int rowSize, BiConsumer<ByteBuffer, R> writer) {
        int needed = SIZEOF_DWORD + rows.size() * rowSize;
        long offered = size.unsigned();
        if (memory != null && (memory.isReadOnly() || offered > memory.remaining())) {
            return Win32Error.ERROR_NOACCESS.code();
        }
        size.set(needed);
        if (memory == null || offered < needed) {
            return Win32Error.ERROR_INSUFFICIENT_BUFFER.code();
        }
        ByteBuffer out = memory.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(rows.size());
        rows.forEach(row -> writer.accept(out, row));
        return Win32Error.NO_ERROR.code();
    }

    /** The members in the order of the structures, which differs between the families. */
    private static void write(ByteBuffer out, TcpRow row, AddressFamily family, boolean withOwner) {
        if (family == AddressFamily.AF_INET) {
            out.putInt(row.state().code());
        }
        writeAddress(out, row.local(), family);
        writeAddress(out, row.remote(), family);
        if (family == AddressFamily.AF_INET6) {
            out.putInt(row.state().code());
        }
        if (withOwner) {
            out.putInt(row.owningPid());
        }
    }

    /** Address, for IPv6 the scope, and port: in network byte order in the lower half of a DWORD. */
    private static void writeAddress(ByteBuffer out, InetSocketAddress address, AddressFamily family) {
        out.put(address.getAddress().getAddress());
        if (family == AddressFamily.AF_INET6) {
            out.putInt(address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0);
        }
        out.putInt(Short.toUnsignedInt(Short.reverseBytes((short) address.getPort())));
    }

    // ---- as rows

    @Override
    public List<TcpRow> tcpTable(AddressFamily family, TcpTableClass tableClass) {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        Objects.requireNonNull(tableClass, "tableClass must not be null: give TCP_TABLE_OWNER_PID_ALL or another");
        return tcpRows(family, tableClass).stream().sorted(TCP_ORDER).toList();
    }

    @Override
    public List<UdpRow> udpTable(AddressFamily family) {
        Objects.requireNonNull(family, "family must not be null: give AF_INET or AF_INET6");
        return udpRows(family).stream().sorted(UDP_ORDER).toList();
    }

    private List<TcpRow> tcpRows(AddressFamily family, TcpTableClass tableClass) {
        boolean listeners = !tableClass.name().endsWith("_CONNECTIONS");
        boolean connections = !tableClass.name().endsWith("_LISTENER");
        return stack.endpoints().stream()
                .filter(endpoint -> endpoint.protocol() == IpProtocol.IPPROTO_TCP)
                .map(IpTables::tcpRow)
                .flatMap(Optional::stream)
                .filter(row -> AddressFamily.of(row.local().getAddress()) == family)
                .filter(row -> row.state() == MibTcpState.MIB_TCP_STATE_LISTEN ? listeners : connections)
                .toList();
    }

    private static Optional<TcpRow> tcpRow(Endpoint endpoint) {
        MibTcpState state = stateOf(endpoint);
        if (state == null) {
            return Optional.empty();
        }
        InetSocketAddress local = endpoint.local();
        InetSocketAddress peer = endpoint.remote();
        InetSocketAddress remote = state == MibTcpState.MIB_TCP_STATE_LISTEN || peer == null
                ? IpAddress.unspecified(AddressFamily.of(local.getAddress()))
                : peer;
        return Optional.of(new TcpRow(state, local, remote, endpoint.owner().id()));
    }

    /** What TCP would call it; null for what has no row. */
    private static @Nullable MibTcpState stateOf(Endpoint endpoint) {
        return switch (endpoint.state()) {
            case LISTENING -> MibTcpState.MIB_TCP_STATE_LISTEN;
            case CONNECTING -> MibTcpState.MIB_TCP_STATE_SYN_SENT;
            case CONNECTED ->
                endpoint.isPeerDone() ? MibTcpState.MIB_TCP_STATE_CLOSE_WAIT : MibTcpState.MIB_TCP_STATE_ESTAB;
            case OPEN, BINDING, BOUND, CLOSED -> null;
        };
    }

    private List<UdpRow> udpRows(AddressFamily family) {
        return stack.endpoints().stream()
                .filter(endpoint -> endpoint.protocol() == IpProtocol.IPPROTO_UDP)
                // A flow is no socket of its own.
                .filter(endpoint -> endpoint.socketHandle() == endpoint.handle())
                .filter(endpoint -> endpoint.state() != ConnectionState.CLOSED)
                .filter(endpoint -> endpoint.local().getPort() != 0)
                .map(endpoint -> new UdpRow(endpoint.local(), endpoint.owner().id()))
                .filter(row -> AddressFamily.of(row.local().getAddress()) == family)
                .toList();
    }
}
