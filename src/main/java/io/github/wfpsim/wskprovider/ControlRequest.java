package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.RedirectControl;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskControlRequestType;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One WskControlSocket: judges type, code, category and arguments in the order of WSK-10, then hands the request to the
 * stack.
 *
 * @param socket the socket
 * @param type RequestType
 * @param code ControlCode
 * @param inSize InputSize, without sign
 * @param in InputBuffer
 * @param outSize OutputSize, without sign
 * @param out OutputBuffer
 * @param returned OutputSizeReturned
 */
record ControlRequest(
        KernelSocket socket,
        WskControlRequestType type,
        int code,
        long inSize,
        @Nullable WskControlBuffer in,
        long outSize,
        @Nullable WskControlBuffer out,
        @Nullable OutUlong returned) {

    /** The bytes of a buffer until the request ends; null after a fault because its block is freed. */
    private static @Nullable ByteBuffer lend(WskControlBuffer buffer, IrpRequest request) {
        PoolBlock block = buffer.block().orElse(null);
        return block == null ? buffer.memory() : request.borrow(block);
    }

    /** What a request does with its buffer when it is processed. */
    private interface Work {
        IoStatus doneWith(@Nullable ByteBuffer memory);
    }

    /** The redirect codes are for PASSIVE_LEVEL (WSK-04), options and peers are not. */
    NtStatus make(int level, @Nullable Irp irp) {
        boolean anywhere = OptionRequest.takes(type, code) || PeerRequest.takes(type, code);
        return anywhere
                ? socket.call("WskControlSocket", irp, request -> optionOrPeer(level, request))
                : socket.callAtPassiveLevel("WskControlSocket", irp, this::redirect);
    }

    private NtStatus optionOrPeer(int level, IrpRequest request) {
        ByteBuffer given = in == null ? null : lend(in, request);
        ByteBuffer taken = out == null ? null : lend(out, request);
        if ((in != null && given == null) || (out != null && taken == null)) {
            return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        }
        if (PeerRequest.takes(type, code)) {
            boolean hasOutput = outSize != 0 || taken != null || returned != null;
            return PeerRequest.start(request, socket, code, inSize, given, hasOutput);
        }
        boolean sets = type == WskControlRequestType.WskSetOption;
        return new OptionRequest(socket, sets, code, level, inSize, given, outSize, taken, returned).start(request);
    }

    private NtStatus redirect(IrpRequest request) {
        ControlCode known = ControlCode.fromCode(code).orElse(null);
        NtStatus unfit = unfit(known);
        if (!unfit.isSuccess() || known == null) {
            return request.completeNow(unfit, 0);
        }
        return switch (known) {
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS ->
                process(request, out, memory -> query(RedirectControl.Query.RECORDS, memory));
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT ->
                process(request, out, memory -> query(RedirectControl.Query.CONTEXT, memory));
            default -> process(request, in, this::set);
        };
    }

    /** Borrows only the buffer that the request uses: one that is ignored may be anything. */
    private NtStatus process(IrpRequest request, @Nullable WskControlBuffer buffer, Work work) {
        ByteBuffer memory = buffer == null ? null : lend(buffer, request);
        return buffer != null && memory == null
                ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                : socket.run(request, () -> work.doneWith(memory));
    }

    private NtStatus unfit(@Nullable ControlCode known) {
        if (type != WskControlRequestType.WskIoctl) {
            return isRedirectCode(known) ? NtStatus.STATUS_INVALID_PARAMETER : NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (!isRedirectCode(known) || !socket.stack().control().isSupported() || !isConnectionSocket()) {
            return NtStatus.STATUS_INVALID_DEVICE_REQUEST;
        }
        boolean shaped =
                known == ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS ? isShapedForSet() : isShapedForQuery();
        return shaped ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_INVALID_PARAMETER;
    }

    private static boolean isRedirectCode(@Nullable ControlCode known) {
        return known == ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS
                || known == ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT
                || known == ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS;
    }

    /** A connection socket, or a stream socket that does not listen (WSK-08). */
    private boolean isConnectionSocket() {
        return switch (socket.category()) {
            case CONNECTION -> true;
            case STREAM -> !socket.transport().isListening();
            case BASIC, LISTEN, DATAGRAM -> false;
        };
    }

    private boolean isShapedForQuery() {
        boolean hasInput = inSize != 0 || in != null;
        return (isLenient() || !hasInput)
                && (outSize == 0 || (out != null && !out.memory().isReadOnly()));
    }

    private boolean isShapedForSet() {
        boolean hasOutput = outSize != 0 || out != null || returned != null;
        return (isLenient() || !hasOutput) && inSize != 0 && in != null;
    }

    private boolean isLenient() {
        return socket.stack().options().has(Deviation.WSK_PARAMETER_CHECKING_LENIENT);
    }

    private IoStatus query(RedirectControl.Query what, @Nullable ByteBuffer memory) {
        OutUlong size = new OutUlong();
        ControlStatus status = socket.stack().control().query(socket.transport(), what, memory, offered(memory), size);
        boolean sized = status == ControlStatus.SUCCESS || status == ControlStatus.TOO_SMALL;
        if (sized && returned != null) {
            returned.set(size.value());
        }
        return IoStatus.ofUlong(statusOf(status), sized ? size.value() : 0);
    }

    /** More than there is, even 4 GiB, may be declared (WSK-29); it would be a wild write only if it were written. */
    private long offered(@Nullable ByteBuffer memory) {
        long there = memory == null ? 0 : memory.remaining();
        return Long.compareUnsigned(outSize, there) < 0 ? outSize : there;
    }

    private NtStatus statusOf(ControlStatus status) {
        boolean sizeQuery = status == ControlStatus.TOO_SMALL && outSize == 0;
        boolean succeeds = socket.stack().options().has(Deviation.WSK_SIZE_QUERY_STATUS_SUCCESS);
        return sizeQuery && succeeds ? NtStatus.STATUS_SUCCESS : status.ntStatus();
    }

    private IoStatus set(@Nullable ByteBuffer memory) {
        ByteBuffer record = Objects.requireNonNull(memory, "judged before");
        ControlStatus status = socket.stack().control().set(socket.transport(), record, inSize, true);
        return new IoStatus(status.ntStatus(), 0);
    }
}
