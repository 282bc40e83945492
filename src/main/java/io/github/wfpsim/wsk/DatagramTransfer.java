package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.irp.LentBuffer;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.stack.Turns;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sends and receives of datagrams (WSKS-29). */
final class DatagramTransfer {

    /** More than any packet carries, which the stack refuses. */
    private static final int MOST_BYTES = 65_536;

    private DatagramTransfer() {}

    // ---- sending

    static NtStatus sendTo(
            SocketCore core,
            WskBuf buffer,
            int flags,
            @Nullable InetSocketAddress remoteAddress,
            @Nullable ByteBuffer control,
            @Nullable Irp irp) {
        return core.call("WskSendTo", irp, request -> {
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            InetSocketAddress to = remoteAddress == null ? core.sendTo() : remoteAddress;
            if (!core.kernel().isBound()) {
                return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
            }
            LentBuffer lent = to == null || to.isUnresolved() || control == null ? null : request.borrow(buffer);
            if (to == null || control == null || lent == null) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            Out<RedirectChain> records = Out.empty();
            NtStatus judged = core.stack().carriedRecords().judge(core.kernel(), to, control, true, records);
            return judged.isSuccess()
                    ? send(core, request, payload(lent), to, records)
                    : request.completeNow(judged, 0);
        });
    }

    private static ByteBuffer payload(LentBuffer buffer) {
        ByteBuffer payload = ByteBuffer.allocate((int) Math.min(buffer.length(), MOST_BYTES));
        buffer.read(0, payload);
        return payload.flip();
    }

    private static NtStatus send(
            SocketCore core, IrpRequest request, ByteBuffer payload, InetSocketAddress to, Out<RedirectChain> records) {
        RedirectChain carried = records.get();
        return core.perform(
                request,
                core.stack()
                        .datagrams()
                        .send(core.kernel(), payload, to, carried == null ? RedirectChain.empty() : carried),
                payload.remaining());
    }

    // ---- receiving

    /**
     * Where a receive puts what belongs to the datagram.
     *
     * @param remoteAddress receives the sender, or null
     * @param controlLength holds the size of the control buffer and receives that of the control data, or null
     * @param controlInfo receives control data, or null
     * @param controlFlags receives MSG_* flags, or null
     */
    record Places(
            @Nullable Out<InetSocketAddress> remoteAddress,
            @Nullable OutUlong controlLength,
            @Nullable ByteBuffer controlInfo,
            @Nullable OutUlong controlFlags) {

        /** The control buffer as far as its size says; null if control data cannot be taken. */
        @Nullable
        ByteBuffer control() {
            if (controlLength == null || controlInfo == null || controlInfo.isReadOnly()) {
                return null;
            }
            long size = Math.min(controlLength.unsigned(), controlInfo.remaining());
            return controlInfo.slice().limit((int) size);
        }
    }

    static NtStatus receiveFrom(SocketCore core, WskBuf buffer, int flags, Places places, @Nullable Irp irp) {
        return core.call("WskReceiveFrom", irp, request -> {
            Turns turns = core.receives();
            if (flags != 0) {
                return request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0);
            }
            if (turns == null || !core.kernel().isBound()) {
                return request.completeNow(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
            }
            LentBuffer lent = request.borrowToWrite(buffer);
            return lent == null
                    ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                    : core.queue(request, turns, new Receive(core, request, lent, places));
        });
    }

    /** A request that waits for a datagram. */
    private static final class Receive extends Waiting {

        private final LentBuffer buffer;
        private final Places places;

        Receive(SocketCore socket, IrpRequest request, LentBuffer buffer, Places places) {
            super(socket, request);
            this.buffer = buffer;
            this.places = places;
        }

        @Override
        public @Nullable IoStatus tryNow() {
            Out<ReceivedDatagram> received = Out.empty();
            NtStatus status = socket().events().tryReceive(places.control() != null, received);
            ReceivedDatagram datagram = received.get();
            if (datagram == null) {
                return status == NtStatus.STATUS_DEVICE_NOT_READY ? null : new IoStatus(status, 0);
            }
            return new IoStatus(NtStatus.STATUS_SUCCESS, deliver(datagram));
        }

        private long deliver(ReceivedDatagram datagram) {
            ByteBuffer payload = datagram.payload().duplicate();
            int size = payload.remaining();
            int count = buffer.write(0, payload);
            if (places.remoteAddress() != null) {
                places.remoteAddress().set(datagram.source());
            }
            int flags = (count < size ? WskEventFlags.MSG_TRUNC : 0) | deliverControl(datagram);
            if (places.controlFlags() != null) {
                places.controlFlags().set(flags);
            }
            return count;
        }

        /** Messages that do not fit are lost, as at the other door (UDP-10). */
        private int deliverControl(ReceivedDatagram datagram) {
            ByteBuffer place = places.control();
            ControlWriter control = new ControlWriter(place == null ? ByteBuffer.allocate(0) : place);
            boolean allFit = true;
            for (ControlMessage message : datagram.control()) {
                allFit &= control.append(message);
            }
            if (places.controlLength() != null) {
                places.controlLength().set(control.length());
            }
            return allFit ? 0 : WskEventFlags.MSG_CTRUNC;
        }
    }
}
