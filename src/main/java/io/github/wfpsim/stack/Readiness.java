package io.github.wfpsim.stack;

import io.github.wfpsim.net.ConnectionState;
import io.github.wfpsim.net.DuplexStream;

/**
 * What a socket is ready for at one moment, as select and WSAPoll look at it.
 *
 * @param isReadable whether a receive or an accept would not wait, be it that it fails or tells the end
 * @param hasInput whether there is something to take: bytes, a datagram, a connection
 * @param isWritable whether a send would not wait
 * @param isEnded whether the peer has ended its direction, or the connection was reset
 * @param isAborted whether the connection was reset
 * @param hasConnectFailed whether the last connect failed
 */
public record Readiness(
        boolean isReadable,
        boolean hasInput,
        boolean isWritable,
        boolean isEnded,
        boolean isAborted,
        boolean hasConnectFailed) {

    static Readiness of(Endpoint endpoint) {
        AcceptQueue queue = endpoint.acceptQueue();
        DatagramPort port = endpoint.datagramPort();
        DuplexStream stream = endpoint.stream();
        boolean failed = endpoint.hasConnectFailed();
        if (queue != null) {
            boolean ready = queue.isReady();
            return new Readiness(ready, ready, false, false, false, failed);
        }
        if (port != null) {
            boolean ready = port.queue().isReady() || port.isReceiveEnded();
            return new Readiness(ready, ready, port.waitingToGo() == 0, false, false, failed);
        }
        return stream == null || endpoint.state() == ConnectionState.CONNECTING
                ? new Readiness(false, false, false, false, false, failed)
                : of(stream, failed);
    }

    private static Readiness of(DuplexStream stream, boolean failed) {
        boolean aborted = stream.isReset();
        boolean ended = aborted || stream.isInputEnded();
        boolean readable = stream.isReadable();
        boolean input = !aborted && readable && (!ended || stream.available() > 0);
        return new Readiness(readable, input, stream.isWritable(), ended, aborted, failed);
    }
}
