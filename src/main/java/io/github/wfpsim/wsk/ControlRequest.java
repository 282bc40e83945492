package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.RedirectControl;
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
 * @param inSize InputSize
 * @param in InputBuffer, from its position on
 * @param outSize OutputSize
 * @param out OutputBuffer, from its position on
 * @param returned OutputSizeReturned
 */
record ControlRequest(
        SocketCore socket,
        WskControlRequestType type,
        int code,
        long inSize,
        @Nullable ByteBuffer in,
        long outSize,
        @Nullable ByteBuffer out,
        @Nullable OutUlong returned) {

    NtStatus start(IrpRequest request) {
        ControlCode known = ControlCode.fromCode(code).orElse(null);
        NtStatus unfit = unfit(known);
        if (!unfit.isSuccess() || known == null) {
            return request.completeNow(unfit, 0);
        }
        return switch (known) {
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS ->
                socket.run(request, () -> query(RedirectControl.Query.RECORDS));
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT ->
                socket.run(request, () -> query(RedirectControl.Query.CONTEXT));
            default -> socket.run(request, this::set);
        };
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
            case STREAM -> !socket.kernel().isListening();
            case BASIC, LISTEN, DATAGRAM -> false;
        };
    }

    private boolean isShapedForQuery() {
        boolean hasInput = inSize != 0 || in != null;
        return (isLenient() || !hasInput) && isWithin(out, outSize);
    }

    private boolean isShapedForSet() {
        boolean hasOutput = outSize != 0 || out != null || returned != null;
        return (isLenient() || !hasOutput) && inSize != 0 && isWithin(in, inSize);
    }

    private boolean isLenient() {
        return socket.stack().options().wskParameterChecking() == SimOptions.ParameterChecking.LENIENT;
    }

    /** Sizes are without sign; one beyond the buffer would be a wild access, one beyond 4 GiB can be declared (WSK-29). */
    private static boolean isWithin(@Nullable ByteBuffer buffer, long size) {
        return size == 0 || buffer != null;
    }

    private IoStatus query(RedirectControl.Query what) {
        OutUlong size = new OutUlong();
        long offered = out == null ? 0 : Math.min(outSize, out.remaining());
        ControlStatus status = socket.stack().control().query(socket.kernel(), what, out, offered, size);
        boolean sized = status == ControlStatus.SUCCESS || status == ControlStatus.TOO_SMALL;
        if (sized && returned != null) {
            returned.set(size.value());
        }
        return IoStatus.ofUlong(statusOf(status), sized ? size.value() : 0);
    }

    private NtStatus statusOf(ControlStatus status) {
        boolean sizeQuery = status == ControlStatus.TOO_SMALL && outSize == 0;
        boolean succeeds = socket.stack().options().wskSizeQueryStatus() == SimOptions.WskSizeQueryStatus.SUCCESS;
        return sizeQuery && succeeds ? NtStatus.STATUS_SUCCESS : status.ntStatus();
    }

    private IoStatus set() {
        ByteBuffer record = Objects.requireNonNull(in, "judged before");
        ControlStatus status = socket.isOneStep()
                ? ControlStatus.WRONG_STAGE
                : socket.stack().control().set(socket.kernel(), record, inSize, true);
        return new IoStatus(status.ntStatus(), 0);
    }
}
