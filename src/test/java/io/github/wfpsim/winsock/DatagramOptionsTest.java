package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.DatagramLab.bytes;
import static io.github.wfpsim.winsock.DatagramLab.lastError;
import static io.github.wfpsim.winsock.DatagramLab.nonBlocking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.ShutdownHow;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.WindowsVersion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options, codes and directions of datagram sockets. */
@Timeout(20)
class DatagramOptionsTest {

    private static final int CONNRESET = ControlCode.SIO_UDP_CONNRESET.code();
    private static final int EXTENSION = ControlCode.SIO_GET_EXTENSION_FUNCTION_POINTER.code();
    private static final int SENTINEL = 0x5A5A5A5A;

    private static Win32Error set(Winsock winsock, SocketHandle socket, AncillaryType type, int value) {
        return errorOf(winsock.setsockopt(socket, type.level().code(), type.code(), value), winsock);
    }

    private static Win32Error errorOf(int result, Winsock winsock) {
        return result == 0 ? Win32Error.NO_ERROR : lastError(winsock);
    }

    private static int get(Winsock winsock, SocketHandle socket, int level, int option) {
        OutUlong value = new OutUlong();
        value.set(SENTINEL);
        assertThat(winsock.getsockopt(socket, level, option, value)).isZero();
        return value.value();
    }

    // ---- the redirect types as options

