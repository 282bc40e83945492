package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.record.RedirectChain;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * WSASendMsg and WSARecvMsg. Judging the arguments, waiting, and storing what came are steps of their own.
 *
 * <p>Source: LPFN_WSARECVMSG, WSASendMsg function, WSAMSG structure (SDK).
 */
final class MessageTransfer {

    /** More than any packet carries, so that no larger payload need be put together. */
    private static final int MORE_THAN_A_PACKET = 65_536;

    private final HostStack stack;
    private final ErrorTranslation errors;
    private final DatagramTransfer datagrams;

    MessageTransfer(HostStack stack, ErrorTranslation errors, DatagramTransfer datagrams) {
        this.stack = stack;
        this.errors = errors;
        this.datagrams = datagrams;
    }

    // ---- sending

    Win32Error send(SocketEntry entry, @Nullable WsaMsg message, int flags, @Nullable OutUlong sent) {
        Win32Error refusal = refusalToSend(message, flags, sent);
        if (refusal != Win32Error.NO_ERROR || message == null || sent == null) {
            return refusal;
        }
        Out<InetSocketAddress> name = message.name();
        InetSocketAddress to = name == null ? null : name.get();
        Out<RedirectChain> chain = Out.empty();
        NtStatus judged = stack.carriedRecords().judge(entry.kernel(), to, message.control(), false, chain);
        if (!judged.isSuccess()) {
            return errors.of(judged);
        }
        ByteBuffer payload = gathered(message.lpBuffers());
        int size = payload.remaining();
        RedirectChain records = Objects.requireNonNull(chain.get(), "judged before");
        Win32Error error = datagrams.send(entry, payload, to, records, Win32Error.WSAENOTCONN);
        if (error == Win32Error.NO_ERROR) {
            message.lpBuffers()
                    .forEach(buffer -> present(buffer).position(present(buffer).limit()));
            sent.set(size);
        }
        return error;
    }

    private static Win32Error refusalToSend(@Nullable WsaMsg message, int flags, @Nullable OutUlong sent) {
        if (message == null || sent == null || !message.isPayloadMemorySound() || !message.isControlMemorySound()) {
            return Win32Error.WSAEFAULT;
        }
        return flags == 0 ? Win32Error.NO_ERROR : Win32Error.WSAEOPNOTSUPP;
    }

    /** The buffers' bytes one behind the other (UDP-23); one buffer needs no copy. */
    private static ByteBuffer gathered(List<@Nullable ByteBuffer> buffers) {
        if (buffers.size() == 1) {
            return present(buffers.get(0)).duplicate();
        }
        long total = buffers.stream()
                .mapToLong(buffer -> present(buffer).remaining())
                .sum();
        ByteBuffer payload = ByteBuffer.allocate((int) Math.min(total, MORE_THAN_A_PACKET));
        if (total < MORE_THAN_A_PACKET) {
            buffers.forEach(buffer -> payload.put(present(buffer).duplicate()));
            payload.flip();
        }
        return payload;
    }

    private static ByteBuffer present(@Nullable ByteBuffer buffer) {
        return Objects.requireNonNull(buffer, "judged before");
    }

    // ---- receiving

    Win32Error receive(SocketEntry entry, @Nullable WsaMsg message, @Nullable OutUlong received) {
        Win32Error refusal = refusalToReceive(message, received);
        if (refusal != Win32Error.NO_ERROR || message == null || received == null) {
            return refusal;
        }
        Out<ReceivedDatagram> taken = Out.empty();
        Win32Error error = (message.dwFlags() & WsaMsg.MSG_PEEK) == 0
                ? datagrams.take(entry, !entry.isNonBlocking(), taken)
                : datagrams.peek(entry, taken);
        ReceivedDatagram datagram = taken.get();
        return datagram == null ? error : store(datagram, message, received);
    }

    private static Win32Error refusalToReceive(@Nullable WsaMsg message, @Nullable OutUlong received) {
        if (message == null || received == null || !message.isControlMemorySound() || !message.isWritable()) {
            return Win32Error.WSAEFAULT;
        }
        boolean knownFlags = (message.dwFlags() & ~WsaMsg.MSG_PEEK) == 0;
        return knownFlags ? Win32Error.NO_ERROR : Win32Error.WSAEOPNOTSUPP;
    }

    /** Stores what came; what does not fit is lost, and the flags say so (UDP-10, UDP-21). */
    private static Win32Error store(ReceivedDatagram datagram, WsaMsg message, OutUlong received) {
        Out<InetSocketAddress> name = message.name();
        if (name != null) {
            name.set(datagram.source());
        }
        ByteBuffer payload = datagram.payload();
        int size = payload.remaining();
        message.lpBuffers().forEach(buffer -> fill(present(buffer), payload));
        received.set(size - payload.remaining());
        ControlWriter control = new ControlWriter(message.control());
        boolean allFit = true;
        for (ControlMessage part : datagram.control()) {
            allFit &= control.append(part);
        }
        int flags = (payload.hasRemaining() ? WsaMsg.MSG_TRUNC : 0) | (allFit ? 0 : WsaMsg.MSG_CTRUNC);
        message.setReceived(control.length(), flags);
        return flags == 0 ? Win32Error.NO_ERROR : Win32Error.WSAEMSGSIZE;
    }

    private static void fill(ByteBuffer buffer, ByteBuffer payload) {
        int size = Math.min(buffer.remaining(), payload.remaining());
        buffer.put(payload.slice(payload.position(), size));
        payload.position(payload.position() + size);
    }
}
