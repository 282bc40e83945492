package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import org.junit.jupiter.api.Test;

/** Room in the queue of a listener: for connections that wait and for those that are being set up. */
class AcceptQueueTest {

    private final AcceptQueue queue = new AcceptQueue(2, new Waits(), () -> "a connection");
    private final Endpoint established = new ConnectionTable(new HandleSource(), new Waits())
            .open(
                    new ProcessTable().start("C:\\app.exe", Token.STANDARD_USER, null),
                    new Endpoint.Kind(AddressFamily.AF_INET, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP));

    @Test
    void reservedPlaces_countAgainstTheBacklog_untilTheyAreGivenBackOrTaken() {
        assertThat(queue.reserve()).isTrue();
        assertThat(queue.reserve()).isTrue();
        assertThat(queue.reserve()).as("both are being set up").isFalse();

        assertThat(queue.offer(established)).isTrue();
        assertThat(queue.reserve()).as("one waits, one is being set up").isFalse();

        queue.release();
        assertThat(queue.reserve()).isTrue();
        assertThat(queue.poll()).isSameAs(established);
        assertThat(queue.reserve()).as("one was accepted").isTrue();
    }

    @Test
    void queueThatIsClosed_letsNobodyIn_andHandsBackWhoWaits() {
        queue.reserve();
        queue.reserve();
        queue.offer(established);

        assertThat(queue.close()).containsExactly(established);

        assertThat(queue.offer(established)).as("set up meanwhile").isFalse();
        assertThat(queue.reserve()).isFalse();
        assertThat(queue.poll()).isNull();
    }
}
