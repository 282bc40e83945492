package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.WindowsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The error table of SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS (SDK), one cause for each code. */
@Timeout(20)
class RecordsErrorTableTest {

    private static final int ROOM = 4096;

    /** A way to get one of the errors. */
    private interface Cause {
        Win32Error of(RedirectLab lab) throws Exception;
    }

    private record Row(Win32Error error, Cause cause) {

        @Override
        public String toString() {
            return error.name();
        }
    }

    /** The rows of the table, in its order. */
    private static final List<Row> TABLE = List.of(
            new Row(Win32Error.ERROR_INSUFFICIENT_BUFFER, lab -> asked(lab, accepted(lab), ByteBuffer.allocate(4), 4)),
            new Row(
                    Win32Error.WSA_IO_PENDING,
                    lab -> overlapped(
                            lab, accepted(lab), lab.proxy.winsock().overlapped().newOverlapped())),
            new Row(Win32Error.WSA_OPERATION_ABORTED, lab -> {
                WsaOverlapped pending = lab.proxy.winsock().overlapped().newOverlapped();
                SocketHandle socket = accepted(lab);
                overlapped(lab, socket, pending);
                lab.proxy.winsock().closesocket(socket);
                return pending.internal();
            }),
            new Row(Win32Error.WSAEFAULT, lab -> asked(lab, accepted(lab), null, ROOM)),
            new Row(Win32Error.WSAEINPROGRESS, lab -> {
                SocketHandle socket = accepted(lab);
                AtomicReference<Win32Error> error = new AtomicReference<>();
                Kernel32 kernel32 = lab.proxy.winsock().kernel32();
                kernel32.queueUserApc(Thread.currentThread(), () -> error.set(asked(lab, socket)));
                kernel32.sleepEx(0, true);
                return error.get();
            }),
            // A query that waits for its result is done before anybody can interrupt it; a wait for it is not.
            new Row(Win32Error.WSAEINTR, lab -> {
                WsaOverlapped pending = lab.proxy.winsock().overlapped().newOverlapped();
                SocketHandle socket = accepted(lab);
                overlapped(lab, socket, pending);
                Winsock winsock = lab.proxy.winsock();
                Background<Win32Error> wait = Background.start(() -> {
                            winsock.overlapped()
                                    .wsaGetOverlappedResult(socket, pending, new OutUlong(), true, new OutUlong());
                            return lastError(winsock);
                        })
                        .awaitBlocked();
                wait.interrupt();
                return wait.result();
            }),
            new Row(Win32Error.WSAEINVAL, lab -> asked(lab, accepted(lab), ByteBuffer.allocate(3), 3)),
            new Row(Win32Error.WSAENETDOWN, lab -> {
                SocketHandle socket = accepted(lab);
                lab.sim.setNetworkUp(false);
                return asked(lab, socket);
            }),
            new Row(Win32Error.WSAENOPROTOOPT, lab -> asked(lab, lab.uncovered(lab.proxy.winsock()))),
            new Row(Win32Error.WSAENOTCONN, lab -> asked(lab, lab.tcp(lab.proxy.winsock()))),
            new Row(Win32Error.WSAENOTSOCK, lab -> asked(lab, new SocketHandle(3))),
            new Row(Win32Error.WSAEOPNOTSUPP, lab -> {
                SimOptions older = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7);
                try (RedirectLab unsupported = RedirectLab.open(lab.family, older)) {
                    return asked(unsupported, unsupported.plain().accepted());
                }
            }));

    private static SocketHandle accepted(RedirectLab lab) {
        return lab.redirected().accepted();
    }

    private static Win32Error lastError(Winsock winsock) {
        return Win32Error.fromCode(winsock.wsaGetLastError()).orElseThrow();
    }

    private static Win32Error asked(RedirectLab lab, SocketHandle socket) {
        return asked(lab, socket, ByteBuffer.allocate(ROOM), ROOM);
    }

    private static Win32Error asked(RedirectLab lab, SocketHandle socket, @Nullable ByteBuffer out, int size) {
        Outcome outcome = Outcome.ofQuery(lab.proxy.winsock(), socket, RedirectLab.RECORDS, out, size);
        assertThat(outcome.result()).isEqualTo(Winsock.SOCKET_ERROR);
        return Win32Error.fromCode(outcome.lastError()).orElseThrow();
    }

    private static Win32Error overlapped(RedirectLab lab, SocketHandle socket, WsaOverlapped structure) {
        Winsock winsock = lab.proxy.winsock();
        ByteBuffer out = ByteBuffer.allocate(ROOM);
        assertThat(winsock.overlapped()
                        .wsaIoctl(socket, RedirectLab.RECORDS, null, 0, out, ROOM, null, structure, null))
                .isEqualTo(Winsock.SOCKET_ERROR);
        return lastError(winsock);
    }

    static Stream<Arguments> rows() {
        return TABLE.stream()
                .flatMap(row -> Arrays.stream(AddressFamily.values()).map(family -> Arguments.of(row, family)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    @Spec({
        "WSA-14", "WSA-15", "WSA-24", "WSA-25", "WSA-26", "WSA-27", "WSA-28", "WSA-29", "WSA-30", "WSA-31", "WSA-38",
        "WSA-39", "WSA-44"
    })
    void query_withTheCauseOfARow_failsWithItsCode(Row row, AddressFamily family) throws Exception {
        SimOptions options = SimOptions.defaults().dispatcher(DispatcherMode.MANUAL);
        try (RedirectLab lab = RedirectLab.open(family, options)) {
            assertThat(row.cause().of(lab)).isEqualTo(row.error());
        }
    }

    /** The catalogue marks what that page lists with an L in the column "Records". */
    @Test
    void rows_areThoseThatTheCatalogueCallsListed() throws IOException {
        Set<String> listed = Files.readAllLines(Path.of("docs", "spec", "winsock-ioctl.md")).stream()
                .map(line -> line.split("\\|"))
                .filter(cells -> cells.length > 2 && cells[2].trim().equals("L"))
                .map(cells -> cells[1].trim())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(TABLE.stream().map(Row::toString)).containsExactlyInAnyOrderElementsOf(listed);
    }
}
