package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IrpRequest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** SIO_WSK_SET_REMOTE_ADDRESS and SIO_WSK_SET_SENDTO_ADDRESS: the fixed peer of a datagram socket (WSKS-30). */
final class PeerRequest {

    private PeerRequest() {}

    static boolean takes(WskControlRequestType type, int code) {
        return type == WskControlRequestType.WskIoctl
                && (code == ControlCode.SIO_WSK_SET_REMOTE_ADDRESS.code()
                        || code == ControlCode.SIO_WSK_SET_SENDTO_ADDRESS.code());
    }

    static NtStatus start(
            IrpRequest request, SocketCore socket, int code, long inSize, @Nullable ByteBuffer in, boolean hasOutput) {
        if (socket.category() != Category.DATAGRAM) {
            return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_REQUEST, 0);
        }
        InetSocketAddress peer =
                in == null ? null : Sockaddr.read(in, inSize, socket.kernel().family());
        boolean clears = inSize == 0 && in == null;
        if (hasOutput || (peer == null && !clears) || (peer != null && peer.getPort() == 0)) {
            return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        }
        return socket.run(request, () -> new IoStatus(set(socket, code, peer), 0));
    }

    private static NtStatus set(SocketCore socket, int code, @Nullable InetSocketAddress peer) {
        if (!socket.kernel().isBound()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        boolean filters = code == ControlCode.SIO_WSK_SET_REMOTE_ADDRESS.code();
        socket.sendTo(peer);
        socket.events().filter(filters ? peer : null);
        return NtStatus.STATUS_SUCCESS;
    }
}
