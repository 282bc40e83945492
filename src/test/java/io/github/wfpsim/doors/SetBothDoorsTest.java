package io.github.wfpsim.doors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.ConnectionSnapshot;
import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.doors.Door.Reply;
import io.github.wfpsim.doors.Door.Socket;
import io.github.wfpsim.doors.Door.What;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.redirect.RedirectRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** SET in every stage and with every kind of record, for both families, through both doors. */
@Timeout(60)
class SetBothDoorsTest {

    /** Where a socket is when the record is set, and what it comes to. */
    enum Position {
        FRESH(Verdict.DONE) {
            @Override
            Socket socket(Stage stage) {
                return stage.door.fresh();
            }
        },
        BOUND(Verdict.WRONG_STAGE) {
            @Override
            Socket socket(Stage stage) {
                Socket socket = stage.door.fresh();
                socket.bind(stage.lab.loopback(0));
                return socket;
            }

            @Override
            Verdict verdict(boolean afterBindToo) {
                return afterBindToo ? Verdict.DONE : Verdict.WRONG_STAGE;
            }
        },
        CONNECTED(Verdict.WRONG_STAGE) {
            @Override
            Socket socket(Stage stage) {
                Socket socket = stage.door.fresh();
                socket.connect(stage.lab.proxyAddress);
                return socket;
            }
        },
        ACCEPTED(Verdict.WRONG_STAGE) {
            @Override
            Socket socket(Stage stage) {
                return stage.redirected();
            }
        },
        RESET(Verdict.SET_ON_DEAD_CONNECTION) {
            @Override
            Socket socket(Stage stage) {
                Socket accepted = stage.redirected();
                stage.clientEnds(true);
                return accepted;
            }
        },
        LISTENING(Verdict.SET_ON_OTHER_SOCKET) {
            @Override
            Socket socket(Stage stage) {
                return stage.listener;
            }
        },
        DATAGRAM(Verdict.SET_ON_OTHER_SOCKET) {
            @Override
            Socket socket(Stage stage) {
                return stage.door.datagram();
            }
        };

        private final Verdict verdict;

        Position(Verdict verdict) {
            this.verdict = verdict;
        }

        abstract Socket socket(Stage stage);

        Verdict verdict(boolean afterBindToo) {
            return verdict;
        }
    }

