package io.github.wfpsim.stack;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.TraceEvent;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Redirect records in the control data of a datagram that is to be sent, as both doors take them (UDP-05). */
public final class CarriedRecords {

    private final HostStack stack;

    CarriedRecords(HostStack stack) {
        this.stack = stack;
    }

    /**
     * Judges the control data of a datagram: the records as SET would (UDP-12); a context belongs to the redirect that
     * is over and is ignored, anything else is refused (UDP-14, UDP-22).
     *
     * @param to where the datagram goes; null for the socket's peer
     * @param control the control data from position to limit, which do not move
     * @param kernelMode whether a kernel client calls, which needs no privilege
     * @param chain receives the chain on success, empty if there are no records
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER for malformed data and overflowing lengths;
     *     STATUS_ACCESS_DENIED for records that the socket's owner may not carry on
     */
    public NtStatus judge(
            HostSocket socket,
            @Nullable InetSocketAddress to,
            ByteBuffer control,
            boolean kernelMode,
            Out<RedirectChain> chain) {
        chain.set(RedirectChain.empty());
        InetSocketAddress far = to == null ? socket.remoteAddress() : to;
        List<ControlMessage> messages = ControlMessage.parse(control).orElse(null);
        if (messages == null || (far != null && !areFit(messages, familyOf(far)))) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        ByteBuffer records = messages.stream()
                .filter(CarriedRecords::isRecords)
                .map(ControlMessage::data)
                .findFirst()
                .orElse(null);
        return far == null || records == null
                ? NtStatus.STATUS_SUCCESS
                : judgeRecords(socket, far, records, kernelMode, chain);
    }

    private NtStatus judgeRecords(
            HostSocket socket,
            InetSocketAddress far,
            ByteBuffer records,
            boolean kernelMode,
            Out<RedirectChain> chain) {
        int size = records.remaining();
        ControlStatus judged = stack.control().judge(socket, records, size, kernelMode, chain);
        NtStatus status = switch (judged) {
            case SUCCESS -> NtStatus.STATUS_SUCCESS;
            case INTEGER_OVERFLOW -> NtStatus.STATUS_INVALID_PARAMETER;
            default -> NtStatus.STATUS_ACCESS_DENIED;
        };
        stack.control().tellIfDenied(socket.endpoint(), socket.owner(), "sending records on", judged);
        if (stack.trace().isListening()) {
            RedirectChain sound = chain.get();
            int length = sound == null ? 0 : sound.size();
            stack.trace()
                    .emit(new TraceEvent.RecordsSent(
                            socket.endpoint().subject(), IpAddress.unmap(far), status, size, length));
        }
        return status;
    }

    /** Records and context of the level that the destination calls for, each once at most, no records without bytes. */
    private static boolean areFit(List<ControlMessage> messages, AddressFamily family) {
        boolean known = messages.stream().allMatch(message -> isOf(message, family));
        List<ControlMessage> records =
                messages.stream().filter(CarriedRecords::isRecords).toList();
        int contexts = messages.size() - records.size();
        return known
                && contexts <= 1
                && records.size() <= 1
                && records.stream().allMatch(message -> message.data().hasRemaining());
    }

    private static boolean isRecords(ControlMessage message) {
        return message.ancillaryType().filter(AncillaryType::isRecords).isPresent();
    }

    private static boolean isOf(ControlMessage message, AddressFamily family) {
        return message.ancillaryType().filter(type -> type.family() == family).isPresent();
    }

    /** Over which version of IP a packet to or from an address goes, v4-mapped ones by version 4. */
    static AddressFamily familyOf(InetSocketAddress far) {
        return AddressFamily.of(IpAddress.unmap(far.getAddress()));
    }
}
