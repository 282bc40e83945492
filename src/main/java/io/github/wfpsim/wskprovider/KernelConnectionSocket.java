package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskDataIndication;
import io.github.wfpsim.wsk.WskFlags;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket of one connection: made to connect, or accepted. A stream socket does the same once it connects. */
class KernelConnectionSocket extends KernelSocket implements WskConnectionSocket {

    private static final WskBuf NOTHING = new WskBuf(null, 0, 0);

    KernelConnectionSocket(WskClient client, Registration registration, HostSocket transport) {
        this(client, registration, Category.CONNECTION, transport);
    }

    KernelConnectionSocket(WskClient client, Registration registration, Category category, HostSocket transport) {
        super(client, registration, category, transport);
    }

    @Override
    public final NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        return bind(localAddress, flags, irp);
    }

    @Override
    public final NtStatus wskConnect(InetSocketAddress remoteAddress, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(remoteAddress, "remoteAddress must not be null: give where to connect");
        return call("WskConnect", irp, request -> {
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            return transport().isBound()
                    ? perform(request, stack().connect(transport(), remoteAddress))
                    : request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        });
    }

    @Override
    public final NtStatus wskSend(WskBuf buffer, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        return call("WskSend", irp, request -> {
            if ((flags & ~WskFlags.WSK_FLAG_NODELAY) != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            return send(request, buffer, stream -> {});
        });
    }

    /** What follows the last byte. */
    private interface Afterwards {
        void run(DuplexStream stream);
    }

    private NtStatus send(IrpRequest request, WskBuf buffer, Afterwards afterwards) {
        DuplexStream stream = transport().stream();
        Turns turns = sends();
        if (stream == null || turns == null) {
            return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        }
        WskBuf lent = request.borrow(buffer);
        return lent == null
                ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                : queue(
                        request,
                        turns,
                        new StreamTransfer.Send(this, request, stream, lent, () -> afterwards.run(stream)));
    }

    @Override
    public final NtStatus wskReceive(WskBuf buffer, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        return call("WskReceive", irp, request -> {
            NtStatus unfit = unfitToReceive(buffer, flags);
            DuplexStream stream = transport().stream();
            Turns turns = receives();
            if (unfit.isSuccess() && (stream == null || turns == null)) {
                unfit = NtStatus.STATUS_INVALID_DEVICE_STATE;
            }
            if (!unfit.isSuccess() || stream == null || turns == null) {
                return request.completeNow(unfit, 0);
            }
            WskBuf lent = request.borrowToWrite(buffer);
            if (lent == null) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            NtStatus status = queue(request, turns, receiveOf(request, stream, lent, flags));
            events().receiveCalled();
            return status;
        });
    }

    private static NtStatus unfitToReceive(WskBuf buffer, int flags) {
        if ((flags & ~(WskFlags.WSK_FLAG_WAITALL | WskFlags.WSK_FLAG_DRAIN)) != 0) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        boolean drains = (flags & WskFlags.WSK_FLAG_DRAIN) != 0;
        boolean waitsToo = (flags & WskFlags.WSK_FLAG_WAITALL) != 0;
        return drains && (waitsToo || buffer.length() > 0)
                ? NtStatus.STATUS_INVALID_PARAMETER
                : NtStatus.STATUS_SUCCESS;
    }

    private IrpTurn receiveOf(IrpRequest request, DuplexStream stream, WskBuf buffer, int flags) {
        return (flags & WskFlags.WSK_FLAG_DRAIN) != 0
                ? new StreamTransfer.Drain(this, request, stream)
                : new StreamTransfer.Receive(this, request, stream, buffer, (flags & WskFlags.WSK_FLAG_WAITALL) != 0);
    }

    @Override
    public final NtStatus wskRelease(WskDataIndication dataIndication) {
        Objects.requireNonNull(dataIndication, "dataIndication must not be null: give what WskReceiveEvent got");
        NtStatus judged = judgeWithoutIrp("WskRelease");
        // On a connection that was reset too: the data is still the driver's to give back.
        return judged.isSuccess() || judged == NtStatus.STATUS_FILE_FORCED_CLOSED
                ? events().loans().release(dataIndication)
                : judged;
    }

    @Override
    public final NtStatus wskDisconnect(@Nullable WskBuf buffer, int flags, @Nullable Irp irp) {
        return call("WskDisconnect", irp, request -> {
            boolean abortive = flags == WskFlags.WSK_FLAG_ABORTIVE;
            if (flags != 0 && !abortive) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            if (!abortive) {
                return send(request, buffer == null ? NOTHING : buffer, DuplexStream::shutdownOutput);
            }
            return buffer == null || buffer.length() == 0
                    ? run(request, this::reset)
                    : request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        });
    }

    private IoStatus reset() {
        DuplexStream stream = transport().stream();
        if (stream == null) {
            return new IoStatus(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        }
        stream.reset();
        return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
    }

    @Override
    public final NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }

    @Override
    public final NtStatus wskGetRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp) {
        return getRemoteAddress(remoteAddress, irp);
    }
}
