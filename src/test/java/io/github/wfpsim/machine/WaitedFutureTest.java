package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.net.BlockedCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaitedFutureTest {

    private final Waits waits = new Waits();
    private final WaitedFuture<String> future = new WaitedFuture<>(waits, "an answer");

    @Test
    void get_waitsInLine() throws Exception {
        BlockedCall<String> getting = BlockedCall.startAndAwaitBlocked(future::get);
        assertThat(waits.standing()).containsExactly("blocked call waits for an answer");

        future.complete("yes");

        assertThat(getting.result()).isEqualTo("yes");
        assertThat(waits.standing()).isEmpty();
        assertThat(future.join()).isEqualTo("yes");
        assertThat(future.get(0, TimeUnit.SECONDS)).isEqualTo("yes");
    }

    @Test
    void whatDependsOnIt_waitsInLineToo() throws Exception {
        CompletableFuture<Integer> length = future.thenApply(String::length);
        BlockedCall<Integer> joining = BlockedCall.startAndAwaitBlocked(length::join);
        assertThat(waits.standing()).containsExactly("blocked call waits for an answer");

        future.complete("yes");

        assertThat(joining.result()).isEqualTo(3);
    }

    @Test
    void get_givesUpInRealTime() {
        assertThatThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("an answer did not come within 1 MILLISECONDS");
        assertThatThrownBy(() -> future.get(-1, TimeUnit.DAYS)).isInstanceOf(TimeoutException.class);
        assertThat(waits.standing()).isEmpty();
    }

    @Test
    void failures_comeAsFromAnyFuture() throws Exception {
        BlockedCall<String> joining = BlockedCall.startAndAwaitBlocked(future::join);
        IllegalStateException reason = new IllegalStateException("no");
        future.completeExceptionally(reason);

        assertThat(joining.failure()).isInstanceOf(CompletionException.class).hasCause(reason);
        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(reason);
    }

    @Test
    void interrupt_endsGet_butNotJoin() throws Exception {
        BlockedCall<String> getting = BlockedCall.startAndAwaitBlocked(future::get);
        getting.interrupt();
        assertThat(getting.failure()).isInstanceOf(InterruptedException.class);

        BlockedCall<Boolean> joining = BlockedCall.startAndAwaitBlocked(() -> {
            future.join();
            return Thread.interrupted();
        });
        joining.interrupt();
        future.complete("yes");
        assertThat(joining.result()).isTrue();
    }
}
