package io.github.wfpsim.fray;

import static io.github.wfpsim.fray.Orders.atOnce;
import static io.github.wfpsim.fray.Orders.draw;
import static io.github.wfpsim.fray.Scene.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.SimOptions.FaultMode;
import io.github.wfpsim.winsock.SocketHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What meets at a context that a callout ties to a flow: flowDeleteFn is called once for each, while there is a callout. */
class FlowContextSchedules {

    private static final Layer LAYER = Layer.FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4;

    private static NtStatus tie(Callouts callouts) {
        return callouts.fwps.fwpsFlowAssociateContext0(callouts.flow.get(), LAYER, callouts.id, 7);
    }

    /** A connection about whose flow the callout was asked. */
    private static SocketHandle connected(Callouts callouts) {
        callouts.scene.server();
        return callouts.scene.connected(SERVER);
    }

    @Test
    void unregister_meetsAssociate() {
        draw(() -> {
            AtomicInteger deleted = new AtomicInteger();
            AtomicBoolean gone = new AtomicBoolean();
            AtomicBoolean late = new AtomicBoolean();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> {
                    late.compareAndSet(false, gone.get());
                    deleted.incrementAndGet();
                });
                SocketHandle socket = connected(callouts);
                NtStatus[] answer = new NtStatus[2];
                atOnce(() -> answer[0] = tie(callouts), () -> {
                    answer[1] = callouts.fwps.fwpsCalloutUnregisterById0(callouts.id);
                    gone.set(answer[1].isSuccess());
                });
                callouts.scene.winsock.closesocket(socket);
                Answers.ASSOCIATE_UNREGISTERED.allow(answer[0]);
                Answers.UNREGISTER_ASSOCIATED.allow(answer[1]);
                assertThat(deleted).hasValue(answer[0].isSuccess() ? 1 : 0);
                assertThat(late).as("flowDeleteFn of a callout that is gone").isFalse();
            }
        });
    }

    @Test
    void endOfTheFlow_meetsAssociate() {
        draw(() -> {
            AtomicInteger deleted = new AtomicInteger();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> deleted.incrementAndGet());
                SocketHandle socket = connected(callouts);
                NtStatus[] answer = new NtStatus[1];
                atOnce(() -> answer[0] = tie(callouts), () -> callouts.scene.winsock.closesocket(socket));
                Answers.ASSOCIATE_FLOW_ENDED.allow(answer[0]);
                assertThat(deleted).hasValue(answer[0].isSuccess() ? 1 : 0);
            }
        });
    }

    @Test
    void endOfTheFlow_meetsRemove() {
        draw(() -> {
            AtomicInteger deleted = new AtomicInteger();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> deleted.incrementAndGet());
                SocketHandle socket = connected(callouts);
                assertThat(tie(callouts)).isEqualTo(NtStatus.STATUS_SUCCESS);
                NtStatus[] answer = new NtStatus[1];
                atOnce(
                        () -> answer[0] = callouts.fwps.fwpsFlowRemoveContext0(callouts.flow.get(), LAYER, callouts.id),
                        () -> callouts.scene.winsock.closesocket(socket));
                Answers.REMOVE_FLOW_ENDED.allow(answer[0]);
                assertThat(deleted).hasValue(1);
            }
        });
    }

    @Test
    void twoAssociates_tieOne() {
        draw(() -> {
            AtomicInteger deleted = new AtomicInteger();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> deleted.incrementAndGet());
                SocketHandle socket = connected(callouts);
                NtStatus[] answer = new NtStatus[2];
                atOnce(() -> answer[0] = tie(callouts), () -> answer[1] = tie(callouts));
                callouts.scene.winsock.closesocket(socket);
                assertThat(answer)
                        .containsExactlyInAnyOrder(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_OBJECT_NAME_EXISTS);
                assertThat(deleted).hasValue(1);
            }
        });
    }

    @Test
    void expiryOfADatagramFlow_freesItsContextOnce() {
        draw(() -> {
            InetSocketAddress far = new InetSocketAddress("203.0.113.10", 53);
            AtomicInteger deleted = new AtomicInteger();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> deleted.incrementAndGet());
                callouts.scene.sim.network().datagramSocket(far);
                SocketHandle socket = callouts.scene.udp();
                callouts.scene.winsock.sendto(socket, ByteBuffer.allocate(1), 0, far);
                NtStatus[] answer = new NtStatus[1];
                atOnce(
                        () -> answer[0] = tie(callouts),
                        () -> callouts.scene.sim.clock().advance(Duration.ofSeconds(60)));
                assertThat(answer[0]).isIn(NtStatus.STATUS_SUCCESS, NtStatus.STATUS_INVALID_PARAMETER);
                assertThat(deleted).hasValue(answer[0].isSuccess() ? 1 : 0);
            }
        });
    }

    @Test
    void unload_meetsTheEndOfTheFlow() {
        draw(() -> {
            AtomicBoolean gone = new AtomicBoolean();
            AtomicBoolean late = new AtomicBoolean();
            AtomicInteger deleted = new AtomicInteger();
            Callouts callouts = new Callouts(Orders.small().faultMode(FaultMode.RECORD));
            callouts.at(LAYER, callouts.noting(), (layer, id, context) -> {
                late.compareAndSet(false, gone.get());
                deleted.incrementAndGet();
            });
            SocketHandle socket = connected(callouts);
            assertThat(tie(callouts)).isEqualTo(NtStatus.STATUS_SUCCESS);
            atOnce(
                    () -> {
                        callouts.driver.unload();
                        gone.set(true);
                    },
                    () -> callouts.scene.winsock.closesocket(socket));
            assertThat(deleted.get()).isLessThanOrEqualTo(1);
            // One that had begun goes on, which the report of the unload says.
            boolean said = callouts.scene.sim.verifier().violations().toString().contains("runs still");
            assertThat(late.get()).isIn(false, said);
            callouts.scene.sim.close();
        });
    }

    @Test
    void unregister_meetsAssociateAndTheEndOfTheFlow() {
        draw(() -> {
            AtomicInteger deleted = new AtomicInteger();
            AtomicBoolean gone = new AtomicBoolean();
            AtomicBoolean late = new AtomicBoolean();
            try (Callouts callouts = new Callouts()) {
                callouts.at(LAYER, callouts.noting(), (layer, id, context) -> {
                    late.compareAndSet(false, gone.get());
                    deleted.incrementAndGet();
                });
                SocketHandle socket = connected(callouts);
                NtStatus[] answer = new NtStatus[1];
                atOnce(
                        () -> answer[0] = tie(callouts),
                        () -> callouts.scene.winsock.closesocket(socket),
                        () -> gone.set(callouts.fwps
                                .fwpsCalloutUnregisterById0(callouts.id)
                                .isSuccess()));
                assertThat(deleted).hasValue(answer[0].isSuccess() ? 1 : 0);
                assertThat(late).as("flowDeleteFn of a callout that is gone").isFalse();
            }
        });
    }

    @Test
    void unregister_meetsClassify() {
        draw(() -> {
            AtomicInteger inside = new AtomicInteger();
            AtomicBoolean gone = new AtomicBoolean();
            AtomicBoolean late = new AtomicBoolean();
            try (Callouts callouts = new Callouts()) {
                callouts.at(
                        LAYER,
                        (values, meta, data, context, filter, flow, out) -> {
                            inside.incrementAndGet();
                            late.compareAndSet(false, gone.get());
                            inside.decrementAndGet();
                        },
                        null);
                callouts.scene.server();
                atOnce(() -> callouts.scene.winsock.connect(callouts.scene.tcp(), SERVER), () -> {
                    assertThat(callouts.fwps.fwpsCalloutUnregisterById0(callouts.id))
                            .isEqualTo(NtStatus.STATUS_SUCCESS);
                    gone.set(true);
                    assertThat(inside).hasValue(0);
                });
                assertThat(late).as("classifyFn of a callout that is gone").isFalse();
            }
        });
    }

    @Test
    void twoUnregister_onceEach() {
        draw(() -> {
            try (Callouts callouts = new Callouts()) {
                callouts.register(callouts.noting(), null);
                NtStatus[] answer = new NtStatus[2];
                atOnce(
                        () -> answer[0] = callouts.fwps.fwpsCalloutUnregisterById0(callouts.id),
                        () -> answer[1] = callouts.fwps.fwpsCalloutUnregisterById0(callouts.id));
                assertThat(answer).containsOnlyOnce(NtStatus.STATUS_SUCCESS);
                assertThat(answer)
                        .allMatch(each -> each == NtStatus.STATUS_SUCCESS
                                || each == NtStatus.STATUS_FWP_CALLOUT_NOT_FOUND
                                || each == NtStatus.STATUS_FWP_IN_USE);
            }
        });
    }

    @Test
    void unload_meetsRegister() {
        draw(() -> {
            Callouts callouts = new Callouts(Orders.small().faultMode(FaultMode.RECORD));
            atOnce(callouts.driver::unload, () -> {
                try {
                    callouts.register(callouts.noting(), null);
                    callouts.driver.createRedirectHandle(Callouts.KEY);
                } catch (IllegalStateException unloaded) {
                    // One of the two outcomes.
                }
            });
            // Somebody else can have the key, as nothing of the driver is left.
            io.github.wfpsim.KernelDriver next = callouts.scene.sim.loadDriver("next.sys");
            next.registerCallout(Callouts.KEY, callouts.noting()).close();
            callouts.scene.sim.close();
        });
    }
}
