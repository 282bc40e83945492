package io.github.wfpsim.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose contexts a redirected connection frees, and when. */
@Spec("REC-29")
class RedirectedFlowTest {

    private final RedirectContexts contexts = new RedirectContexts();
    private final List<Long> freed = new ArrayList<>();

    private RedirectRecord record(long id) {
        InetSocketAddress somewhere = new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 80);
        contexts.put(id, new CapturedContext(ByteBuffer.allocate(1), 1, id, freed::add));
        return new RedirectRecord(id, 4, new UUID(1, 1), "acme.sys", 20, 10, "app", somewhere, somewhere, 1, 1, true);
    }

    private RedirectChain chainOf(long... ids) {
        RedirectChain chain = RedirectChain.empty();
        for (long id : ids) {
            chain = chain.append(record(id));
        }
        return chain;
    }

    private RedirectedFlow flow(RedirectChain chain, Long... ownRecords) {
        return new RedirectedFlow(chain, 1, List.of(ownRecords), 20, null, contexts);
    }

    @Test
    void contextsOfSeveralOwnRecords_areAllFreedWithTheLastEnd() {
        RedirectedFlow flow = flow(chainOf(4, 8, 12), 8L, 12L);
        flow.addEnd();

        flow.endGone();
        assertThat(freed).as("one end still lives").isEmpty();
        flow.endGone();

        assertThat(freed).containsExactly(8L, 12L);
    }

    @Test
    void contextOfTheOnlyOwnRecord_isFreed_andTheInheritedOnesStay() {
        RedirectedFlow flow = flow(chainOf(4, 8), 8L);
        assertThat(flow.context()).isSameAs(contexts.find(8));

        flow.endGone();

        assertThat(freed).containsExactly(8L);
        assertThat(contexts.find(4)).isNotNull();
    }

    @Test
    void contextOfAnOwnRecordThatIsNotTheNewest_isFreed_andNotTheNewestOnes() {
        flow(chainOf(4, 8), 4L).endGone();

        assertThat(freed).containsExactly(4L);
    }

    @Test
    void contextsOfInheritedRecordsAlone_stay() {
        flow(chainOf(4, 8)).endGone();

        assertThat(freed).isEmpty();
    }

    @Test
    void redirectThatNeededNoRecord_hasNothingToAskForAndNothingToFree() {
        RedirectedFlow flow = flow(RedirectChain.empty());

        flow.endGone();

        assertThat(flow.newest()).isNull();
        assertThat(flow.context()).isNull();
        assertThat(freed).isEmpty();
    }
}
