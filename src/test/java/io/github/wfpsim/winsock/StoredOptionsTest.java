package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Socket options that programs set and read back; SO_BROADCAST. */
@Timeout(20)
class StoredOptionsTest {

    private static final int SOCKET = Winsock.SOL_SOCKET;

    private static int get(Winsock winsock, SocketHandle socket, int level, int option) {
        OutUlong value = new OutUlong();
        assertThat(winsock.getsockopt(socket, level, option, value)).isZero();
        return value.value();
    }

    /** Family, type, level, option, value, what is read back; at first it is 0. */
    @ParameterizedTest
    @CsvSource({
        "AF_INET, SOCK_STREAM, 6, 1, 7, 1", "AF_INET6, SOCK_STREAM, 6, 1, 1, 1",
        "AF_INET, SOCK_STREAM, 65535, 8, -1, 1", "AF_INET6, SOCK_STREAM, 65535, 8, 1, 1",
        "AF_INET, SOCK_STREAM, 65535, 4, 2, 1", "AF_INET6, SOCK_DGRAM, 65535, 4, 1, 1",
        "AF_INET, SOCK_DGRAM, 65535, -5, 1, 1", "AF_INET6, SOCK_STREAM, 65535, -5, 9, 1",
        "AF_INET, SOCK_DGRAM, 65535, 32, 5, 1", "AF_INET6, SOCK_DGRAM, 65535, 32, 1, 1",
        "AF_INET, SOCK_STREAM, 0, 3, 255, 255", "AF_INET, SOCK_DGRAM, 0, 3, 16, 16",
        "AF_INET, SOCK_STREAM, 0, 31, 16777216, 1", "AF_INET, SOCK_DGRAM, 0, 31, 33554432, 2",
        "AF_INET6, SOCK_STREAM, 41, 31, 3, 3", "AF_INET6, SOCK_DGRAM, 41, 31, 4, 4"
    })
    @Spec("WSA-61")
    void option_isKeptAndReadBack(AddressFamily family, SocketType type, int level, int option, int value, int kept) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Winsock winsock = lab.client;
            SocketHandle socket = winsock.socket(family.code(), type.code(), 0);
            assertThat(get(winsock, socket, level, option)).isZero();

            assertThat(winsock.setsockopt(socket, level, option, value)).isZero();
            assertThat(get(winsock, socket, level, option)).isEqualTo(kept);
            assertThat(winsock.setsockopt(socket, level, option, 0)).isZero();
            assertThat(get(winsock, socket, level, option)).isZero();

