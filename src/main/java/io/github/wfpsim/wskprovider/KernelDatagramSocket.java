package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.Turns;
import io.github.wfpsim.wsk.WskDatagramIndication;
import io.github.wfpsim.wsk.WskDatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket of datagrams (WSKS-29, WSKS-30). */
final class KernelDatagramSocket extends KernelSocket implements WskDatagramSocket {

    /** More than any packet carries, which the stack refuses. */
    private static final int MOST_BYTES = 65_536;

    KernelDatagramSocket(WskClient client, Registration registration, HostSocket transport) {
        super(client, registration, Category.DATAGRAM, transport);
    }

    @Override
    public NtStatus wskBind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        return bind(localAddress, flags, irp);
    }

    // ---- sending

    @Override
    public NtStatus wskSendTo(
            WskBuf buffer,
            int flags,
            @Nullable InetSocketAddress remoteAddress,
            int controlInfoLength,
            @Nullable ByteBuffer controlInfo,
            @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        ByteBuffer control = control(controlInfoLength, controlInfo);
        return call("WskSendTo", irp, request -> {
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            InetSocketAddress to = remoteAddress == null ? sendTo() : remoteAddress;
            if (!transport().isBound()) {
                return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
            }
            WskBuf lent = to == null || to.isUnresolved() || control == null ? null : request.borrow(buffer);
            if (to == null || control == null || lent == null) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            Out<RedirectChain> records = Out.empty();
            NtStatus judged = stack().carriedRecords().judge(transport(), to, control, true, records);
            return judged.isSuccess() ? send(request, payload(lent), to, records) : request.completeNow(judged, 0);
        });
    }

    /** The control data of a send; null if there are fewer bytes than said. */
    private static @Nullable ByteBuffer control(int length, @Nullable ByteBuffer info) {
        if (length == 0) {
            return ByteBuffer.allocate(0);
        }
        return info == null || length < 0 || length > info.remaining()
                ? null
                : info.slice().limit(length);
    }

    private static ByteBuffer payload(WskBuf buffer) {
        ByteBuffer payload = ByteBuffer.allocate((int) Math.min(buffer.length(), MOST_BYTES));
        buffer.read(0, payload);
        return payload.flip();
    }

    private NtStatus send(IrpRequest request, ByteBuffer payload, InetSocketAddress to, Out<RedirectChain> records) {
        RedirectChain carried = records.get();
        return perform(
                request,
                stack().datagrams().send(transport(), payload, to, carried == null ? RedirectChain.empty() : carried),
                payload.remaining());
    }

    // ---- receiving

    @Override
    public NtStatus wskReceiveFrom(
            WskBuf buffer,
            int flags,
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable OutUlong controlInfoLength,
            @Nullable ByteBuffer controlInfo,
            @Nullable OutUlong controlFlags,
            @Nullable Irp irp) {
        Objects.requireNonNull(buffer, "buffer must not be null: give one of length 0 for none");
        DatagramReceive.Places places =
                new DatagramReceive.Places(remoteAddress, controlInfoLength, controlInfo, controlFlags);
        return call("WskReceiveFrom", irp, request -> {
            Turns turns = receives();
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            if (turns == null || !transport().isBound()) {
                return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
            }
            WskBuf lent = request.borrowToWrite(buffer);
            return lent == null
                    ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                    : queue(request, turns, new DatagramReceive(this, request, lent, places));
        });
    }

    @Override
    public NtStatus wskRelease(WskDatagramIndication datagramIndication) {
        Objects.requireNonNull(datagramIndication, "datagramIndication must not be null: give what the callback got");
        NtStatus judged = judgeWithoutIrp("WskRelease");
        return judged.isSuccess() ? events().loans().release(datagramIndication) : judged;
    }

    @Override
    public NtStatus wskGetLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getLocalAddress(localAddress, irp);
    }
}
