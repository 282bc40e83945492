package io.github.wfpsim.stack;

import io.github.wfpsim.net.ConnectionState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Who sees that a socket is connected sees its peer and when: stored lazily, and published by the move to CONNECTED. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not connected yet")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "connected, with its peer")
@Outcome(expect = Expect.FORBIDDEN, desc = "connected to nobody")
@State
public class ConnectedEndpointStress {

    private static final long NOW = 5;

    private final Endpoint endpoint = new OneTable().open();

    public ConnectedEndpointStress() {
        endpoint.setLocal(OneTable.LOCAL);
        endpoint.beginConnect(ConnectionState.OPEN);
    }

    @Actor
    public void connect() {
        endpoint.setRemote(OneTable.PEER, OneTable.PEER);
        endpoint.setConnectedAt(NOW);
        endpoint.transition(ConnectionState.CONNECTING, ConnectionState.CONNECTED);
    }

    @Actor
    public void look(I_Result result) {
        if (endpoint.state() == ConnectionState.CONNECTED) {
            boolean whole = OneTable.PEER.equals(endpoint.remote())
                    && OneTable.PEER.equals(endpoint.effectiveRemote())
                    && endpoint.connectedAt() == NOW;
            result.r1 = whole ? 1 : 2;
        }
    }
}