    /** What is set on a fresh socket, and what it comes to. */
    enum Blob {
        INTACT(Verdict.DONE) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return record;
            }
        },
        ALTERED_AT_THE_FRONT(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.flipByte(record, 0);
            }
        },
        ALTERED_IN_THE_MIDDLE(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.flipByte(record, record.length / 2);
            }
        },
        ALTERED_AT_THE_END(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.flipByte(record, record.length - 1);
            }
        },
        CUT(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.cutTail(record, 1);
            }
        },
        LONGER(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.append(record, (byte) 0);
            }
        },
        FOR_ANOTHER_PROCESS(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.retarget(record, stage.lab.stranger.id());
            }
        },
        FROM_ANOTHER_MACHINE(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.reissueElsewhere(record);
            }
        },
        A_CONTEXT(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return stage.bytes(stage.redirected(), What.CONTEXT);
            }
        },
        ONE_BYTE(Verdict.BAD_RECORD) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return new byte[1];
            }
        },
        OVERFLOWING(Verdict.INTEGER_OVERFLOW) {
            @Override
            byte[] of(Stage stage, byte[] record, RecordForge forge) {
                return forge.overflowInnerLength(record);
            }
        };

        private final Verdict verdict;

        Blob(Verdict verdict) {
            this.verdict = verdict;
        }

        abstract byte[] of(Stage stage, byte[] record, RecordForge forge);
    }

    private static SimOptions options(Door.Kind kind, boolean afterBindToo) {
        return afterBindToo ? kind.options().with(Deviation.SET_AFTER_BIND_ALLOWED) : kind.options();
    }

    static Stream<Arguments> doors() {
        return QueryBothDoorsTest.doors();
    }

    static Stream<Arguments> positions() {
        return doors().flatMap(each -> Stream.of(false, true)
                .flatMap(afterBindToo -> Arrays.stream(Position.values())
                        .map(position -> Arguments.of(each.get()[0], each.get()[1], afterBindToo, position))));
    }

    static Stream<Arguments> blobs() {
        return doors().flatMap(each ->
                Arrays.stream(Blob.values()).map(blob -> Arguments.of(each.get()[0], each.get()[1], blob)));
    }

    static Stream<Arguments> tokens() {
        return doors().flatMap(each ->
                Arrays.stream(Token.values()).map(token -> Arguments.of(each.get()[0], each.get()[1], token)));
    }

    /** The ids in the chain that SET left on the only socket that has one. */
    private static List<Long> inheritedIds(Stage stage) {
        return stage.lab.sim.connections().stream()
                .map(ConnectionSnapshot::inheritedChain)
                .filter(chain -> !chain.isEmpty())
                .findFirst()
                .orElse(List.of())
                .stream()
                .map(RedirectRecord::id)
                .toList();
    }

    private static List<Long> idsOfNewestRedirect(Stage stage) {
        return stage.lab.sim.connections().stream()
                .filter(connection -> !connection.redirectChain().isEmpty())
                .reduce((first, second) -> second)
                .orElseThrow()
                .redirectChain()
                .stream()
                .map(RedirectRecord::id)
                .toList();
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @MethodSource("positions")
    @Spec({"WSK-08", "WSK-09", "WSK-31", "WSK-34", "WSK-40", "WSA-10", "WSA-11", "WSA-19", "WSA-32"})
    void set_atEachStage_succeedsOnlyBeforeBindUnlessTheKnobAllows(
            AddressFamily family, Door.Kind kind, boolean afterBindToo, Position position) throws Exception {
        try (Stage stage = new Stage(family, kind, options(kind, afterBindToo))) {
            byte[] record = stage.record();
            Socket socket = position.socket(stage);

            assertThat(socket.set(record, record.length))
                    .isEqualTo(stage.door.reply(position.verdict(afterBindToo), 0));

            assertThat(inheritedIds(stage).isEmpty()).isEqualTo(position.verdict(afterBindToo) != Verdict.DONE);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("doors")
    @Spec({"WSK-34", "WSA-10"})
    void set_whileTheSocketConnects_comesTooLateWithEitherKnob(AddressFamily family, Door.Kind kind) throws Exception {
        for (boolean afterBindToo : new boolean[] {false, true}) {
            List<Reply> replies = new ArrayList<>();
            try (Stage stage = new Stage(family, kind, options(kind, afterBindToo))) {
                byte[] record = stage.record();
                Socket connecting = stage.door.fresh();
                stage.atLayer(
                        stage.lab.sim.loadDriver("watch.sys"),
                        Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4,
                        (values, meta, data, context, filter, flow, out) ->
                                replies.add(connecting.set(record, record.length)));

                connecting.connect(stage.lab.proxyAddress);

                assertThat(replies).containsExactly(stage.door.reply(Verdict.WRONG_STAGE, 0));
            }
        }
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("blobs")
    @Spec({"REC-34", "REC-37", "REC-38", "WSK-09", "WSK-37", "WSA-19", "WSA-36", "WSA-37"})
    void set_ofAnythingButAnIntactRecordForThisProcess_fails(AddressFamily family, Door.Kind kind, Blob blob)
            throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            byte[] record = stage.record();
            byte[] bytes = blob.of(stage, record, stage.lab.sim.recordForge());

            assertThat(stage.door.fresh().set(bytes, bytes.length)).isEqualTo(stage.door.reply(blob.verdict, 0));

            assertThat(inheritedIds(stage).isEmpty()).isEqualTo(blob != Blob.INTACT);
        }
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("tokens")
    @Spec({"REC-37", "WSA-35"})
    void set_byAnyToken_needsElevationInUserModeOnly(AddressFamily family, Door.Kind kind, Token token)
            throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            byte[] record = stage.record();
            stage.lab.proxy.setToken(token);
            boolean elevated = token == Token.ELEVATED_ADMINISTRATOR || token == Token.SYSTEM;

            assertThat(stage.door.fresh().set(record, record.length))
                    .isEqualTo(stage.door.reply(elevated ? Verdict.DONE : Verdict.NOT_ELEVATED, 0));
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("doors")
    @Spec({"WSK-32", "WSA-07", "WSA-29"})
    void set_withoutRecord_isRefused(AddressFamily family, Door.Kind kind) throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            Socket socket = stage.door.fresh();

            assertThat(socket.set(null, 0)).isEqualTo(stage.door.reply(Verdict.NO_RECORD, 0));
            assertThat(socket.set(new byte[8], 0)).isEqualTo(stage.door.reply(Verdict.NO_RECORD, 0));
            assertThat(socket.set(null, 8)).isEqualTo(stage.door.reply(Verdict.NO_BUFFER_FOR_ITS_SIZE, 0));
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("doors")
    @Spec({"WSK-36", "WSA-12"})
    void set_again_replacesTheChainAndAFailureKeepsIt(AddressFamily family, Door.Kind kind) throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            byte[] first = stage.record();
            List<Long> firstIds = idsOfNewestRedirect(stage);
            byte[] second = stage.record();
            List<Long> secondIds = idsOfNewestRedirect(stage);
            assertThat(firstIds).isNotEqualTo(secondIds);
            Socket onward = stage.door.fresh();

            assertThat(onward.set(first, first.length)).isEqualTo(stage.door.reply(Verdict.DONE, 0));
            assertThat(inheritedIds(stage)).isEqualTo(firstIds);
            assertThat(onward.set(second, second.length)).isEqualTo(stage.door.reply(Verdict.DONE, 0));
            assertThat(inheritedIds(stage)).isEqualTo(secondIds);
            assertThat(onward.set(first, first.length - 1)).isEqualTo(stage.door.reply(Verdict.BAD_RECORD, 0));
            assertThat(inheritedIds(stage)).isEqualTo(secondIds);
            onward.connect(stage.lab.proxyAddress);
            assertThat(inheritedIds(stage)).isEqualTo(secondIds);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("doors")
    @Spec({"REC-01", "WSK-30", "WSK-33", "WSA-09"})
    void record_queriedAndSet_tiesTheOnwardConnectionToTheFirst(AddressFamily family, Door.Kind kind) throws Exception {
        try (Stage stage = new Stage(family, kind)) {
            byte[] record = stage.record();
            long lineage = stage.lab.sim.connections().stream()
                    .filter(connection -> !connection.redirectChain().isEmpty())
                    .findFirst()
                    .orElseThrow()
                    .lineage();
            Socket onward = stage.door.fresh();
            Socket unrelated = stage.door.fresh();

            assertThat(onward.set(record, record.length)).isEqualTo(stage.door.reply(Verdict.DONE, 0));
            onward.connect(stage.lab.proxyAddress);
            unrelated.connect(stage.lab.proxyAddress);

            List<Long> clientLineages = stage.lab.sim.connections().stream()
                    .filter(c -> c.parentEndpoint() == 0 && c.state() == ConnectionState.CONNECTED)
                    .map(ConnectionSnapshot::lineage)
                    .toList();
            assertThat(clientLineages)
                    .hasSize(3)
                    .filteredOn(id -> id == lineage)
                    .hasSize(2);
        }
    }
}
