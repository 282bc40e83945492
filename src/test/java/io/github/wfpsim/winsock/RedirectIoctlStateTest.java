package io.github.wfpsim.winsock;

import static io.github.wfpsim.winsock.RedirectLab.CONTEXT;
import static io.github.wfpsim.winsock.RedirectLab.RECORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.fwpm.Filter;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.QueryAccess;
import io.github.wfpsim.host.SimOptions.SetAfterBind;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.record.RecordForge;
import io.github.wfpsim.record.RedirectRecord;
import io.github.wfpsim.wfp.CalloutRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What WSAIoctl asks of sockets, processes and records; each with IPv4 and IPv6. */
@Timeout(20)
class RedirectIoctlStateTest {

    private static final Outcome SUCCESS = Outcome.success(0);
    private static final Outcome INVALID = Outcome.failure(Win32Error.WSAEINVAL);
    private static final Outcome DENIED = Outcome.failure(Win32Error.WSAEACCES);
    private static final Outcome NOT_CONNECTED = Outcome.failure(Win32Error.WSAENOTCONN);

    private static void assertBothQueries(Winsock winsock, SocketHandle socket, Outcome expected) {
        assertThat(Outcome.ofQuery(winsock, socket, RECORDS)).as("records").isEqualTo(expected);
        assertThat(Outcome.ofQuery(winsock, socket, CONTEXT)).as("context").isEqualTo(expected);
    }

    /** The ids in the chain that SET left on the only unconnected socket that has one. */
    private static List<Long> inheritedIds(RedirectLab lab) {
        return lab.sim.connections().stream()
                .map(ConnectionSnapshot::inheritedChain)
                .filter(chain -> !chain.isEmpty())
                .findFirst()
                .orElse(List.of())
                .stream()
                .map(RedirectRecord::id)
                .toList();
    }

    private static List<Long> idsOfNewestRedirect(RedirectLab lab) {
        List<ConnectionSnapshot> connections = lab.sim.connections();
        return connections.stream()
                .filter(connection -> !connection.redirectChain().isEmpty())
                .reduce((first, second) -> second)
                .orElseThrow()
                .redirectChain()
                .stream()
                .map(RedirectRecord::id)
                .toList();
    }

    // ---- the round trip

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-09", "REC-01"})
    void record_queriedAndSet_tiesTheOnwardConnectionToTheFirst(AddressFamily family) throws WinsockException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            long lineage = lab.sim.connections().stream()
                    .filter(connection -> !connection.redirectChain().isEmpty())
                    .findFirst()
                    .orElseThrow()
                    .lineage();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle onward = lab.tcp(proxy);
            SocketHandle unrelated = lab.tcp(proxy);

            assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(SUCCESS);
            assertThat(proxy.connect(onward, lab.proxyAddress)).isZero();
            assertThat(proxy.connect(unrelated, lab.proxyAddress)).isZero();

