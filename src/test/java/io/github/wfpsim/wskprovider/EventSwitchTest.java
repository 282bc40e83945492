package io.github.wfpsim.wskprovider;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.wsk.WskBench;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskEventCallbackControl;
import io.github.wfpsim.wsk.WskEventFlags;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskSocket;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events that are switched in the middle of a turn. */
@Timeout(20)
class EventSwitchTest {

    private static final int RECEIVE = WskEventFlags.WSK_EVENT_RECEIVE;

    private static NtStatus control(WskSocket socket, WskEventCallbackControl control) {
        return socket.wskControlSocket(
                WskControlRequestType.WskSetOption, WskFlags.SO_WSK_EVENT_CALLBACK, WskFlags.SOL_SOCKET, control, null);
    }

    @Test
    @Spec({"WSKS-31", "WSKS-25"})
    void callbackThatIsSwitchedOffWhileDataIsRead_getsItOnceItIsOnAgain() throws Exception {
        try (WskBench bench = new WskBench(AddressFamily.AF_INET)) {
            BlockingQueue<Long> came = new LinkedBlockingQueue<>();
            CompletableFuture<NtStatus> off = new CompletableFuture<>();
            WskListenSocket listener = bench.listener(WskBench.PROXY_PORT, 0);
            WskConnectionSocket near = bench.bound(0);
            bench.succeed(irp -> near.wskConnect(bench.proxyAddress, 0, irp));
            WskClientConnectionDispatch dispatch = new WskClientConnectionDispatch(
                    (context, flags, data, size, accepted) -> {
                        came.add(size);
                        return NtStatus.STATUS_SUCCESS;
                    },
                    null,
                    null);
            WskConnectionSocket far =
                    (WskConnectionSocket) bench.send(irp -> listener.wskAccept(0, null, dispatch, null, null, irp))
                            .pointer();
            DuplexStream stream = Objects.requireNonNull(((KernelSocket) near).transport().stream());
            while (stream.tryWrite(ByteBuffer.allocate(4096)) > 0) {
                // until it is full
            }
            stream.whenWritable(() -> off.complete(control(far, WskEventCallbackControl.disable(RECEIVE))));

            control(far, WskEventCallbackControl.enable(RECEIVE));
            assertThat(off.get(10, TimeUnit.SECONDS)).isEqualTo(NtStatus.STATUS_SUCCESS);
            bench.settle();
            assertThat(came).isEmpty();
            control(far, WskEventCallbackControl.enable(RECEIVE));

            assertThat(came.poll(10, TimeUnit.SECONDS)).isPositive();
        }
    }
}