    @ParameterizedTest
    @EnumSource(AncillaryType.class)
    @Spec({"UDP-06", "UDP-07", "UDP-08"})
    void type_isOffAtFirst_andKeepsWhatWasSet(AncillaryType type) {
        try (DatagramLab lab = DatagramLab.open(type.family())) {
            Winsock winsock = lab.proxy.winsock();
            int level = type.level().code();
            assertThat(get(winsock, lab.proxySocket, level, type.code())).isZero();

            assertThat(set(winsock, lab.proxySocket, type, 7)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(get(winsock, lab.proxySocket, level, type.code())).isEqualTo(1);
            int other = type.code() == 60 ? 70 : 60;
            assertThat(get(winsock, lab.proxySocket, level, other))
                    .as("the other type of this level")
                    .isZero();

            assertThat(set(winsock, lab.proxySocket, type, 0)).isEqualTo(Win32Error.NO_ERROR);
            assertThat(get(winsock, lab.proxySocket, level, type.code())).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AncillaryType.class)
    @Spec("UDP-08")
    void value_isOfExactlyFourBytes(AncillaryType type) {
        try (DatagramLab lab = DatagramLab.open(type.family())) {
            Winsock winsock = lab.proxy.winsock();
            int level = type.level().code();
            ByteBuffer memory =
                    ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1);
            for (int size : List.of(-1, 0, 1, 2, 3, 5, 8, 16)) {
                assertThat(errorOf(winsock.setsockopt(lab.proxySocket, level, type.code(), memory, size), winsock))
                        .as("%s bytes", size)
                        .isEqualTo(Win32Error.WSAEFAULT);
                OutUlong length = new OutUlong();
                length.set(size);
                assertThat(errorOf(winsock.getsockopt(lab.proxySocket, level, type.code(), memory, length), winsock))
                        .as("%s bytes", size)
                        .isEqualTo(Win32Error.WSAEFAULT);
                assertThat(length.value()).isEqualTo(size);
            }
            assertThat(winsock.setsockopt(lab.proxySocket, level, type.code(), memory, 4))
                    .isZero();
            OutUlong length = new OutUlong();
            length.set(4);
            memory.putInt(0, SENTINEL);
            assertThat(winsock.getsockopt(lab.proxySocket, level, type.code(), memory, length))
                    .isZero();
            assertThat(memory.getInt(0)).isEqualTo(1);
            assertThat(length.value()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @EnumSource(AncillaryType.class)
    @Spec({"UDP-07", "UDP-08"})
    void type_belongsToDatagramSockets_ofItsLevelOrIpv6(AncillaryType type) {
        try (DatagramLab lab = DatagramLab.open(type.family())) {
            Winsock winsock = lab.proxy.winsock();
            for (SocketType other : List.of(SocketType.SOCK_STREAM, SocketType.SOCK_RAW)) {
                SocketHandle socket = winsock.socket(type.family().code(), other.code(), 0);
                assertThat(set(winsock, socket, type, 1)).isEqualTo(Win32Error.WSAENOPROTOOPT);
                assertThat(errorOf(
                                winsock.getsockopt(socket, type.level().code(), type.code(), new OutUlong()), winsock))
                        .isEqualTo(Win32Error.WSAENOPROTOOPT);
            }
            SocketHandle v4 = winsock.socket(2, 2, 17);
            boolean v4Type = type.family() == AddressFamily.AF_INET;
            assertThat(set(winsock, v4, type, 1)).isEqualTo(v4Type ? Win32Error.NO_ERROR : Win32Error.WSAENOPROTOOPT);
            assertThat(set(winsock, winsock.socket(23, 2, 17), type, 1)).isEqualTo(Win32Error.NO_ERROR);
        }
    }

    @Test
    @Spec("UDP-08")
    void windowsWithoutRedirection_doesNotHaveTheTypes() {
        SimOptions seven = SimOptions.defaults().windowsVersion(WindowsVersion.WINDOWS_7);
        try (WfpSim sim = WfpSim.open(seven)) {
            Winsock winsock =
                    sim.process("C:\\a.exe", Token.ELEVATED_ADMINISTRATOR).winsock();
            SocketHandle socket = winsock.socket(2, 2, 17);

            assertThat(set(winsock, socket, AncillaryType.IP_WFP_REDIRECT_RECORDS, 1))
                    .isEqualTo(Win32Error.WSAENOPROTOOPT);
            assertThat(winsock.closesocket(socket)).isZero();
        }
    }

    @Test
    void getsockoptIntoMemory_wantsMemory() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            ByteBuffer memory = ByteBuffer.allocate(4);
            OutUlong four = new OutUlong();
            four.set(4);
            int level = Winsock.SOL_SOCKET;
            int option = Winsock.SO_RCVTIMEO;

            assertThat(winsock.getsockopt(lab.proxySocket, level, option, memory, four))
                    .isZero();
            for (int result : new int[] {
                winsock.getsockopt(lab.proxySocket, level, option, null, four),
                winsock.getsockopt(lab.proxySocket, level, option, memory, null),
                winsock.getsockopt(lab.proxySocket, level, option, memory.asReadOnlyBuffer(), four),
                winsock.getsockopt(lab.proxySocket, level, option, ByteBuffer.allocate(3), four)
            }) {
                assertThat(result).isEqualTo(Winsock.SOCKET_ERROR);
                assertThat(lastError(winsock)).isEqualTo(Win32Error.WSAEFAULT);
            }
            assertThat(errorOf(winsock.getsockopt(lab.proxySocket, level, 1, memory, four), winsock))
                    .isEqualTo(Win32Error.WSAENOPROTOOPT);
        }
    }

    // ---- room

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-27")
    void receiveBuffer_limitsWhatWaits_butNeverTheFirstDatagram(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            nonBlocking(winsock, lab.proxySocket);
            assertThat(get(winsock, lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_RCVBUF))
                    .isEqualTo(65_536);
            winsock.setsockopt(lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_RCVBUF, 10);
            assertThat(get(winsock, lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_RCVBUF))
                    .isEqualTo(10);
            lab.ask("12345", 53);
            lab.ask("67890", 53);
            lab.ask("lost", 53);

            assertThat(lab.receive().payload()).isEqualTo("12345");
            assertThat(lab.receive().payload()).isEqualTo("67890");
            assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAEWOULDBLOCK);
            lab.ask("longer than the buffer", 53);
            assertThat(lab.receive().successful().count()).isEqualTo(22);
            winsock.setsockopt(lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_RCVBUF, -1);
            lab.ask("a size", 53);
            lab.ask("has no sign", 53);
            lab.receive().successful();
            assertThat(lab.receive().successful().payload()).isEqualTo("has no sign");
        }
    }