            List<Long> clientLineages = lab.sim.connections().stream()
                    .filter(c -> c.parentEndpoint() == 0 && c.state().equals("CONNECTED"))
                    .map(ConnectionSnapshot::lineage)
                    .toList();
            assertThat(clientLineages)
                    .hasSize(3)
                    .filteredOn(id -> id == lineage)
                    .hasSize(2);
        }
    }

    // ---- stages and types

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-10", "WSA-32"})
    void set_onFreshSocketOnly_succeeds(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle bound = lab.tcp(proxy);
            proxy.bind(bound, lab.loopback(0));
            SocketHandle connected = lab.tcp(proxy);
            proxy.connect(connected, lab.proxyAddress);

            assertThat(Outcome.ofSet(proxy, lab.tcp(proxy), record)).isEqualTo(SUCCESS);
            assertThat(Outcome.ofSet(proxy, bound, record)).isEqualTo(INVALID);
            assertThat(Outcome.ofSet(proxy, connected, record)).isEqualTo(INVALID);
            assertThat(Outcome.ofSet(proxy, lab.listener, record)).isEqualTo(INVALID);
            assertThat(Outcome.ofSet(proxy, proxy.accept(lab.listener, null), record))
                    .isEqualTo(INVALID);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-10")
    void set_onBoundSocketWithKnobAllow_succeeds(AddressFamily family) {
        SimOptions.Builder allowing = SimOptions.builder().setAfterBind(SetAfterBind.ALLOW);
        try (RedirectLab lab = RedirectLab.open(family, allowing)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle bound = lab.tcp(proxy);
            proxy.bind(bound, lab.loopback(0));

            assertThat(Outcome.ofSet(proxy, bound, record)).isEqualTo(SUCCESS);
            assertThat(Outcome.ofSet(proxy, lab.listener, record)).isEqualTo(INVALID);
        }
    }

    @ParameterizedTest
    @EnumSource(SetAfterBind.class)
    @Spec("WSA-10")
    void set_whileTheSocketConnects_isInvalid(SetAfterBind knob) {
        UUID key = new UUID(6, 6);
        for (AddressFamily family : AddressFamily.values()) {
            List<Outcome> outcomes = new ArrayList<>();
            try (RedirectLab lab = RedirectLab.open(family, SimOptions.builder().setAfterBind(knob))) {
                byte[] record = lab.record();
                Winsock proxy = lab.proxy.winsock();
                SocketHandle connecting = lab.tcp(proxy);
                lab.sim
                        .fwpm()
                        .addFilter(Filter.at(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4.withFamily(family))
                                .callout(key));
                try (CalloutRegistration callout = lab.sim
                        .loadDriver("watch.sys")
                        .registerCallout(
                                key,
                                (values, meta, data, context, filter, flow, out) ->
                                        outcomes.add(Outcome.ofSet(proxy, connecting, record)))) {
                    assertThat(proxy.connect(connecting, lab.proxyAddress)).isZero();
                }
            }
            assertThat(outcomes).containsExactly(INVALID);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-11", "WSA-32"})
    void set_onOtherThanTcpSocket_isInvalid(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();

            assertThat(Outcome.ofSet(proxy, lab.udp(proxy), record)).isEqualTo(INVALID);
            assertThat(Outcome.ofSet(proxy, lab.uncovered(proxy), record)).isEqualTo(INVALID);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-12")
    void set_again_replacesTheChainAndAFailureKeepsIt(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] first = lab.record();
            List<Long> firstIds = idsOfNewestRedirect(lab);
            byte[] second = lab.record();
            List<Long> secondIds = idsOfNewestRedirect(lab);
            assertThat(firstIds).isNotEqualTo(secondIds);
            Winsock proxy = lab.proxy.winsock();
            SocketHandle onward = lab.tcp(proxy);

            assertThat(Outcome.ofSet(proxy, onward, first)).isEqualTo(SUCCESS);
            assertThat(inheritedIds(lab)).isEqualTo(firstIds);
            assertThat(Outcome.ofSet(proxy, onward, second)).isEqualTo(SUCCESS);
            assertThat(inheritedIds(lab)).isEqualTo(secondIds);
            assertThat(Outcome.ofSet(proxy, onward, lab.sim.recordForge().cutTail(first, 1)))
                    .isEqualTo(DENIED);
            assertThat(inheritedIds(lab)).isEqualTo(secondIds);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-30")
    void query_onUncoveredProtocol_isNoProtocolOption(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock proxy = lab.proxy.winsock();

            assertBothQueries(proxy, lab.uncovered(proxy), Outcome.failure(Win32Error.WSAENOPROTOOPT));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-31")
    void query_onUnconnectedSocket_isNotConnected(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            Winsock proxy = lab.proxy.winsock();
            SocketHandle bound = lab.tcp(proxy);
            proxy.bind(bound, lab.loopback(0));
            RedirectLab.Connection reset = lab.redirected();
            reset.clientSide().setsockopt(reset.client(), Winsock.SOL_SOCKET, Winsock.SO_LINGER, 1);
            reset.clientSide().closesocket(reset.client());

            assertBothQueries(proxy, lab.tcp(proxy), NOT_CONNECTED);
            assertBothQueries(proxy, bound, NOT_CONNECTED);
            assertBothQueries(proxy, lab.listener, NOT_CONNECTED);
            assertBothQueries(proxy, lab.udp(proxy), NOT_CONNECTED);
            assertBothQueries(proxy, reset.accepted(), NOT_CONNECTED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-31")
    void query_afterTheClientClosedGracefully_stillAnswers(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            RedirectLab.Connection connection = lab.redirected();
            connection.clientSide().closesocket(connection.client());

            assertThat(Outcome.ofQuery(connection.proxySide(), connection.accepted(), RECORDS)
                            .result())
                    .isZero();
            assertThat(Outcome.ofQuery(connection.proxySide(), connection.accepted(), CONTEXT)
                            .result())
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-26")
    void wsaIoctl_onInvalidClosedOrForeignHandle_isNotSock(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle accepted = lab.redirected().accepted();
            SocketHandle closed = lab.tcp(proxy);
            proxy.closesocket(closed);
            Outcome notSock = Outcome.failure(Win32Error.WSAENOTSOCK);

            assertBothQueries(proxy, SocketHandle.INVALID_SOCKET, notSock);
            assertBothQueries(proxy, closed, notSock);
            assertBothQueries(lab.stranger.winsock(), accepted, notSock);
            assertThat(Outcome.ofSet(lab.stranger.winsock(), lab.tcp(proxy), record))
                    .isEqualTo(notSock);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-24")
    void wsaIoctl_withNetworkOff_isNetDown(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle accepted = lab.redirected().accepted();
            SocketHandle onward = lab.tcp(proxy);
            lab.sim.setNetworkUp(false);

            assertBothQueries(proxy, accepted, Outcome.failure(Win32Error.WSAENETDOWN));
            assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(Outcome.failure(Win32Error.WSAENETDOWN));

            lab.sim.setNetworkUp(true);
            assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(SUCCESS);
        }
    }

    // ---- rights and data

    @ParameterizedTest
    @EnumSource(Token.class)
    @Spec("WSA-35")
    void set_byAnyToken_needsElevation(Token token) {
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectLab lab = RedirectLab.open(family)) {
                byte[] record = lab.record();
                Winsock proxy = lab.proxy.winsock();
                SocketHandle onward = lab.tcp(proxy);
                lab.proxy.setToken(token);
                boolean elevated = token == Token.ELEVATED_ADMINISTRATOR || token == Token.SYSTEM;

                assertThat(Outcome.ofSet(proxy, onward, record)).isEqualTo(elevated ? SUCCESS : DENIED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-36")
    void query_byProcessThatIsNotTheTarget_isDenied(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            lab.redirectTo(lab.stranger);

            assertBothQueries(lab.proxy.winsock(), lab.redirected().accepted(), DENIED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-36")
    void query_byAnyProcessWithKnobAnyLocalProcess_succeeds(AddressFamily family) {
        SimOptions.Builder lax = SimOptions.builder().queryAccess(QueryAccess.ANY_LOCAL_PROCESS);
        try (RedirectLab lab = RedirectLab.open(family, lax)) {
            lab.redirectTo(lab.stranger);

            assertThat(Outcome.ofQuery(lab.proxy.winsock(), lab.redirected().accepted(), RECORDS)
                            .result())
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"WSA-36", "REC-34"})
    void set_ofAnythingButAnIntactRecordForThisProcess_isDenied(AddressFamily family) throws WinsockException {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            RecordForge forge = lab.sim.recordForge();
            Winsock proxy = lab.proxy.winsock();
            SocketHandle onward = lab.tcp(proxy);
            byte[] context = new SimSocket(proxy, lab.redirected().accepted())
                    .queryRedirectContext()
                    .orElseThrow();

            assertThat(Outcome.ofSet(proxy, onward, forge.flipByte(record, record.length / 2)))
                    .as("altered")
                    .isEqualTo(DENIED);
            assertThat(Outcome.ofSet(proxy, onward, forge.cutTail(record, 1)))
                    .as("cut")
                    .isEqualTo(DENIED);
            assertThat(Outcome.ofSet(proxy, onward, forge.append(record, (byte) 0)))
                    .as("longer")
                    .isEqualTo(DENIED);
            assertThat(Outcome.ofSet(proxy, onward, forge.retarget(record, lab.stranger.id())))
                    .as("of another process")
                    .isEqualTo(DENIED);
            assertThat(Outcome.ofSet(proxy, onward, forge.reissueElsewhere(record)))
                    .as("of another machine")
                    .isEqualTo(DENIED);
            assertThat(Outcome.ofSet(proxy, onward, context)).as("a context").isEqualTo(DENIED);
            assertThat(inheritedIds(lab)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WSA-37")
    void integerOverflow_inSetAndInContextQuery_isInvalid(AddressFamily family) {
        try (RedirectLab lab = RedirectLab.open(family)) {
            byte[] record = lab.record();
            Winsock proxy = lab.proxy.winsock();
            byte[] overflowing = lab.sim.recordForge().overflowInnerLength(record);
            assertThat(Outcome.ofSet(proxy, lab.tcp(proxy), overflowing)).isEqualTo(INVALID);

            lab.declareContextSize(1L << 32);
            SocketHandle accepted = lab.redirected().accepted();
            assertThat(Outcome.ofQuery(proxy, accepted, CONTEXT)).isEqualTo(INVALID);
            assertThat(Outcome.ofQuery(proxy, accepted, CONTEXT, null, 0)).isEqualTo(INVALID);
            assertThat(Outcome.ofQuery(proxy, accepted, RECORDS).result()).isZero();
        }
    }
}
