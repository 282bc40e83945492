package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.net.Sockaddr;
import io.github.wfpsim.wsk.WskControlRequestType;
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
            IrpRequest request,
            KernelSocket socket,
            int code,
            long inSize,
            @Nullable ByteBuffer in,
            boolean hasOutput) {
        if (socket.category() != Category.DATAGRAM) {
            return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_REQUEST, 0);
        }
        InetSocketAddress peer =
                in == null ? null : read(in, inSize, socket.transport().family());
        boolean clears = inSize == 0 && in == null;
        if (hasOutput || (peer == null && !clears) || (peer != null && peer.getPort() == 0)) {
            return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        }
        return socket.run(request, () -> new IoStatus(set(socket, code, peer), 0));
    }

    /** An address of the socket's family from a size without sign; null if it is of another one, or cut. */
    private static @Nullable InetSocketAddress read(ByteBuffer in, long size, AddressFamily family) {
        int there = in.remaining();
        int limit = Long.compareUnsigned(size, there) < 0 ? (int) size : there;
        return Sockaddr.addressIn(in.slice().limit(limit))
                .filter(peer -> AddressFamily.of(peer.getAddress()) == family)
                .orElse(null);
    }

    private static NtStatus set(KernelSocket socket, int code, @Nullable InetSocketAddress peer) {
        if (!socket.transport().isBound()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        boolean filters = code == ControlCode.SIO_WSK_SET_REMOTE_ADDRESS.code();
        socket.sendTo(peer);
        socket.events().inbox().filter(filters ? peer : null);
        return NtStatus.STATUS_SUCCESS;
    }
}
