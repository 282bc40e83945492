package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.StreamResetException;
import io.github.wfpsim.net.StreamTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** What the exceptions of streams mean in the error space of the stack; nothing else translates them. */
public final class StreamStatus {

    private StreamStatus() {}

    /** Why a connection did not come about. */
    static NtStatus ofConnect(IOException failure) {
        if (failure instanceof ConnectException) {
            return NtStatus.STATUS_CONNECTION_REFUSED;
        }
        return failure instanceof NoRouteToHostException
                ? NtStatus.STATUS_NETWORK_UNREACHABLE
                : NtStatus.STATUS_CONNECTION_ABORTED;
    }

    /**
     * What ended a send or receive on a connection whose socket is open.
     *
     * @param failure what the stream threw
     * @param stream the stream; null if it is gone
     * @return STATUS_PIPE_DISCONNECTED if this end had ended the direction, STATUS_LOCAL_DISCONNECT if it has reset the
     *     connection; STATUS_DEVICE_NOT_READY after its deadline; STATUS_CONNECTION_RESET; STATUS_CONNECTION_ABORTED for what broke on the way
     */
    public static NtStatus ofTransfer(IOException failure, @Nullable DuplexStream stream) {
        if (failure instanceof StreamTimeoutException) {
            return NtStatus.STATUS_DEVICE_NOT_READY;
        }
        if (failure instanceof StreamResetException) {
            return NtStatus.STATUS_CONNECTION_RESET;
        }
        if (failure instanceof ClosedChannelException) {
            return stream != null && stream.isReset()
                    ? NtStatus.STATUS_LOCAL_DISCONNECT
                    : NtStatus.STATUS_PIPE_DISCONNECTED;
        }
        return NtStatus.STATUS_CONNECTION_ABORTED;
    }
}
