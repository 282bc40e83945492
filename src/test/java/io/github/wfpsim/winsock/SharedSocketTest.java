package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.HoldingLab.assertFailed;
import static io.github.wfpsim.winsock.HoldingLab.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WSADuplicateSocket: sockets that processes share. */
@Timeout(20)
class SharedSocketTest {

    private static final int FROM = Winsock.FROM_PROTOCOL_INFO;

    private static WsaProtocolInfo duplicate(Winsock winsock, SocketHandle socket, SimProcess target) {
        Out<WsaProtocolInfo> info = Out.empty();
        assertThat(winsock.wsaDuplicateSocket(socket, target.id(), info)).isZero();
        return Objects.requireNonNull(info.get());
    }

    private static SocketHandle open(SimProcess process, WsaProtocolInfo info) {
        SocketHandle socket = process.winsock().wsaSocket(FROM, FROM, FROM, info, Winsock.WSA_FLAG_OVERLAPPED);
        assertThat(socket).isNotEqualTo(SocketHandle.INVALID_SOCKET);
        return socket;
    }

    private static SocketHandle share(Winsock winsock, SocketHandle socket, SimProcess target) {
        return open(target, duplicate(winsock, socket, target));
    }

    private static void assertInvalid(Winsock winsock, SocketHandle result) {
        assertThat(result).isEqualTo(SocketHandle.INVALID_SOCKET);
        assertThat(winsock.wsaGetLastError()).isEqualTo(Win32Error.WSAEINVAL.code());
    }

