package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.ReceivedDatagram;
import io.github.wfpsim.winsock.WsaMsg;
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
    private final DatagramCalls datagrams;

    MessageTransfer(HostStack stack, ErrorTranslation errors, DatagramCalls datagrams) {
        this.stack = stack;
        this.errors = errors;
        this.datagrams = datagrams;
    }

    // ---- sending

    /**
     * What a message asks to send, once it was judged.
     *
     * @param payload the bytes of its buffers
     * @param to its name; null for the socket's peer
     * @param records the chain in its control data
     */
    record Outgoing(ByteBuffer payload, @Nullable InetSocketAddress to, RedirectChain records) {}

    Win32Error send(SocketEntry entry, @Nullable WsaMsg message, int flags, @Nullable OutUlong sent) {
        Out<Outgoing> judged = Out.empty();
        Win32Error refusal = judge(entry, sent == null ? null : message, flags, judged);
        Outgoing outgoing = judged.get();
        if (outgoing == null || message == null || sent == null) {
            return refusal;
        }
        int size = outgoing.payload().remaining();
        Win32Error error =
                datagrams.send(entry, outgoing.payload(), outgoing.to(), outgoing.records(), Win32Error.WSAENOTCONN);
        if (error == Win32Error.NO_ERROR) {
            passOver(message.lpBuffers());
            sent.set(size);
        }
        return error;
    }

    /** Judges the arguments and the control data of a send; without error there is something to send. */
    Win32Error judge(SocketEntry entry, @Nullable WsaMsg message, int flags, Out<Outgoing> outgoing) {
        Win32Error refusal = refusalToSend(message, flags);
        if (refusal != Win32Error.NO_ERROR || message == null) {
            return refusal;
        }
        Out<InetSocketAddress> name = message.name();
        InetSocketAddress to = name == null ? null : name.get();
        Out<RedirectChain> chain = Out.empty();
        NtStatus judged = stack.carriedRecords().judge(entry.kernel(), to, message.control(), false, chain);
        if (!judged.isSuccess()) {
            return errors.of(judged);
        }
        RedirectChain records = Objects.requireNonNull(chain.get(), "judged before");
        outgoing.set(new Outgoing(gathered(message.lpBuffers()), to, records));
        return Win32Error.NO_ERROR;
    }

    /** Moves the positions behind what was sent. */
    static void passOver(List<? extends @Nullable ByteBuffer> buffers) {
        buffers.forEach(buffer -> present(buffer).position(present(buffer).limit()));
    }

    private static Win32Error refusalToSend(@Nullable WsaMsg message, int flags) {
        if (message == null || !isPayloadMemorySound(message) || !isControlMemorySound(message)) {
            return Win32Error.WSAEFAULT;
        }
        return flags == 0 ? Win32Error.NO_ERROR : Win32Error.WSAEOPNOTSUPP;
    }

    /** The buffers' bytes one behind the other (UDP-23); one buffer needs no copy. */
    static ByteBuffer gathered(List<? extends @Nullable ByteBuffer> buffers) {
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

    /** All bytes of the buffers as one, of a connection that takes any number of them; one buffer needs no copy. */
    static ByteBuffer joined(List<ByteBuffer> buffers) {
        if (buffers.size() == 1) {
            return buffers.get(0).duplicate();
        }
        ByteBuffer whole = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(buffer -> whole.put(buffer.duplicate()));
        return whole.flip();
    }

    /** Moves the positions behind as many bytes, one buffer behind the other. */
    static void advance(List<ByteBuffer> buffers, int count) {
        int left = count;
        for (ByteBuffer buffer : buffers) {
            int here = Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + here);
            left -= here;
        }
    }

    private static ByteBuffer present(@Nullable ByteBuffer buffer) {
        return Objects.requireNonNull(buffer, "judged before");
    }

    // ---- receiving

    Win32Error receive(SocketEntry entry, @Nullable WsaMsg message, @Nullable OutUlong received) {
        Win32Error refusal = refusalToReceive(received == null ? null : message);
        if (refusal != Win32Error.NO_ERROR || message == null || received == null) {
            return refusal;
        }
        Out<ReceivedDatagram> taken = Out.empty();
        Win32Error error = (message.dwFlags() & WsaMsg.MSG_PEEK) == 0
                ? datagrams.take(entry, true, !entry.isNonBlocking(), taken)
                : datagrams.peek(entry, taken);
        ReceivedDatagram datagram = taken.get();
        return datagram == null ? error : store(datagram, message, received);
    }

    static Win32Error refusalToReceive(@Nullable WsaMsg message) {
        if (message == null || !isControlMemorySound(message) || !isWritable(message)) {
            return Win32Error.WSAEFAULT;
        }
        boolean knownFlags = (message.dwFlags() & ~WsaMsg.MSG_PEEK) == 0;
        return knownFlags ? Win32Error.NO_ERROR : Win32Error.WSAEOPNOTSUPP;
    }

    /** Stores what came; what does not fit is lost, and the flags say so (UDP-10, UDP-21). */
    static Win32Error store(ReceivedDatagram datagram, WsaMsg message, OutUlong received) {
        Out<InetSocketAddress> name = message.name();
        if (name != null) {
            name.set(datagram.source());
        }
        ByteBuffer payload = datagram.payload();
        received.set(scatter(payload, message.lpBuffers()));
        ControlWriter control = new ControlWriter(message.control());
        boolean allFit = true;
        for (ControlMessage part : datagram.control()) {
            allFit &= control.append(part);
        }
        int flags = (payload.hasRemaining() ? WsaMsg.MSG_TRUNC : 0) | (allFit ? 0 : WsaMsg.MSG_CTRUNC);
        message.setControl(message.controlBuf(), control.length()).setDwFlags(flags);
        return flags == 0 ? Win32Error.NO_ERROR : Win32Error.WSAEMSGSIZE;
    }

    /** What a call remembers of the structure: the members, not the memory that they name. */
    static WsaMsg copyOf(WsaMsg message) {
        return new WsaMsg()
                .setName(message.name())
                .setLpBuffers(message.lpBuffers().toArray(ByteBuffer[]::new))
                .setControl(message.controlBuf(), message.controlLen())
                .setDwFlags(message.dwFlags());
    }

    /** Whether every buffer of the payload is there. */
    private static boolean isPayloadMemorySound(WsaMsg message) {
        return message.lpBuffers().stream().allMatch(Objects::nonNull);
    }

    /** Whether Control.len bytes are there. */
    private static boolean isControlMemorySound(WsaMsg message) {
        ByteBuffer buf = message.controlBuf();
        int len = message.controlLen();
        return len == 0 || (buf != null && Integer.toUnsignedLong(len) <= buf.remaining());
    }

    /** Whether WSARecvMsg may write into every buffer. */
    private static boolean isWritable(WsaMsg message) {
        ByteBuffer buf = message.controlBuf();
        return message.lpBuffers().stream().allMatch(buffer -> buffer != null && !buffer.isReadOnly())
                && (message.controlLen() == 0 || buf == null || !buf.isReadOnly());
    }

    /** Fills the buffers one after another; answers the bytes that had room, behind which the payload's position is. */
    static int scatter(ByteBuffer payload, List<? extends @Nullable ByteBuffer> buffers) {
        int size = payload.remaining();
        buffers.forEach(buffer -> fill(present(buffer), payload));
        return size - payload.remaining();
    }

    private static void fill(ByteBuffer buffer, ByteBuffer payload) {
        int size = Math.min(buffer.remaining(), payload.remaining());
        buffer.put(payload.slice(payload.position(), size));
        payload.position(payload.position() + size);
    }
}