            ByteBuffer small = ByteBuffer.allocate(3);
            assertFailed(winsock, winsock.setsockopt(socket, level, option, small, 3), Win32Error.WSAEFAULT);
            OutUlong size = new OutUlong();
            size.set(3);
            assertFailed(winsock, winsock.getsockopt(socket, level, option, small, size), Win32Error.WSAEFAULT);
        }
    }

    /** An option of another type of socket, family or level. */
    @ParameterizedTest
    @CsvSource({
        "AF_INET, SOCK_DGRAM, 6, 1", "AF_INET, SOCK_DGRAM, 65535, 8", "AF_INET, SOCK_STREAM, 65535, 32",
        "AF_INET6, SOCK_STREAM, 0, 3", "AF_INET6, SOCK_DGRAM, 0, 31", "AF_INET, SOCK_STREAM, 41, 31",
        "AF_INET, SOCK_DGRAM, 65535, 2", "AF_INET, SOCK_STREAM, 6, 99", "AF_INET, SOCK_STREAM, 7, 1"
    })
    @Spec("WSA-61")
    void optionOfAnotherSocket_isNoOption(AddressFamily family, SocketType type, int level, int option) {
        try (HoldingLab lab = new HoldingLab(family)) {
            Winsock winsock = lab.client;
            SocketHandle socket = winsock.socket(family.code(), type.code(), 0);
            assertFailed(winsock, winsock.setsockopt(socket, level, option, 1), Win32Error.WSAENOPROTOOPT);
            assertFailed(winsock, winsock.getsockopt(socket, level, option, new OutUlong()), Win32Error.WSAENOPROTOOPT);
        }
    }

    @Test
    @Spec("WSA-61")
    void dualStackSocket_hasTheOptionsOfBothLevels_andOneByteIsAllOfTos() {
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET6)) {
            SocketHandle dual = lab.tcp(lab.client);
            lab.client.setsockopt(dual, 41, Winsock.IPV6_V6ONLY, 0);
            assertThat(lab.client.setsockopt(dual, 0, Winsock.IP_UNICAST_IF, 1)).isZero();
            assertThat(get(lab.client, dual, 41, Winsock.IPV6_UNICAST_IF)).isZero();
            assertFailed(lab.client, lab.client.setsockopt(dual, 0, Winsock.IP_TOS, 256), Win32Error.WSAEINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-61")
    void acceptedSocket_hasItsListenersValues(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            lab.server.setsockopt(lab.listener, 6, Winsock.TCP_NODELAY, 1);
            lab.server.setsockopt(lab.listener, SOCKET, Winsock.SO_KEEPALIVE, 1);
            lab.server.setsockopt(lab.listener, SOCKET, Winsock.SO_RCVBUF, 4711);
            SocketHandle accepted = lab.pair()[1];

            assertThat(get(lab.server, accepted, 6, Winsock.TCP_NODELAY)).isEqualTo(1);
            assertThat(get(lab.server, accepted, SOCKET, Winsock.SO_KEEPALIVE)).isEqualTo(1);
            assertThat(get(lab.server, accepted, SOCKET, Winsock.SO_RCVBUF)).isEqualTo(4711);
            assertThat(get(lab.server, accepted, SOCKET, Winsock.SO_ACCEPTCONN)).isZero();
            assertThat(get(lab.server, lab.listener, SOCKET, Winsock.SO_ACCEPTCONN))
                    .isEqualTo(1);
            assertThat(get(lab.server, accepted, SOCKET, Winsock.SO_TYPE)).isEqualTo(1);
            assertThat(get(lab.server, lab.udp(lab.server), SOCKET, Winsock.SO_TYPE))
                    .isEqualTo(2);
            assertFailed(
                    lab.server, lab.server.setsockopt(accepted, SOCKET, Winsock.SO_TYPE, 1), Win32Error.WSAENOPROTOOPT);
        }
    }

    // ---- SO_BROADCAST

    @Test
    @Spec("WSA-65")
    void broadcast_withoutTheOption_isDenied_andWithItGoesOut() {
        InetSocketAddress all = new InetSocketAddress("255.255.255.255", 67);
        try (HoldingLab lab = new HoldingLab(AddressFamily.AF_INET)) {
            Winsock winsock = lab.client;
            SocketHandle socket = lab.udp(winsock);
            SocketHandle dual = winsock.socket(23, 2, 17);
            winsock.setsockopt(dual, 41, Winsock.IPV6_V6ONLY, 0);
            for (SocketHandle each : List.of(socket, dual)) {
                assertFailed(winsock, winsock.sendto(each, bytes("?"), 0, all), Win32Error.WSAEACCES);
                assertFailed(winsock, winsock.connect(each, all), Win32Error.WSAEACCES);
                assertFailed(
                        winsock,
                        winsock.overlapped().wsaSendTo(each, List.of(bytes("?")), new OutUlong(), 0, all, null, null),
                        Win32Error.WSAEACCES);
                winsock.setsockopt(each, SOCKET, Winsock.SO_BROADCAST, 1);
                assertThat(winsock.sendto(each, bytes("?"), 0, all)).isEqualTo(1);
                HoldingLab.nonBlocking(winsock, each);
                assertFailed(winsock, winsock.recv(each, ByteBuffer.allocate(1), 0), Win32Error.WSAEWOULDBLOCK);
            }
        }
    }
}
