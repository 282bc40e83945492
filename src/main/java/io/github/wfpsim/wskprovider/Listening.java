package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What sockets that take connections do, in either category that can. */
final class Listening {

    /** As many connections may wait as a listener of Winsock with SOMAXCONN takes. */
    static final int BACKLOG = Integer.MAX_VALUE;

    private Listening() {}

    static NtStatus bindAndListen(KernelSocket socket, InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(localAddress, "localAddress must not be null: give an address of the machine");
        return socket.call("WskBind", irp, request -> {
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            HostStack stack = socket.stack();
            return socket.perform(
                    request,
                    stack.bind(socket.transport(), localAddress).then(() -> stack.listen(socket.transport(), BACKLOG)));
        });
    }

    static NtStatus listen(KernelSocket socket, @Nullable Irp irp) {
        return socket.call(
                "WskListen",
                irp,
                request -> socket.perform(request, socket.stack().listen(socket.transport(), BACKLOG)));
    }

    static NtStatus accept(
            KernelSocket socket,
            int flags,
            @Nullable Object acceptContext,
            @Nullable WskClientConnectionDispatch acceptDispatch,
            @Nullable Out<InetSocketAddress> localAddress,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable Irp irp) {
        return socket.call("WskAccept", irp, request -> {
            Turns turns = socket.accepts();
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            return turns == null
                    ? request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0)
                    : socket.queue(
                            request,
                            turns,
                            new Accept(socket, request, acceptContext, acceptDispatch, localAddress, remoteAddress));
        });
    }

    /** Ends an inspection that WskInspectEvent has pended (WSKS-17). */
    static NtStatus inspectComplete(
            KernelSocket socket, WskInspectId inspectId, WskInspectAction action, @Nullable Irp irp) {
        Objects.requireNonNull(inspectId, "inspectId must not be null: give what WskInspectEvent got");
        Objects.requireNonNull(action, "action must not be null: accept or reject");
        return socket.call("WskInspectComplete", irp, request -> {
            if (action == WskInspectAction.WskInspectPend) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            boolean accept = action == WskInspectAction.WskInspectAccept;
            return socket.run(
                    request, () -> new IoStatus(socket.events().inspections().complete(inspectId, accept), 0));
        });
    }

    /** A request that waits for a connection. */
    private static final class Accept extends IrpTurn {

        private final @Nullable Object context;
        private final @Nullable WskClientConnectionDispatch dispatch;
        private final @Nullable Out<InetSocketAddress> localAddress;
        private final @Nullable Out<InetSocketAddress> remoteAddress;
        private @Nullable KernelSocket accepted;

        Accept(
                KernelSocket socket,
                IrpRequest request,
                @Nullable Object context,
                @Nullable WskClientConnectionDispatch dispatch,
                @Nullable Out<InetSocketAddress> localAddress,
                @Nullable Out<InetSocketAddress> remoteAddress) {
            super(socket, request);
            this.context = context;
            this.dispatch = dispatch;
            this.localAddress = localAddress;
            this.remoteAddress = remoteAddress;
        }

        @Override
        public @Nullable IoStatus tryNow() {
            Out<HostSocket> connection = Out.empty();
            NtStatus status = socket().stack().tryAccept(socket().transport(), connection);
            HostSocket made = connection.get();
            if (made == null) {
                return status == NtStatus.STATUS_DEVICE_NOT_READY ? null : new IoStatus(status, 0);
            }
            KernelSocket socket = socket().accepted(made);
            accepted = socket;
            socket.events().adopt(context, dispatch);
            socket.events().ready();
            if (localAddress != null) {
                localAddress.set(made.localAddress());
            }
            if (remoteAddress != null) {
                remoteAddress.set(made.remoteAddress());
            }
            return new IoStatus(NtStatus.STATUS_SUCCESS, socket.handle());
        }

        @Override
        @Nullable
        Object created() {
            return accepted;
        }
    }
}
