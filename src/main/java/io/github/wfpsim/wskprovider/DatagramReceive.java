package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.wsk.WskEventFlags;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A request that waits for a datagram (WSKS-29). */
final class DatagramReceive extends IrpTurn {

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

    private final WskBuf buffer;
    private final Places places;

    DatagramReceive(KernelSocket socket, IrpRequest request, WskBuf buffer, Places places) {
        super(socket, request);
        this.buffer = buffer;
        this.places = places;
    }

    @Override
    public @Nullable IoStatus tryNow() {
        Out<ReceivedDatagram> received = Out.empty();
        NtStatus status = socket().events().inbox().tryReceive(places.control() != null, received);
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
