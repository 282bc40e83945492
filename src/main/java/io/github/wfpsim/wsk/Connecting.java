package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.irp.LentBuffer;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.stack.Turns;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What sockets with a connection do, in either category that can. */
final class Connecting {

    private static final WskBuf NOTHING = new WskBuf(null, 0, 0);

    private Connecting() {}

    static NtStatus connect(WskSocket socket, InetSocketAddress remoteAddress, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(remoteAddress, "remoteAddress must not be null: give where to connect");
        SocketCore core = socket.core();
        return core.call("WskConnect", irp, request -> {
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            return core.kernel().isBound()
                    ? core.perform(request, core.stack().connect(core.kernel(), remoteAddress))
                    : request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        });
    }

    static NtStatus send(WskSocket socket, WskBuf buffer, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        SocketCore core = socket.core();
        return core.call("WskSend", irp, request -> {
            if ((flags & ~WskFlags.WSK_FLAG_NODELAY) != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            return send(core, request, buffer, stream -> {});
        });
    }

    /** What follows the last byte. */
    private interface Afterwards {
        void run(DuplexStream stream);
    }

    private static NtStatus send(SocketCore core, IrpRequest request, WskBuf buffer, Afterwards afterwards) {
        DuplexStream stream = core.kernel().stream();
        Turns turns = core.sends();
        if (stream == null || turns == null) {
            return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        }
        LentBuffer lent = request.borrow(buffer);
        return lent == null
                ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                : core.queue(
                        request,
                        turns,
                        new StreamTransfer.Send(core, request, stream, lent, () -> afterwards.run(stream)));
    }

    static NtStatus receive(WskSocket socket, WskBuf buffer, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        SocketCore core = socket.core();
        return core.call("WskReceive", irp, request -> {
            NtStatus unfit = unfitToReceive(buffer, flags);
            DuplexStream stream = core.kernel().stream();
            Turns turns = core.receives();
            if (unfit.isSuccess() && (stream == null || turns == null)) {
                unfit = NtStatus.STATUS_INVALID_DEVICE_STATE;
            }
            if (!unfit.isSuccess() || stream == null || turns == null) {
                return request.completeNow(unfit, 0);
            }
            LentBuffer lent = request.borrowToWrite(buffer);
            if (lent == null) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            NtStatus status = core.queue(request, turns, receiveOf(core, request, stream, lent, flags));
            core.events().receiveCalled();
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

    private static Waiting receiveOf(
            SocketCore core, IrpRequest request, DuplexStream stream, LentBuffer buffer, int flags) {
        return (flags & WskFlags.WSK_FLAG_DRAIN) != 0
                ? new StreamTransfer.Drain(core, request, stream)
                : new StreamTransfer.Receive(core, request, stream, buffer, (flags & WskFlags.WSK_FLAG_WAITALL) != 0);
    }

    static NtStatus release(WskSocket socket, WskDataIndication indication) {
        Objects.requireNonNull(indication, "dataIndication must not be null: give what WskReceiveEvent got");
        NtStatus judged = socket.core().judgeWithoutIrp("WskRelease");
        // On a connection that was reset too: the data is still the driver's to give back.
        return judged.isSuccess() || judged == NtStatus.STATUS_FILE_FORCED_CLOSED
                ? socket.core().events().release(indication)
                : judged;
    }

    static NtStatus disconnect(WskSocket socket, @Nullable WskBuf buffer, int flags, @Nullable Irp irp) {
        SocketCore core = socket.core();
        return core.call("WskDisconnect", irp, request -> {
            boolean abortive = flags == WskFlags.WSK_FLAG_ABORTIVE;
            if (flags != 0 && !abortive) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            if (!abortive) {
                return send(core, request, buffer == null ? NOTHING : buffer, DuplexStream::shutdownOutput);
            }
            return buffer == null || buffer.length() == 0
                    ? core.run(request, () -> reset(core))
                    : request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        });
    }

    private static IoStatus reset(SocketCore core) {
        DuplexStream stream = core.kernel().stream();
        if (stream == null) {
            return new IoStatus(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
        }
        stream.reset();
        return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
    }
}
