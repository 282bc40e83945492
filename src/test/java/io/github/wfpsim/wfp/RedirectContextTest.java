package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.WinsockException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pool memory that a callout attaches to its redirect. */
@Timeout(20)
class RedirectContextTest {

    private static final int MANY = 100;
    private static final byte[] CONTENT = {10, 20, 30, 40, 50};

    private static RedirectBench redirectedWith(AddressFamily family, @Nullable PoolBlock block, long size) {
        RedirectBench bench = new RedirectBench(family);
        redirect(bench, block, size);
        return bench;
    }

    private static void redirect(RedirectBench bench, @Nullable PoolBlock block, long size) {
        bench.atConnectRedirect(call -> bench.redirect(call, request -> {
            bench.toProxy(request);
            request.setLocalRedirectContext(block, size);
        }));
        bench.connect();
    }

    private static void assertNoContextButRecords(SimSocket accepted) throws WinsockException {
        assertThat(accepted.queryRedirectContext()).isEmpty();
        assertThat(accepted.queryRedirectRecords().orElseThrow()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-27", "REC-33"})
    void redirectWithoutContext_appliesAndHasNoneToQuery(AddressFamily family) throws Exception {
        try (RedirectBench bench = redirectedWith(family, null, 0)) {
            assertNoContextButRecords(bench.accept());
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-27", "REC-28"})
    void redirectWithContext_appliesAndHandsItToTheProxy(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, CONTENT.length);

            assertThat(bench.accept().queryRedirectContext()).contains(CONTENT);
            assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-27")
    void declaredSize_smallerThanTheBlock_isWhatTheProxyGets(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            redirect(bench, bench.driver.pool().allocate(CONTENT, "ctx1"), 4);

            assertThat(bench.accept().queryRedirectContext()).contains(new byte[] {10, 20, 30, 40});
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-33")
    void sizeWithoutBlock_isAFaultAndNoContext(AddressFamily family) throws Exception {
        try (RedirectBench bench = redirectedWith(family, null, 7)) {
            assertNoContextButRecords(bench.accept());
            assertThat(bench.faults()).containsExactly(Fault.BAD_REDIRECT_CONTEXT);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-33")
    void blockWithoutSize_isAFaultAndNoContextAndIsFreed(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, 0);

            assertNoContextButRecords(bench.accept());
            assertThat(bench.faults()).containsExactly(Fault.BAD_REDIRECT_CONTEXT);
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-33")
    void declaredSize_beyondTheBlock_isAFaultAndNoContext(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, CONTENT.length + 1L);

            assertNoContextButRecords(bench.accept());
            assertThat(bench.faults()).containsExactly(Fault.BAD_REDIRECT_CONTEXT);
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-38")
    void declaredSize_beyond32Bits_overflowsOnQuery(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            redirect(bench, bench.driver.pool().allocate(1L << 32, "huge"), 1L << 32);
            SimSocket accepted = bench.accept();

            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(accepted::queryRedirectContext)
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.WSAEINVAL));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec({"REC-28", "REC-38"})
    void declaredSize_of2Gigabytes_isTakenLikeAnyOther(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(1L << 31, "huge");
            redirect(bench, block, block.size());
            SimSocket accepted = bench.accept();

            assertThat(block.state()).isEqualTo(PoolBlock.State.ENGINE_OWNED);
            assertThatExceptionOfType(WinsockException.class)
                    .isThrownBy(accepted::queryRedirectContext)
                    .as("it fits a ULONG, and no Java array")
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Win32Error.ERROR_INSUFFICIENT_BUFFER));
            accepted.close();
            bench.app.close();
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-31")
    void block_writtenOrFreedAfterApply_isAFaultAndTheProxyGetsWhatWasCaptured(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, CONTENT.length);
            block.write(0, (byte) 99);
            block.free();

            assertThat(bench.accept().queryRedirectContext()).contains(CONTENT);
            assertThat(bench.faults())
                    .containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER, Fault.CONTEXT_USED_AFTER_TRANSFER);
            assertThat(bench.sim.verifier().violations())
                    .allSatisfy(fault -> assertThat(fault.toString()).contains("ctx1"));
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-31")
    void block_handedOverTwice_isAFaultAndTheSecondRedirectHasNoContext(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, CONTENT.length);
            bench.connect();

            assertThat(bench.accept().queryRedirectContext()).contains(CONTENT);
            assertNoContextButRecords(bench.accept());
            assertThat(bench.faults()).containsExactly(Fault.CONTEXT_USED_AFTER_TRANSFER);
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-31")
    void block_freedTwiceOrForgotten_isAFaultWithItsTag(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock twice = bench.driver.pool().allocate(1, "twic");
            twice.free();
            twice.free();
            bench.driver.pool().allocate(1, "lost");
            bench.fwps.fwpsRedirectHandleDestroy0(bench.handle);
            bench.driver.unload();

            assertThat(bench.faults()).containsExactly(Fault.POOL_DOUBLE_FREE, Fault.POOL_LEAK);
            assertThat(bench.sim.verifier().violations().get(0).toString()).contains("twic");
            assertThat(bench.sim.verifier().violations().get(1).toString()).contains("lost");
        }
    }

    /** The two ways in which apply accepts a call and discards the redirect. */
    private enum Discard {
        INCOMPLETE,
        OTHER_FAMILY
    }

    @ParameterizedTest
    @EnumSource(Discard.class)
    @Spec("REC-30")
    void discardedRedirect_freesItsContextAtOnce(Discard how) {
        for (AddressFamily family : AddressFamily.values()) {
            try (RedirectBench bench = new RedirectBench(family)) {
                PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
                bench.atConnectRedirect(call -> {
                    bench.redirect(call, request -> {
                        bench.toProxy(request);
                        request.setLocalRedirectContext(block, CONTENT.length);
                        if (how == Discard.INCOMPLETE) {
                            request.setLocalRedirectHandle(null);
                        } else {
                            AddressFamily other =
                                    family == AddressFamily.AF_INET ? AddressFamily.AF_INET6 : AddressFamily.AF_INET;
                            request.setRemoteAddressAndPort(
                                    new InetSocketAddress(RedirectBench.address(other, 5), RedirectBench.PROXY_PORT));
                        }
                    });
                    assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
                });

                if (how == Discard.INCOMPLETE) {
                    assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAEACCES);
                } else {
                    bench.connect();
                }

                assertThat(bench.faults())
                        .containsExactly(
                                how == Discard.INCOMPLETE
                                        ? Fault.INCOMPLETE_LOCAL_REDIRECT
                                        : Fault.ADDRESS_FAMILY_CHANGED);
                assertThat(bench.driver.pool().outstanding()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("REC-28")
    void refusedConnect_freesItsContext(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.listener.close();
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            bench.atConnectRedirect(call -> bench.redirect(call, request -> {
                bench.toProxy(request);
                request.setLocalRedirectContext(block, CONTENT.length);
            }));

            assertThat(bench.failToConnect()).isEqualTo(Win32Error.WSAECONNREFUSED);

            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-80")
    void driver_afterACorrectRun_holdsNothing(AddressFamily family) throws Exception {
        try (RedirectBench bench = new RedirectBench(family)) {
            PoolBlock block = bench.driver.pool().allocate(CONTENT, "ctx1");
            redirect(bench, block, CONTENT.length);
            bench.accept().close();
            bench.app.close();
            bench.unregisterAll();

            assertThat(bench.driver.held().isEmpty()).isTrue();
            assertThat(bench.sim.tearDown().isEmpty()).isTrue();
            assertThat(block.state()).isEqualTo(PoolBlock.State.FREED);
            assertThat(bench.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    @Spec("WFP-80")
    void report_hasOneLineForEachThingHeld(AddressFamily family) {
        try (RedirectBench bench = new RedirectBench(family)) {
            bench.driver.pool().allocate(1, "lost");
            bench.atConnectRedirect(bench::acquireHandle);
            bench.connect();

            assertThat(bench.sim.held().toString().lines())
                    .hasSize(4)
                    .allSatisfy(line -> assertThat(line).contains("acme.sys"));
            assertThat(bench.sim.held().held())
                    .extracting(held -> held.kind())
                    .containsExactly("callout", "redirect handle", "classify handle", "pool block");
        }
    }

    @Test
    @Spec("WFP-80")
    void report_listsWhatIsOfOneKindOldestFirst() {
        try (RedirectBench bench = new RedirectBench(AddressFamily.AF_INET)) {
            List<String> handles = new ArrayList<>(List.of("#" + bench.handle.id()));
            for (int i = 0; i < MANY; i++) {
                handles.add(
                        "#" + bench.driver.createRedirectHandle(new UUID(9, i)).id());
            }
            List<String> acquired = new ArrayList<>();
            bench.atConnectRedirect(call -> {
                for (int i = 0; i < MANY; i++) {
                    acquired.add(bench.acquireHandle(call).toString());
                }
            });
            bench.connect();

            assertThat(heldOf(bench, "redirect handle")).isEqualTo(handles);
            assertThat(heldOf(bench, "classify handle"))
                    .extracting(origin -> "classify handle " + origin.substring(0, origin.indexOf(',')))
                    .isEqualTo(acquired);
        }
    }

    private static List<String> heldOf(RedirectBench bench, String kind) {
        return bench.driver.held().held().stream()
                .filter(held -> held.kind().equals(kind))
                .map(held -> held.object())
                .toList();
    }
}
