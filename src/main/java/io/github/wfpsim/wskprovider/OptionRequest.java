package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskFlags;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One WskControlSocket that sets or gets a socket option, a ULONG each.
 *
 * @param socket the socket
 * @param sets WskSetOption, else WskGetOption
 * @param option ControlCode
 * @param level Level
 * @param inSize InputSize, without sign
 * @param in InputBuffer, from its position on
 * @param outSize OutputSize, without sign
 * @param out OutputBuffer, from its position on
 * @param returned OutputSizeReturned
 */
record OptionRequest(
        KernelSocket socket,
        boolean sets,
        int option,
        int level,
        long inSize,
        @Nullable ByteBuffer in,
        long outSize,
        @Nullable ByteBuffer out,
        @Nullable OutUlong returned) {

    /** Whether a request is one about an option; the numbers of ioctls are no options (WSK-02). */
    static boolean takes(WskControlRequestType type, int code) {
        return type != WskControlRequestType.WskIoctl
                && ControlCode.fromCode(code).isEmpty();
    }

    NtStatus start(IrpRequest request) {
        NtStatus unfit = unfit();
        return unfit.isSuccess() ? socket.run(request, sets ? this::set : this::get) : request.completeNow(unfit, 0);
    }

    private NtStatus unfit() {
        if (!isKnown()) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        ByteBuffer buffer = sets ? in : out;
        long size = sets ? inSize : outSize;
        boolean other = sets ? outSize != 0 || out != null : inSize != 0 || in != null;
        boolean fits =
                buffer != null && Long.compareUnsigned(size, Integer.BYTES) >= 0 && buffer.remaining() >= Integer.BYTES;
        boolean writable = sets || (buffer != null && !buffer.isReadOnly());
        return !other && fits && writable ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_INVALID_PARAMETER;
    }

    /** The event option is known too, but comes with a structure, see {@link EventOption}. */
    private boolean isKnown() {
        AncillaryType ancillary = ancillary();
        if (ancillary != null) {
            return socket.category() == Category.DATAGRAM && socket.transport().hasAncillary(ancillary);
        }
        if (level == IpProtocol.IPPROTO_IPV6.code()) {
            return option == WskFlags.IPV6_V6ONLY && socket.transport().family() == AddressFamily.AF_INET6;
        }
        if (level != WskFlags.SOL_SOCKET) {
            return false;
        }
        boolean listens = socket.category() == Category.LISTEN || socket.category() == Category.STREAM;
        return option == WskFlags.SO_CONDITIONAL_ACCEPT
                ? listens
                : option == WskFlags.SO_EXCLUSIVEADDRUSE
                        || option == WskFlags.SO_REUSEADDR
                        || option == WskFlags.SO_KEEPALIVE
                        || option == WskFlags.SO_RCVBUF;
    }

    /** The control messages of datagrams that the option switches, or null (UDP-15). */
    private @Nullable AncillaryType ancillary() {
        return AncillaryType.fromCode(level, option).orElse(null);
    }

    private IoStatus set() {
        int value =
                in == null ? 0 : in.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(in.position());
        return new IoStatus(set(value), 0);
    }

    private NtStatus set(int value) {
        if (option == WskFlags.SO_CONDITIONAL_ACCEPT) {
            return socket.events().inspections().set(value != 0);
        }
        AncillaryType ancillary = ancillary();
        if (ancillary != null) {
            socket.transport().setAncillary(ancillary, value != 0);
            return NtStatus.STATUS_SUCCESS;
        }
        if (level == IpProtocol.IPPROTO_IPV6.code()) {
            return socket.transport().setV6Only(value != 0);
        }
        switch (option) {
            case WskFlags.SO_REUSEADDR -> {
                return socket.transport().setReusesAddress(value != 0);
            }
            case WskFlags.SO_EXCLUSIVEADDRUSE -> {
                return socket.transport().setAddressExclusive(value != 0);
            }
            default -> socket.storeOption(option, value);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    private IoStatus get() {
        if (out != null) {
            out.duplicate().order(ByteOrder.LITTLE_ENDIAN).putInt(out.position(), value());
        }
        if (returned != null) {
            returned.set(Integer.BYTES);
        }
        return new IoStatus(NtStatus.STATUS_SUCCESS, Integer.BYTES);
    }

    private int value() {
        if (option == WskFlags.SO_CONDITIONAL_ACCEPT) {
            return socket.events().inspections().isOn() ? 1 : 0;
        }
        AncillaryType ancillary = ancillary();
        if (ancillary != null) {
            return socket.transport().isAncillaryOn(ancillary) ? 1 : 0;
        }
        if (level == IpProtocol.IPPROTO_IPV6.code()) {
            return socket.transport().isV6Only() ? 1 : 0;
        }
        return switch (option) {
            case WskFlags.SO_REUSEADDR -> socket.transport().reusesAddress() ? 1 : 0;
            case WskFlags.SO_EXCLUSIVEADDRUSE -> socket.transport().isAddressExclusive() ? 1 : 0;
            default -> socket.storedOption(option);
        };
    }
}
