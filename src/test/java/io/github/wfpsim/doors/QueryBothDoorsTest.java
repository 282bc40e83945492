package io.github.wfpsim.doors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.doors.Door.Reply;
import io.github.wfpsim.doors.Door.Socket;
import io.github.wfpsim.doors.Door.What;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.WindowsVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The two queries in every situation, for both families, through both doors. */
@Timeout(60)
class QueryBothDoorsTest {

    private static final byte SENTINEL = 0x5A;

    /** Where a socket is when it is asked, and what the two queries come to. */
    enum Situation {
        REDIRECTED(Verdict.DONE, Verdict.DONE) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.redirected();
            }
        },
        REDIRECTED_AND_ENDED_BY_THE_CLIENT(Verdict.DONE, Verdict.DONE) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                Socket accepted = stage.redirected();
                stage.clientEnds(false);
                return accepted;
            }
        },
        REDIRECTED_AND_RESET_BY_THE_CLIENT(Verdict.QUERY_ON_DEAD_CONNECTION, Verdict.QUERY_ON_DEAD_CONNECTION) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                Socket accepted = stage.redirected();
                stage.clientEnds(true);
                return accepted;
            }
        },
        REDIRECTED_WITHOUT_CONTEXT(Verdict.DONE, Verdict.NO_CONTEXT) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                stage.lab.setContext((byte[]) null);
                return stage.redirected();
            }
        },
        REDIRECTED_WITH_OVERSIZED_CONTEXT(Verdict.DONE, Verdict.INTEGER_OVERFLOW) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                stage.lab.declareContextSize(1L << 32);
                return stage.redirected();
            }
        },
        REDIRECTED_TO_ANOTHER_PROCESS(Verdict.NOT_TARGET, Verdict.NOT_TARGET) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                stage.lab.redirectTo(stage.lab.stranger);
                return stage.redirected();
            }
        },
        ACCEPTED_BUT_NOT_REDIRECTED(Verdict.NOT_REDIRECTED, Verdict.NOT_REDIRECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.plain();
            }
        },
        ACCEPTED_FROM_A_REDIRECTED_BIND(Verdict.NOT_REDIRECTED, Verdict.NOT_REDIRECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                stage.redirectBinds();
                Socket accepted = stage.plain();
                assertThat(stage.lab.sim.connections())
                        .anyMatch(connection -> connection.local().getPort() == 5555);
                return accepted;
            }
        },
        ORIGINATING_END_OF_A_REDIRECT(Verdict.NOT_REDIRECTED, Verdict.NOT_REDIRECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.originating(stage.lab.browser, stage.lab.origin(), kind);
            }
        },
        ORIGINATING_END(Verdict.NOT_REDIRECTED, Verdict.NOT_REDIRECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.originating(stage.lab.stranger, stage.address(), kind);
            }
        },
        FRESH(Verdict.NOT_CONNECTED, Verdict.NOT_CONNECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.door.fresh();
            }
        },
        BOUND(Verdict.NOT_CONNECTED, Verdict.NOT_CONNECTED) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                Socket socket = stage.door.fresh();
                socket.bind(stage.lab.loopback(0));
                return socket;
            }
        },
        LISTENING(Verdict.QUERY_ON_OTHER_SOCKET, Verdict.QUERY_ON_OTHER_SOCKET) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.listener;
            }
        },
        DATAGRAM(Verdict.QUERY_ON_OTHER_SOCKET, Verdict.QUERY_ON_OTHER_SOCKET) {
            @Override
            Socket socket(Stage stage, Door.Kind kind) {
                return stage.door.datagram();
            }
        };

        private final Verdict records;
        private final Verdict context;

        Situation(Verdict records, Verdict context) {
            this.records = records;
            this.context = context;
        }

        abstract Socket socket(Stage stage, Door.Kind kind);

        Verdict verdict(What what) {
            return what == What.RECORDS ? records : context;
        }
    }

    static Stream<Arguments> doors() {
        return Arrays.stream(AddressFamily.values())
                .flatMap(family -> Arrays.stream(Door.Kind.values()).map(kind -> Arguments.of(family, kind)));
    }

    static Stream<Arguments> queries() {
        return doors().flatMap(each ->
                Arrays.stream(What.values()).map(what -> Arguments.of(each.get()[0], each.get()[1], what)));
    }

    static Stream<Arguments> situations() {
        return queries()
                .flatMap(each -> Arrays.stream(Situation.values())
                        .map(situation -> Arguments.of(each.get()[0], each.get()[1], each.get()[2], situation)));
    }

    private static ByteBuffer sentinels(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, SENTINEL);
        return ByteBuffer.wrap(bytes);
    }

    private static void assertUntouched(ByteBuffer buffer, long from, long to) {
        byte[] bytes = new byte[(int) (to - from)];
        buffer.get((int) from, bytes);
        assertThat(bytes).as("memory from %d to %d", from, to).containsOnly(SENTINEL);
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @MethodSource("situations")
    @Spec({
        "REC-35", "REC-38", "WSK-01", "WSK-08", "WSK-09", "WSK-11", "WSK-13", "WSK-14", "WSK-20", "WSK-25", "WSK-26",
        "WSK-27", "WSK-28", "WSK-29", "WSK-40", "WSA-18", "WSA-21", "WSA-31", "WSA-33", "WSA-34", "WSA-36", "WSA-37"
    })
    void query_inEachSituation_answersAsTheTableSays(
            AddressFamily family, Door.Kind kind, What what, Situation situation) throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            Socket socket = situation.socket(stage, kind);
            ByteBuffer buffer = sentinels(Stage.ROOMY);

            Reply reply = socket.query(what, Stage.ROOMY, buffer);

            Verdict verdict = situation.verdict(what);
            assertThat(reply).isEqualTo(stage.door.reply(verdict, reply.count()));
            boolean copied = verdict == Verdict.DONE;
            assertUntouched(buffer, copied ? reply.count() : 0, buffer.capacity());
            if (copied) {
                assertThat(reply.count()).isPositive();
                assertThat(buffer.position()).isZero();
            }
            if (copied && what == What.CONTEXT) {
                assertThat(buffer.slice(0, (int) reply.count())).isEqualTo(ByteBuffer.wrap(Stage.CONTEXT));
            }
            assertThat(socket.query(what, 0, null))
                    .as("the length, which nobody learns who may not have the bytes")
                    .isEqualTo(stage.door.reply(copied ? Verdict.TOO_SMALL : verdict, copied ? reply.count() : 0));
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("queries")
    @Spec({"WSK-16", "WSK-17", "WSK-18", "WSK-19", "WSK-20", "WSA-13", "WSA-14", "WSA-15", "WSA-16", "WSA-18", "WSA-21"
    })
    void query_ofEverySize_copiesAllOrNothing(AddressFamily family, Door.Kind kind, What what) throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            Socket accepted = stage.redirected();
            byte[] all = stage.bytes(accepted, what);
            for (int size = 0; size <= all.length + 1; size++) {
                ByteBuffer buffer = sentinels(size + 16);

                Reply reply = accepted.query(what, size, buffer);

                assertThat(reply).as("size %d of %d", size, all.length).isEqualTo(expected(stage, size, all.length));
                boolean copied = size >= all.length;
                assertUntouched(buffer, copied ? all.length : 0, buffer.capacity());
                if (copied) {
                    assertThat(buffer.slice(0, all.length)).isEqualTo(ByteBuffer.wrap(all));
                }
            }
        }
    }

    private static Reply expected(Stage stage, int size, int length) {
        if (size >= length) {
            return stage.door.reply(Verdict.DONE, length);
        }
        boolean tiny = size >= 1 && size <= 3;
        return stage.door.reply(tiny ? Verdict.SMALLER_THAN_A_ULONG : Verdict.TOO_SMALL, length);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("queries")
    @Spec({"WSK-13", "WSK-19", "WSA-20", "WSA-29"})
    void query_intoPartOfABuffer_writesThereAndNeverWithoutOne(AddressFamily family, Door.Kind kind, What what)
            throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            Socket accepted = stage.redirected();
            byte[] all = stage.bytes(accepted, what);
            ByteBuffer part = sentinels(all.length + 10).position(3);

            assertThat(accepted.query(what, all.length, part)).isEqualTo(stage.door.reply(Verdict.DONE, all.length));
            assertThat(part.position()).as("position stays").isEqualTo(3);
            assertThat(part.slice(3, all.length)).isEqualTo(ByteBuffer.wrap(all));
            assertUntouched(part, 0, 3);
            assertUntouched(part, all.length + 3, part.capacity());
            for (int size : new int[] {1, 4, all.length}) {
                assertThat(accepted.query(what, size, null))
                        .isEqualTo(stage.door.reply(Verdict.NO_BUFFER_FOR_ITS_SIZE, 0));
            }
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("queries")
    @Spec({"REC-35", "WSK-28", "WSA-36"})
    void query_byAnybodyWithKnobAnyLocalProcess_succeeds(AddressFamily family, Door.Kind kind, What what)
            throws Exception {
        try (Stage stage = new Stage(family, kind, kind.options().with(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS))) {
            stage.lab.redirectTo(stage.lab.stranger);

            assertThat(stage.bytes(stage.redirected(), what)).isNotEmpty();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("doors")
    @Spec({"WSK-05", "WSA-05"})
    void codes_areUnknownBeforeWindows8(AddressFamily family, Door.Kind kind) throws Exception {
        List<WindowsVersion> withCodes = List.of(WindowsVersion.WINDOWS_8, WindowsVersion.WINDOWS_11);
        for (WindowsVersion version : withCodes) {
            try (Stage stage = new Stage(family, kind, kind.options().windowsVersion(version))) {
                assertThat(stage.record()).isNotEmpty();
            }
        }
        try (Stage stage = new Stage(family, kind, kind.options().windowsVersion(WindowsVersion.WINDOWS_7))) {
            Reply unknown = stage.door.reply(Verdict.CODE_OF_A_LATER_WINDOWS, 0);
            Socket accepted = stage.plain();
            for (What what : What.values()) {
                assertThat(stage.query(accepted, what)).isEqualTo(unknown);
            }
            assertThat(stage.door.fresh().set(new byte[80], 80)).isEqualTo(unknown);
        }
    }
}
