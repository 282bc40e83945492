package io.github.wfpsim.product;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.Spec;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.DispatcherMode;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.net.Network;
import io.github.wfpsim.net.RemoteServer;
import io.github.wfpsim.trace.SequenceRenderer;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.winsock.SimDatagram;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes, sockets, servers and lines of the story in as few words as possible. */
@Timeout(60)
class ShortFormsTest {

    private final WfpSim sim = WfpSim.open();

    // ---- processes

    @ParameterizedTest
    @CsvSource({
        "app.exe, C:\\Apps\\app.exe, \\device\\harddiskvolume3\\apps\\app.exe",
        "D:\\x\\App.EXE, D:\\x\\App.EXE, \\device\\harddiskvolume4\\x\\app.exe",
        "/bin/App, /bin/App, /bin/app"
    })
    void app_isOfAStandardUser_andHasAPath(String image, String path, String appId) {
        try (sim;
                SimProcess app = sim.app(image)) {
            assertThat(app.imagePath()).isEqualTo(path);
            assertThat(app.appId()).isEqualTo(appId);
            assertThat(app.imageName())
                    .isEqualTo(path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1));
            assertThat(app.token()).isEqualTo(Token.STANDARD_USER);
            assertThat(app.packageSid()).isNull();
            assertThat(app.isAlive()).isTrue();
            app.setToken(Token.ELEVATED_ADMINISTRATOR);
            assertThat(app.token()).isEqualTo(Token.ELEVATED_ADMINISTRATOR);
            app.close();
            assertThat(app.isAlive()).isFalse();
        }
    }

    @Test
    void app_withoutAName_isRefused() {
        try (sim) {
            assertThatIllegalArgumentException().isThrownBy(() -> sim.app(""));
        }
    }

    @Test
    @Spec("REC-36")
    void system_isAProcess_whoseSocketsAreThoseOfDrivers() {
        try (sim) {
            SimProcess system = sim.system();

            assertThat(system).hasToString("System(4)").isEqualTo(sim.system());
            assertThat(system.token()).isEqualTo(Token.SYSTEM);
            assertThatIllegalStateException()
                    .isThrownBy(system::winsock)
                    .withMessageContaining("System(4)")
                    .withMessageContaining("wsk()");
            assertThatIllegalStateException().isThrownBy(() -> system.connect("203.0.113.10:80"));
            assertThatIllegalArgumentException().isThrownBy(system::close);
            assertThat(system.isAlive()).isTrue();
            system.openEngine(FwpmSession.dynamic("system")).close();
        }
    }

    @Test
    void connections_nameTheProcessThatOpenedThem() throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe");
                SimProcess other = sim.app("app.exe")) {
            app.listen("127.0.0.1:80");
            other.connect("127.0.0.1:80");

            List<ConnectionSnapshot> all = sim.connections();
            assertThat(all).extracting(ConnectionSnapshot::process).contains(app, other);
            assertThat(all.get(0).process()).isSameAs(app);
            assertThat(all).extracting(ConnectionSnapshot::state).contains(ConnectionState.LISTENING);
            assertThat(app).isNotEqualTo(other).doesNotHaveSameHashCodeAs(other);
        }
    }

    // ---- sockets

    @ParameterizedTest
    @CsvSource({"203.0.113.10:80, 0.0.0.0:7000", "[2001:db8:1::10]:80, [::]:7000"})
    void connectAndListen_pickTheFamily(String server, String local) throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe");
                RemoteServer there = sim.network().listen(IpAddress.parse(server));
                SimSocket connected = app.connect(server);
                SimSocket listening = app.listen(local)) {
            assertThat(connected.remoteAddress()).isEqualTo(there.address());
            assertThat(listening.localAddress()).isEqualTo(IpAddress.parse(local));
        }
    }

    @ParameterizedTest
    @CsvSource({"203.0.113.53:53, 0.0.0.0:7000", "[2001:db8:1::53]:53, [::]:7000"})
    void datagramTwins_pickTheFamilyToo(String server, String local) throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe");
                SimDatagramSocket connected = app.connectUdp(server);
                SimDatagramSocket bound = app.bindUdp(local)) {
            sim.serveUdp(server, name -> name + "?");

            assertThat(connected.exchange("who")).isEqualTo("who?");
            bound.send(new byte[] {'x'}, IpAddress.parse(server));
            SimDatagram answer = bound.receive();
            assertThat(answer.payload()).containsExactly('x', '?');
            assertThat(answer.source()).isEqualTo(IpAddress.parse(server));
        }
    }

    @Test
    void socket_thatCannotBeOpened_isNotLeftBehind() throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe");
                SimSocket taken = app.listen("127.0.0.1:7000");
                SimDatagramSocket takenToo = app.bindUdp("127.0.0.1:7000")) {
            assertThat(errorOf(() -> app.connect("203.0.113.10:80"))).isEqualTo(Win32Error.WSAENETUNREACH);
            assertThat(errorOf(() -> app.listen("127.0.0.1:7000"))).isEqualTo(Win32Error.WSAEADDRINUSE);
            assertThat(errorOf(() -> app.bindUdp("127.0.0.1:7000"))).isEqualTo(Win32Error.WSAEADDRINUSE);

            assertThat(sim.connections()).hasSize(2);
            assertThat(taken.localAddress()).isEqualTo(takenToo.localAddress());
        }
    }

    private static Win32Error errorOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return org.assertj.core.api.Assertions.catchThrowableOfType(WinsockException.class, call)
                .error();
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.10", "2001:db8::10:80", "example.com:80"})
    void text_thatIsNoAddress_opensNoSocket(String text) {
        try (sim;
                SimProcess app = sim.app("app.exe")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> app.connect(text))
                    .withMessageContaining(text);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> app.listen(text))
                    .withMessageContaining(text);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> app.connectUdp(text))
                    .withMessageContaining(text);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> app.bindUdp(text))
                    .withMessageContaining(text);
            assertThat(sim.connections()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.10:0", "[2001:db8:1::10]:0", "0.0.0.0:80"})
    void placeWhereNobodyCanBe_isNamedAsItWasWritten(String nowhere) {
        try (sim;
                SimProcess app = sim.app("app.exe")) {
            for (Executable call : List.<Executable>of(() -> app.connect(nowhere), () -> app.connectUdp(nowhere))) {
                assertThatExceptionOfType(WinsockException.class)
                        .isThrownBy(call::execute)
                        .withMessageStartingWith("connect " + nowhere + " failed with WSAEADDRNOTAVAIL")
                        .withMessageContaining("nobody is at port 0");
            }
        }
    }

    // ---- exchange

    @Test
    void exchange_readsUntilThePeerEndsItsDirection() throws Exception {
        try (sim;
                RemoteServer server = sim.network().listen(IpAddress.parse("203.0.113.10:80"));
                SimSocket client = sim.app("app.exe").connect("203.0.113.10:80")) {
            DuplexStream far = Objects.requireNonNull(server.accept(Deadline.NEVER));
            far.write(ByteBuffer.wrap("gr\u00fc".getBytes(UTF_8)), Deadline.NEVER);
            far.write(ByteBuffer.wrap("\u00dfe".getBytes(UTF_8)), Deadline.NEVER);
            far.shutdownOutput();

            assertThat(client.exchange("GET")).isEqualTo("gr\u00fc\u00dfe");

            ByteBuffer heard = ByteBuffer.allocate(10);
            assertThat(far.read(heard, Deadline.NEVER)).isEqualTo(3);
            assertThat(far.read(heard, Deadline.NEVER)).isEqualTo(-1);
            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.exchange("again"));
        }
    }

    @Test
    void exchange_withAPeerThatResets_fails_whateverCameBefore() throws Exception {
        try (sim;
                RemoteServer server = sim.network().listen(IpAddress.parse("203.0.113.10:80"));
                SimSocket client = sim.app("app.exe").connect("203.0.113.10:80")) {
            DuplexStream far = Objects.requireNonNull(server.accept(Deadline.NEVER));
            far.write(ByteBuffer.wrap(new byte[3]), Deadline.NEVER);
            far.reset();

            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.exchange(""));
        }
    }

    // ---- servers

    @Test
    void server_answersEachRequest_andEndsWithItsClient() throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe")) {
            sim.serve("203.0.113.10:80", request -> "[" + request + "]");
            SimSocket client = app.connect("203.0.113.10:80");
            byte[] room = new byte[10];
            client.send(new byte[] {'a'});
            assertThat(client.receive(room)).isEqualTo(3);
            client.send(new byte[] {'b'});
            assertThat(client.receive(room)).isEqualTo(3);
            client.shutdownOutput();
            assertThat(client.receive(room)).isEqualTo(-1);
            assertThat(app.connect("203.0.113.10:80").exchange("")).isEmpty();
        }
    }

    @Test
    void server_thatAnswersMuch_waitsForRoom() throws Exception {
        byte[] much = new byte[300_000];
        try (sim) {
            sim.serve("203.0.113.10:80", much);

            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .hasSize(much.length);
        }
    }

    @Test
    void server_whoseFunctionThrows_resetsTheClient_andIsToldAtTheEnd() throws Exception {
        sim.serve("203.0.113.10:80", request -> {
            throw new IllegalArgumentException("no such page");
        });
        SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");

        assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> client.exchange("GET"));
        assertThatIllegalStateException().isThrownBy(sim::close).withStackTraceContaining("no such page");
    }

    @ParameterizedTest
    @EnumSource(DispatcherMode.class)
    void server_thatOutlivesItsMachine_hasItsFailureToldByTheNetwork(DispatcherMode mode) throws Exception {
        Network network = WfpSim.openNetwork();
        try (WfpSim client = WfpSim.builder().network(network).open()) {
            WfpSim home = WfpSim.builder()
                    .network(network)
                    .address(IpAddress.parseHost("203.0.113.1"))
                    .options(SimOptions.defaults().dispatcher(mode))
                    .open();
            home.serve("203.0.113.10:80", request -> {
                throw new IllegalArgumentException("no such page");
            });
            home.close();

            SimSocket socket = client.app("app.exe").connect("203.0.113.10:80");
            assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> socket.exchange("GET"));
        }
        assertThatIllegalStateException()
                .isThrownBy(network::close)
                .withCauseInstanceOf(IllegalArgumentException.class)
                .withStackTraceContaining("no such page");
        network.close();
    }

    @Test
    void machine_whoseNetworkTellsOfAFailure_losesNothingElse() throws Exception {
        try (WfpSim home = WfpSim.builder()
                .network(sim.network())
                .address(IpAddress.parseHost("203.0.113.1"))
                .open()) {
            home.serve("203.0.113.10:80", request -> {
                throw new IllegalArgumentException("no such page");
            });
        }
        SimSocket socket = sim.app("app.exe").connect("203.0.113.10:80");
        assertThatExceptionOfType(WinsockException.class).isThrownBy(() -> socket.exchange("GET"));
        sim.dispatcher().execute(() -> {
            throw new IllegalStateException("a task of the machine itself");
        });
        sim.loadDriver("acme.sys").createRedirectHandle(new UUID(1, 1));

        assertThatIllegalStateException()
                .isThrownBy(sim::close)
                .withStackTraceContaining("no such page")
                .withStackTraceContaining("a task of the machine itself")
                .withStackTraceContaining("REDIRECT_HANDLE_LEAK");
    }

    @Test
    void server_whoseFunctionThrows_isToldAtTheEnd_alsoWithTasksThatRunInline() throws Exception {
        WfpSim inline = WfpSim.open(SimOptions.defaults().dispatcher(DispatcherMode.INLINE));
        inline.serveUdp("203.0.113.53:53", request -> {
            throw new IllegalArgumentException("no such name");
        });
        inline.app("app.exe").connectUdp("203.0.113.53:53").send(new byte[1]);

        assertThatIllegalStateException().isThrownBy(inline::close).withStackTraceContaining("no such name");
    }

    @Test
    void server_breaksOff_withAClientThatDoes() throws Exception {
        try (sim) {
            sim.serve("203.0.113.10:80", request -> "hello");
            SimSocket client = sim.app("app.exe").connect("203.0.113.10:80");
            client.send(new byte[1]);
            client.abort();

            assertThat(sim.app("app.exe").connect("203.0.113.10:80").exchange("GET"))
                    .isEqualTo("hello");
        }
    }

    @Test
    void place_thatIsTaken_orLoopback_isRefused() {
        try (sim) {
            sim.serve("203.0.113.10:80", request -> "hello");
            sim.serveUdp("203.0.113.10:80", request -> "hello");

            assertThatIllegalStateException().isThrownBy(() -> sim.serve("203.0.113.10:80", new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> sim.serveUdp("203.0.113.10:80", request -> ""));
            assertThatIllegalArgumentException().isThrownBy(() -> sim.serve("127.0.0.1:80", request -> ""));
            assertThatIllegalArgumentException().isThrownBy(() -> sim.serve("example.com:80", request -> ""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "255.255.255.255:80",
                "224.0.0.1:80",
                "239.255.255.250:1900",
                "[ff02::1]:80",
                "[::ffff:224.0.0.1]:80"
            })
    void placeOfSeveralMachines_isRefused(String text) {
        try (sim) {
            for (Executable serve : List.<Executable>of(
                    () -> sim.serve(text, request -> request),
                    () -> sim.serve(text, new byte[1]),
                    () -> sim.serveUdp(text, request -> request),
                    () -> sim.network().bridge(IpAddress.parse(text), IpAddress.parse("127.0.0.1:80")))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(serve::execute)
                        .withMessageContaining(IpAddress.text(IpAddress.parse(text)))
                        .withMessageContaining("broadcast or multicast");
            }
        }
    }

    // ---- closed machines

    @Test
    void process_onAClosedMachine_cannotBeStarted() {
        sim.close();

        for (Executable start : List.<Executable>of(
                () -> sim.app("app.exe"),
                () -> sim.process("C:\\Apps\\app.exe", Token.SYSTEM),
                () -> sim.loadDriver("acme.sys"),
                () -> sim.product("acme"))) {
            assertThatIllegalStateException().isThrownBy(start::execute).withMessageContaining("closed");
        }
    }

    @Test
    void process_ofAClosedMachine_opensNoSockets() {
        SimProcess app = sim.app("app.exe");
        sim.close();

        for (Executable open : List.<Executable>of(
                () -> app.connect("203.0.113.10:80"),
                () -> app.listen("127.0.0.1:8080"),
                () -> app.connectUdp("203.0.113.53:53"),
                () -> app.bindUdp("127.0.0.1:5353"))) {
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(open::execute)
                    .satisfies(failure -> assertThat(failure.error()).isEqualTo(Win32Error.WSANOTINITIALISED))
                    .withMessageContaining("has ended");
        }
        assertThat(sim.connections()).isEmpty();
    }

    @Test
    void server_onAClosedMachine_isRefused() {
        sim.close();

        for (Executable serve : List.<Executable>of(
                () -> sim.serve("203.0.113.10:80", request -> request),
                () -> sim.serve("203.0.113.10:80", new byte[1]),
                () -> sim.serveUdp("203.0.113.10:53", request -> request))) {
            assertThatIllegalStateException().isThrownBy(serve::execute).withMessageContaining("closed");
        }
    }

    @Test
    void note_standsInTheStory_whereItWasSaid() throws Exception {
        try (sim;
                SimProcess app = sim.app("app.exe")) {
            sim.serve("203.0.113.10:80", request -> "hello");
            sim.note("the server is there");
            app.connect("203.0.113.10:80");
            app.note("# of tries; 1\nof 2");

            List<TraceEvent> events = sim.trace().log().entries().stream()
                    .map(entry -> entry.event())
                    .toList();
            assertThat(events)
                    .contains(new TraceEvent.Noted(null, 0, "the server is there"))
                    .endsWith(new TraceEvent.Noted("app.exe", app.id(), "# of tries; 1\nof 2"));
            String story = new TextRenderer().render(sim.trace().log().entries());
            assertThat(story.lines())
                    .anyMatch(line -> line.matches(" *2 +\\+0ms  test +-- the server is there"))
                    .anyMatch(line -> line.matches(".*  app\\.exe\\(1000\\) +-- # of tries; 1\\?of 2"));
            assertThat(new SequenceRenderer().render(sim.trace().log().entries()))
                    .contains("participant p0 as test\n", "Note over p0: the server is there\n")
                    .contains("Note over p1: #35; of tries#59; 1?of 2\n");
        }
    }

    @Test
    void notes_leaveTheOtherEventsAsTheyAre() throws Exception {
        assertThat(eventsOf(false)).isEqualTo(eventsOf(true));
    }

    private static List<String> eventsOf(boolean noting) throws Exception {
        try (WfpSim sim = WfpSim.open();
                SimProcess app = sim.app("app.exe")) {
            sim.serve("203.0.113.10:80", request -> "hello");
            if (noting) {
                app.note("now");
            }
            app.connect("203.0.113.10:80").exchange("GET");
            return sim.trace().log().entries().stream()
                    .map(entry -> entry.event())
                    .filter(event -> !(event instanceof TraceEvent.Noted))
                    .map(TraceEvent::toString)
                    .toList();
        }
    }
}
