package io.github.wfpsim.fabric;

import io.github.wfpsim.net.FiveTuple;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a receiver that answers at once answers to an offer. */
final class Offered implements Dialer {

    private @Nullable InboundConnection connection;
    private @Nullable IOException refusal;

    private Offered() {}

    static InboundConnection on(Fabric network, FiveTuple dialerView) throws IOException {
        Offered offered = new Offered();
        network.offer(dialerView, offered);
        return offered.answer();
    }

    static InboundConnection to(NetworkNode node, FiveTuple asSeenByReceiver) throws IOException {
        Offered offered = new Offered();
        node.offer(asSeenByReceiver, offered);
        return offered.answer();
    }

    private InboundConnection answer() throws IOException {
        if (refusal != null) {
            throw refusal;
        }
        return Objects.requireNonNull(connection, "no answer yet");
    }

    @Override
    public void letIn(InboundConnection let) {
        this.connection = let;
    }

    @Override
    public void refuse(IOException why) {
        this.refusal = why;
    }
}
