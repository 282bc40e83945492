package io.github.wfpsim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IoStatusException;
import io.github.wfpsim.irp.Irp;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Futures of requests that deliver an object, and of requests that have to succeed. */
@Timeout(20)
class DeliveredObjectTest {

    private static final StringBuilder SOCKET = new StringBuilder("socket");

    private final Bench bench = Bench.throwing();

    private NtStatus create(Irp irp) {
        IrpRequest request = Objects.requireNonNull(IrpRequest.begin(bench.io, irp, "WskSocket"));
        return request.run(() -> {
            request.pointTo(SOCKET);
            return new IoStatus(NtStatus.STATUS_SUCCESS, 7);
        });
    }

    private static IoStatusException failureOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally().isNotCancelled();
        return (IoStatusException) future.handle((value, failure) -> failure).join();
    }

    @Test
    @Spec("IRP-18")
    void future_carriesWhatInformationPointsTo() {
        CompletableFuture<StringBuilder> created = bench.io.sendFor(StringBuilder.class, this::create);
        CompletableFuture<CharSequence> asInterface = bench.io.sendFor(CharSequence.class, this::create);
        assertThat(created).isNotDone();
        bench.dispatcher.runAll();

        assertThat(created.join()).isSameAs(SOCKET);
        assertThat(asInterface.join()).isSameAs(SOCKET);
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_ofAFailedRequest_tellsTheStatusBlock() {
        CompletableFuture<StringBuilder> created = bench.io.sendFor(
                StringBuilder.class,
                irp -> Objects.requireNonNull(IrpRequest.begin(bench.io, irp, "WskSocket"))
                        .completeNow(NtStatus.STATUS_BUFFER_TOO_SMALL, 0x9000_0000L));

        IoStatusException failure = failureOf(created);
        assertThat(failure).hasMessageContaining("STATUS_BUFFER_TOO_SMALL (0xC0000023), Information 2415919104");
        assertThat(failure.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_BUFFER_TOO_SMALL, 0x9000_0000L));
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_ofACallThatTookNoIrp_tellsTheStatusReturned() {
        IoStatusException failure =
                failureOf(bench.io.sendFor(StringBuilder.class, irp -> NtStatus.STATUS_NOT_SUPPORTED));

        assertThat(failure.ioStatus()).isEqualTo(new IoStatus(NtStatus.STATUS_NOT_SUPPORTED, 0));
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void future_ofAnotherObject_orOfNone_saysWhatWasDelivered() {
        CompletableFuture<Integer> other = bench.io.sendFor(Integer.class, this::create);
        CompletableFuture<Integer> none = bench.io.sendFor(Integer.class, bench::call);
        bench.dispatcher.runAll();

        assertThat(failureOf(other)).hasMessageContaining("delivered StringBuilder where Integer was asked for");
        assertThat(failureOf(none)).hasMessageContaining("delivered nothing where Integer was asked for");
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    @Spec("IRP-14")
    void cancellingTheFuture_cancelsTheRequest() {
        CompletableFuture<StringBuilder> created = bench.io.sendFor(StringBuilder.class, irp -> {
            bench.pend(irp);
            return NtStatus.STATUS_PENDING;
        });

        assertThat(created.cancel(true)).isTrue();
        bench.dispatcher.runAll();

        assertThat(created).isCancelled();
        assertThat(bench.driver.held().isEmpty()).isTrue();
    }

    @Test
    void requiredSuccess_isHandedOn_andFailureEndsTheChain() {
        CompletableFuture<IoStatus> well = bench.io.send(bench::call).thenApply(IoStatus::requireSuccess);
        CompletableFuture<IoStatus> badly =
                bench.io.send(irp -> NtStatus.STATUS_CONNECTION_REFUSED).thenApply(IoStatus::requireSuccess);
        bench.dispatcher.runAll();

        assertThat(well.join()).isEqualTo(Bench.FIVE_BYTES);
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(badly::join)
                .withCauseInstanceOf(IoStatusException.class)
                .withMessageContaining("STATUS_CONNECTION_REFUSED (0xC0000236)");
    }
}