    @Test
    @Spec("UDP-27")
    void sendBuffer_isKept_andStreamsKeepBoth() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            assertThat(get(winsock, lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_SNDBUF))
                    .isEqualTo(65_536);
            winsock.setsockopt(lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_SNDBUF, 1);
            assertThat(get(winsock, lab.proxySocket, Winsock.SOL_SOCKET, Winsock.SO_SNDBUF))
                    .isEqualTo(1);
            assertThat(winsock.sendto(lab.proxySocket, bytes("more than that"), 0, lab.remote(53)))
                    .isEqualTo(14);
            SocketHandle stream = winsock.socket(2, 1, 6);
            SocketHandle raw = winsock.socket(2, 3, 1);
            for (int option : new int[] {Winsock.SO_RCVBUF, Winsock.SO_SNDBUF}) {
                assertThat(get(winsock, stream, Winsock.SOL_SOCKET, option)).isEqualTo(65_536);
                winsock.setsockopt(stream, Winsock.SOL_SOCKET, option, 10);
                assertThat(get(winsock, stream, Winsock.SOL_SOCKET, option)).isEqualTo(10);
                assertThat(errorOf(winsock.setsockopt(raw, Winsock.SOL_SOCKET, option, 1), winsock))
                        .isEqualTo(Win32Error.WSAENOPROTOOPT);
                assertThat(errorOf(winsock.getsockopt(raw, Winsock.SOL_SOCKET, option, new OutUlong()), winsock))
                        .isEqualTo(Win32Error.WSAENOPROTOOPT);
            }
        }
    }

    // ---- SIO_UDP_CONNRESET

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8})
    @Spec("UDP-26")
    void connReset_switchesTheNewsOffAndOn(int size) {
        for (AddressFamily family : AddressFamily.values()) {
            try (DatagramLab lab = DatagramLab.open(family)) {
                Winsock winsock = lab.proxy.winsock();
                nonBlocking(winsock, lab.proxySocket);
                ByteBuffer on = ByteBuffer.allocate(8).put(0, (byte) 1);
                // What lies behind the value does not count.
                ByteBuffer off = ByteBuffer.allocate(8).put(Math.min(size, 4), (byte) 1);

                assertThat(Outcome.of(winsock, lab.proxySocket, CONNRESET, off, size, null, 0))
                        .isEqualTo(Outcome.success(0));
                winsock.sendto(lab.proxySocket, bytes("x"), 0, lab.local(9));
                assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAEWOULDBLOCK);

                assertThat(Outcome.of(winsock, lab.proxySocket, CONNRESET, on, size, null, 0))
                        .isEqualTo(Outcome.success(0));
                winsock.sendto(lab.proxySocket, bytes("x"), 0, lab.local(9));
                assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAECONNRESET);
            }
        }
    }

    @Test
    @Spec("UDP-26")
    void connReset_wantsAValueAndADatagramSocket() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle stream = winsock.socket(2, 1, 6);
            ByteBuffer four = ByteBuffer.allocate(4);

            assertThat(Outcome.of(winsock, lab.proxySocket, CONNRESET, four, 0, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT));
            assertThat(Outcome.of(winsock, lab.proxySocket, CONNRESET, null, 4, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT));
            assertThat(Outcome.of(winsock, lab.proxySocket, CONNRESET, four, 5, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEFAULT));
            assertThat(Outcome.of(winsock, stream, CONNRESET, four, 4, null, 0))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEINVAL));
        }
    }

    // ---- extension functions

    @ParameterizedTest
    @EnumSource(
            value = Wsaid.class,
            names = {"WSAID_WSARECVMSG", "WSAID_WSASENDMSG"})
    @Spec("UDP-18")
    void knownGuid_givesThePointerOfTheFunction(Wsaid wsaid) {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.client.winsock();
            ByteBuffer pointer = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);

            assertThat(Outcome.of(winsock, lab.clientSocket, EXTENSION, wsaid.bytes(), 16, pointer, 16))
                    .isEqualTo(Outcome.success(8));
            assertThat(pointer.getLong(8)).as("nothing beyond the pointer").isZero();

            WsaMsg message = new WsaMsg().setName(lab.remote(53)).setLpBuffers(bytes("query"));
            OutUlong count = new OutUlong();
            long address = pointer.getLong(0);
            if (wsaid == Wsaid.WSAID_WSASENDMSG) {
                assertThat(winsock.extensionFunction(LpfnWsaSendMsg.class, address)
                                .wsaSendMsg(lab.clientSocket, message, 0, count))
                        .isZero();
                assertThat(count.value()).isEqualTo(5);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> winsock.extensionFunction(LpfnWsaRecvMsg.class, address));
            } else {
                nonBlocking(winsock, lab.clientSocket);
                winsock.bind(lab.clientSocket, lab.local(0));
                assertThat(errorOf(
                                winsock.extensionFunction(LpfnWsaRecvMsg.class, address)
                                        .wsaRecvMsg(lab.clientSocket, message, count),
                                winsock))
                        .isEqualTo(Win32Error.WSAEWOULDBLOCK);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> winsock.extensionFunction(LpfnWsaSendMsg.class, address));
            }
        }
    }

    @Test
    @Spec("UDP-18")
    void guids_lieInMemoryAsWindowsLaysThemOut() {
        assertThat(Wsaid.WSAID_WSARECVMSG.bytes())
                .isEqualTo(ByteBuffer.wrap(HexFormat.of().parseHex("c8d789f61f6f6b438a53e54fe351c322")));
        assertThat(Wsaid.WSAID_WSASENDMSG.bytes())
                .isEqualTo(ByteBuffer.wrap(HexFormat.of().parseHex("12e741a44f75ca4384a70dee44cf606d")));
    }

    @Test
    @Spec({"UDP-18", "UDP-29"})
    void unknownGuid_isInvalid_andTooLittleMemoryAFault() {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            SocketHandle socket = lab.proxySocket;
            ByteBuffer guid = Wsaid.WSAID_WSARECVMSG.bytes();
            ByteBuffer out = ByteBuffer.allocate(8);
            Outcome fault = Outcome.failure(Win32Error.WSAEFAULT);

            assertThat(Outcome.of(winsock, socket, EXTENSION, ByteBuffer.allocate(16), 16, out, 8))
                    .isEqualTo(Outcome.failure(Win32Error.WSAEINVAL));
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 15, out, 8)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, null, 16, out, 8)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 17, out, 8)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 16, out, 7)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 16, null, 8))
                    .isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 16, out, 9)).isEqualTo(fault);
            assertThat(Outcome.of(winsock, socket, EXTENSION, guid, 16, out.asReadOnlyBuffer(), 8))
                    .isEqualTo(fault);
            assertThat(out.getLong(0)).isZero();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> winsock.extensionFunction(LpfnWsaRecvMsg.class, 0))
                    .withMessageContaining("SIO_GET_EXTENSION_FUNCTION_POINTER");
        }
    }

    // ---- directions

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("UDP-28")
    void shutDownDirection_isOver_andTheOtherGoesOn(AddressFamily family) {
        try (DatagramLab lab = DatagramLab.open(family)) {
            Winsock winsock = lab.proxy.winsock();
            assertThat(winsock.shutdown(lab.proxySocket, ShutdownHow.SD_SEND.code()))
                    .isZero();
            WsaMsg message = new WsaMsg().setName(lab.local(9)).setLpBuffers(bytes("x"));

            assertThat(winsock.sendto(lab.proxySocket, bytes("x"), 0, lab.local(9)))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(winsock)).isEqualTo(Win32Error.WSAESHUTDOWN);
            assertThat(errorOf(winsock.wsaSendMsg(lab.proxySocket, message, 0, new OutUlong()), winsock))
                    .isEqualTo(Win32Error.WSAESHUTDOWN);
            lab.ask("query", 53);
            assertThat(lab.receive().successful().payload()).isEqualTo("query");

            assertThat(winsock.shutdown(lab.proxySocket, ShutdownHow.SD_RECEIVE.code()))
                    .isZero();
            lab.ask("query", 53);
            assertThat(lab.receive().error()).isEqualTo(Win32Error.WSAESHUTDOWN);
            assertThat(winsock.recvfrom(lab.proxySocket, ByteBuffer.allocate(9), 0, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(winsock)).isEqualTo(Win32Error.WSAESHUTDOWN);
            nonBlocking(lab.client.winsock(), lab.clientSocket);
            assertThat(lab.client.winsock().recvfrom(lab.clientSocket, ByteBuffer.allocate(9), 0, null))
                    .isEqualTo(Winsock.SOCKET_ERROR);
            assertThat(lastError(lab.client.winsock()))
                    .as("its packet was queued, nobody told it otherwise")
                    .isEqualTo(Win32Error.WSAEWOULDBLOCK);
        }
    }

    @ParameterizedTest
    @EnumSource(ShutdownHow.class)
    @Spec("UDP-28")
    void shutdown_endsWhatItSays(ShutdownHow how) {
        try (DatagramLab lab = DatagramLab.open(AddressFamily.AF_INET)) {
            Winsock winsock = lab.proxy.winsock();
            nonBlocking(winsock, lab.proxySocket);
            winsock.shutdown(lab.proxySocket, how.code());

            int sent = winsock.sendto(lab.proxySocket, bytes("x"), 0, lab.remote(53));
            assertThat(sent).isEqualTo(how == ShutdownHow.SD_RECEIVE ? 1 : Winsock.SOCKET_ERROR);
            assertThat(lab.receive().error())
                    .isEqualTo(how == ShutdownHow.SD_SEND ? Win32Error.WSAEWOULDBLOCK : Win32Error.WSAESHUTDOWN);
        }
    }
}