    // ---- what is common

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void descriptors_shareDataOptionsModeAndEvents(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            Winsock other = worker.winsock();
            SocketHandle shared = share(lab.server, pair[1], worker);

            other.setsockopt(shared, 6, Winsock.TCP_NODELAY, 1);
            OutUlong value = new OutUlong();
            lab.server.getsockopt(pair[1], 6, Winsock.TCP_NODELAY, value);
            assertThat(value.value()).isEqualTo(1);

            lab.client.send(pair[0], bytes("ab"), 0);
            assertThat(other.recv(shared, ByteBuffer.allocate(1), 0)).isEqualTo(1);
            assertThat(lab.server.recv(pair[1], ByteBuffer.allocate(1), 0)).isEqualTo(1);

            WsaEvent first = lab.server.kernel32().wsaCreateEvent();
            WsaEvent second = other.kernel32().wsaCreateEvent();
            lab.server.wsaEventSelect(pair[1], first, WsaNetworkEvents.FD_READ);
            assertFailed(other, other.recv(shared, ByteBuffer.allocate(1), 0), Win32Error.WSAEWOULDBLOCK);
            other.wsaEventSelect(shared, second, WsaNetworkEvents.FD_READ);
            lab.client.send(pair[0], bytes("c"), 0);
            assertThat(first.isSignalled()).isFalse();
            assertThat(second.isSignalled()).isTrue();
        }
    }

    // ---- who may take it, and once

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void information_isForOneProcessAndOneUse(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle socket = lab.pair()[1];
            WsaProtocolInfo info = duplicate(lab.server, socket, lab.clientProcess);
            assertThat(info.iAddressFamily()).isEqualTo(family.code());
            assertThat(info.iSocketType()).isEqualTo(1);
            assertThat(info.iProtocol()).isEqualTo(6);
            assertInvalid(lab.server, lab.server.wsaSocket(FROM, FROM, FROM, info, 0));
            assertInvalid(lab.client, lab.client.wsaSocket(FROM, 2, FROM, info, 0));
            assertInvalid(lab.client, lab.client.wsaSocket(FROM, FROM, FROM, info, 0x40));
            assertThat(lab.client.wsaSocket(family.code(), 1, 6, info, 0)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
            assertInvalid(lab.client, lab.client.wsaSocket(FROM, FROM, FROM, info, 0));

            assertFailed(lab.server, lab.server.wsaDuplicateSocket(socket, 4711, Out.empty()), Win32Error.WSAEINVAL);
            assertFailed(
                    lab.server,
                    lab.server.wsaDuplicateSocket(socket, lab.clientProcess.id(), null),
                    Win32Error.WSAEFAULT);
            assertFailed(
                    lab.server,
                    lab.server.wsaDuplicateSocket(new SocketHandle(4712), lab.clientProcess.id(), Out.empty()),
                    Win32Error.WSAENOTSOCK);
            SocketHandle own = share(lab.server, socket, lab.serverProcess);
            assertThat(own).as("a second descriptor of one process").isNotEqualTo(socket);
            assertThat(lab.server.wsaSocket(family.code(), 1, 6, null, 0)).isNotEqualTo(SocketHandle.INVALID_SOCKET);
        }
    }

    // ---- the end

    /** How a process gives its descriptor up. */
    private enum End {
        CLOSESOCKET,
        CLEANUP,
        EXIT;

        void of(SimProcess process, SocketHandle socket) {
            switch (this) {
                case CLOSESOCKET ->
                    assertThat(process.winsock().closesocket(socket)).isZero();
                case CLEANUP -> process.winsock().wsaCleanup();
                case EXIT -> process.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    @Spec("WSA-73")
    void socket_staysOpenUntilItsLastDescriptorIsGone_whicheverThatIs(End end) {
        for (AddressFamily family : AddressFamily.values()) {
            for (boolean creatorFirst : new boolean[] {true, false}) {
                try (HoldingLab lab = new HoldingLab(family)) {
                    SimProcess creator = lab.sim.process("C:\\creator.exe", Token.STANDARD_USER);
                    SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
                    SocketHandle made = lab.tcp(creator.winsock());
                    assertThat(creator.winsock().connect(made, lab.at(HoldingLab.OPEN)))
                            .isZero();
                    SocketHandle far = lab.server.accept(lab.listener, null);
                    SocketHandle shared = share(creator.winsock(), made, worker);
                    SimProcess first = creatorFirst ? creator : worker;
                    SimProcess last = creatorFirst ? worker : creator;
                    SocketHandle lasting = creatorFirst ? shared : made;

                    end.of(first, creatorFirst ? made : shared);
                    assertThat(last.winsock().send(lasting, bytes("still"), 0)).isEqualTo(5);
                    assertThat(lab.server.recv(far, ByteBuffer.allocate(9), 0)).isEqualTo(5);

                    end.of(last, lasting);
                    HoldingLab.nonBlocking(lab.server, far);
                    assertThat(lab.server.recv(far, ByteBuffer.allocate(9), 0))
                            .as("the end, or a reset, but not nothing")
                            .satisfies(result -> assertThat(result == 0
                                            || lab.server.wsaGetLastError() == Win32Error.WSAECONNRESET.code())
                                    .isTrue());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void sharedDatagramSocket_andAcceptedConnection_outliveTheirCreator(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SimProcess broker = lab.sim.process("C:\\broker.exe", Token.STANDARD_USER);
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            SocketHandle udp = lab.udp(broker.winsock());
            broker.winsock().bind(udp, lab.at(9000));
            SocketHandle sharedUdp = share(broker.winsock(), udp, worker);
            SocketHandle listener = lab.tcp(broker.winsock());
            broker.winsock().bind(listener, lab.at(9001));
            broker.winsock().listen(listener, 5);
            SocketHandle sharedListener = share(broker.winsock(), listener, worker);
            SocketHandle near = lab.tcp(lab.client);
            lab.client.connect(near, lab.at(9001));
            SocketHandle accepted = worker.winsock().accept(sharedListener, null);
            SocketHandle sender = lab.udp(lab.client);
            lab.client.sendto(sender, bytes("one"), 0, lab.at(9000));

            broker.close();

            lab.client.sendto(sender, bytes("two"), 0, lab.at(9000));
            for (int i = 0; i < 2; i++) {
                assertThat(worker.winsock().recv(sharedUdp, ByteBuffer.allocate(9), 0))
                        .isEqualTo(3);
            }
            lab.client.send(near, bytes("hi"), 0);
            assertThat(worker.winsock().recv(accepted, ByteBuffer.allocate(9), 0))
                    .isEqualTo(2);
            worker.close();
            assertFailed(lab.client, lab.client.connect(lab.tcp(lab.client), lab.at(9001)), Win32Error.WSAECONNREFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void connectionThatWaitsAtASharedListener_isTheOthers_whenItsCreatorEnds(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SimProcess broker = lab.sim.process("C:\\broker.exe", Token.STANDARD_USER);
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            SocketHandle listener = lab.tcp(broker.winsock());
            broker.winsock().bind(listener, lab.at(9001));
            broker.winsock().listen(listener, 5);
            SocketHandle first = lab.tcp(lab.client);
            lab.client.connect(first, lab.at(9001));
            SocketHandle shared = share(broker.winsock(), listener, worker);
            SocketHandle second = lab.tcp(lab.client);
            lab.client.connect(second, lab.at(9001));
            SocketHandle third = lab.tcp(lab.client);
            lab.client.connect(third, lab.at(9001));
            SocketHandle ownOfBroker = broker.winsock().accept(listener, null);
            assertThat(ownOfBroker).isNotEqualTo(SocketHandle.INVALID_SOCKET);

            broker.close();

            assertFailed(lab.client, lab.client.recv(first, ByteBuffer.allocate(1), 0), Win32Error.WSAECONNRESET);
            SocketHandle accepted = worker.winsock().accept(shared, null);
            lab.client.send(second, bytes("hi"), 0);
            assertThat(worker.winsock().recv(accepted, ByteBuffer.allocate(9), 0))
                    .isEqualTo(2);
            worker.close();
            assertFailed(lab.client, lab.client.recv(third, ByteBuffer.allocate(1), 0), Win32Error.WSAECONNRESET);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void descriptorThatNobodyTookYet_keepsTheSocketOpen_untilItsProcessEnds(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            duplicate(lab.server, pair[1], worker);
            lab.server.closesocket(pair[1]);
            assertThat(lab.client.send(pair[0], bytes("x"), 0)).isEqualTo(1);

            worker.close();

            assertFailed(lab.client, lab.client.send(pair[0], bytes("x"), 0), Win32Error.WSAECONNRESET);
        }
    }

    // ---- redirects

    private static Outcome query(SimProcess process, SocketHandle socket, ControlCode code) {
        return Outcome.ofQuery(process.winsock(), socket, code.code());
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-74", "REC-35"})
    void query_isForTheProcessThatTheRedirectNames_whicheverDescriptorItHas(AddressFamily family) {
        assertOnlyTheTargetMayQuery(family, SimOptions.defaults(), Win32Error.WSAEACCES);
        assertOnlyTheTargetMayQuery(
                family, SimOptions.defaults().with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS), Win32Error.NO_ERROR);
    }

    private static void assertOnlyTheTargetMayQuery(AddressFamily family, SimOptions options, Win32Error stranger) {
        for (ControlCode code : new ControlCode[] {
            ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT
        }) {
            try (RedirectLab lab = RedirectLab.open(family, options)) {
                SimProcess worker = lab.sim.process("C:\\acme\\worker.exe", Token.ELEVATED_ADMINISTRATOR);
                SocketHandle accepted = lab.redirected().accepted();
                SocketHandle shared = share(lab.proxy.winsock(), accepted, worker);
                assertThat(query(lab.proxy, accepted, code).result()).isZero();
                assertThat(query(worker, shared, code).lastError())
                        .isEqualTo(stranger == Win32Error.NO_ERROR ? Outcome.UNTOUCHED_ERROR : stranger.code());

                // The other way round: the proxy accepts for the worker, which the redirect names.
                lab.redirectTo(worker);
                SocketHandle forWorker = lab.redirected().accepted();
                SocketHandle atWorker = share(lab.proxy.winsock(), forWorker, worker);
                assertThat(query(lab.proxy, forWorker, code).lastError())
                        .isEqualTo(stranger == Win32Error.NO_ERROR ? Outcome.UNTOUCHED_ERROR : stranger.code());
                assertThat(query(worker, atWorker, code).result()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-74", "REC-37"})
    void set_needsTheRightsOfTheProcessThatCalls(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            SimProcess plain = lab.sim.process("C:\\plain.exe", Token.STANDARD_USER);
            SocketHandle made = plain.winsock().socket(family.code(), 1, 6);
            SocketHandle shared = share(plain.winsock(), made, lab.proxy);
            int code = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
            ByteBuffer in = ByteBuffer.wrap(record);

            assertFailed(
                    plain.winsock(),
                    plain.winsock().wsaIoctl(made, code, in, record.length, null, 0, new OutUlong()),
                    Win32Error.WSAEACCES);
            assertThat(lab.proxy.winsock().wsaIoctl(shared, code, in, record.length, null, 0, new OutUlong()))
                    .isZero();
        }
    }

    // ---- threads

    /** Runs something beside the caller; both begin at the same time. */
    private static <T> T meanwhile(Supplier<T> other, Runnable own) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        CompletableFuture<T> result = CompletableFuture.supplyAsync(() -> {
            await(start);
            return other.get();
        });
        await(start);
        own.run();
        return result.get(10, TimeUnit.SECONDS);
    }

    private static void await(CyclicBarrier start) {
        try {
            start.await(10, TimeUnit.SECONDS);
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void descriptorsThatTwoThreadsTake_haveTheirOwnNumbers(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            SocketHandle[] taken = new SocketHandle[2];
            for (int round = 0; round < 2000; round++) {
                SocketHandle socket = lab.tcp(lab.server);
                WsaProtocolInfo first = duplicate(lab.server, socket, worker);
                WsaProtocolInfo second = duplicate(lab.server, socket, worker);

                taken[0] = meanwhile(() -> open(worker, first), () -> taken[1] = open(worker, second));

                assertThat(taken[0]).isNotEqualTo(taken[1]);
                lab.server.closesocket(socket);
                assertThat(worker.winsock().closesocket(taken[0])).isZero();
                assertThat(worker.winsock().closesocket(taken[1])).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-73")
    void descriptorForAProcessThatJustEnds_keepsNothingOpen(AddressFamily family) throws Exception {
        try (HoldingLab lab = new HoldingLab(family)) {
            int before = lab.sim.connections().size();
            for (int round = 0; round < 2000; round++) {
                SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
                SocketHandle socket = lab.tcp(lab.server);

                meanwhile(() -> lab.server.wsaDuplicateSocket(socket, worker.id(), Out.empty()), worker::close);

                lab.server.closesocket(socket);
            }
            assertThat(lab.sim.connections()).hasSize(before);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-55", "WSA-73"})
    void overlappedReceiveOfAProcessThatEnds_takesNothingFromTheOthers(AddressFamily family) {
        try (HoldingLab lab = new HoldingLab(family)) {
            SocketHandle[] pair = lab.pair();
            SimProcess worker = lab.sim.process("C:\\worker.exe", Token.STANDARD_USER);
            Winsock other = worker.winsock();
            SocketHandle shared = share(lab.server, pair[1], worker);
            WsaOverlapped receive =
                    other.overlapped().newOverlapped(other.kernel32().wsaCreateEvent());
            List<ByteBuffer> room = List.of(ByteBuffer.allocate(9));
            assertFailed(
                    other, other.overlapped().wsaRecv(shared, room, null, 0, receive, null), Win32Error.WSA_IO_PENDING);

            worker.close();

            assertThat(receive.hasOverlappedIoCompleted()).isTrue();
            assertThat(receive.internal()).isEqualTo(Win32Error.WSA_OPERATION_ABORTED);
            lab.client.send(pair[0], bytes("abc"), 0);
            assertThat(lab.server.recv(pair[1], ByteBuffer.allocate(9), 0)).isEqualTo(3);
        }
    }
}
