package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.stack.ControlStatus;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.RedirectControl;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.Wsaid;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * WSAIoctl and WSPIoctl: judges the caller and the arguments, then hands the request to the stack.
 *
 * <p>Source: SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS Control Code, SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS Control
 * Code, WSAIoctl function (SDK). Requirements: WSA-05 to WSA-42, WSA-57, WSA-58, UDP-18, UDP-26,
 * UDP-29.
 */
final class WsaIoctl {

    private static final ControlCode[] CODES = ControlCode.values();

    /** The least output that a query accepts, sizeof(ULONG) (WSA-15). */
    private static final int SIZEOF_ULONG = 4;

    /** Size of a pointer on 64-bit Windows. */
    private static final int SIZEOF_POINTER = 8;

    private static final int SIZEOF_BOOL = 4;

    /** The function that pending redirect ioctls come from. */
    static final String FUNCTION = "WSAIoctl";

    private final HostStack stack;
    private final SocketTable sockets;
    private final ErrorTranslation errors;
    private final OverlappedProcess process;

    WsaIoctl(HostStack stack, SocketTable sockets, ErrorTranslation errors, OverlappedProcess process) {
        this.process = process;
        this.stack = stack;
        this.sockets = sockets;
        this.errors = errors;
    }

    /**
     * The arguments of one call; sizes are DWORDs, that is without sign.
     *
     * @param code dwIoControlCode
     * @param in lpvInBuffer, from its position on
     * @param inSize cbInBuffer
     * @param out lpvOutBuffer, from its position on
     * @param outSize cbOutBuffer
     * @param returned lpcbBytesReturned
     */
    record Request(
            int code,
            @Nullable ByteBuffer in,
            long inSize,
            @Nullable ByteBuffer out,
            long outSize,
            @Nullable OutUlong returned) {

        Request withReturned(OutUlong count) {
            return new Request(code, in, inSize, out, outSize, count);
        }

        static Request of(
                int code,
                @Nullable ByteBuffer in,
                int inSize,
                @Nullable ByteBuffer out,
                int outSize,
                @Nullable OutUlong returned) {
            return new Request(
                    code, in, Integer.toUnsignedLong(inSize), out, Integer.toUnsignedLong(outSize), returned);
        }
    }

    /** What a code asks for, as far as this door serves it. */
    private enum Kind {
        QUERY_RECORDS,
        QUERY_CONTEXT,
        SET_RECORDS,
        SET_BLOCKING_MODE,
        COUNT_READABLE,
        SET_CONNRESET,
        GET_EXTENSION_FUNCTION,
        FLUSH,
        UNSUPPORTED;

        boolean isQuery() {
            return this == QUERY_RECORDS || this == QUERY_CONTEXT;
        }

        boolean isRedirect() {
            return isQuery() || this == SET_RECORDS;
        }
    }

    /** Judges an overlapped call: what fails at once (WSA-54). It may do without a place for the count. */
    Win32Error refusalOfOverlapped(SocketEntry entry, Request request) {
        OutUlong returned = request.returned();
        Request counted = returned == null ? request.withReturned(new OutUlong()) : request;
        return refusal(entry, kindOf(request.code()), counted);
    }

    /** Performs an overlapped call that was judged before. */
    OverlappedTurn.Result perform(SocketEntry entry, Request request) {
        Kind kind = kindOf(request.code());
        OutUlong bytes = new OutUlong();
        Win32Error error;
        NtStatus status;
        if (kind.isQuery()) {
            ControlStatus answer = ask(entry, kind, request.out(), request.outSize(), bytes);
            error = toldAs(answer, request.outSize(), bytes);
            status = answer.ntStatus();
        } else if (kind == Kind.SET_RECORDS) {
            ControlStatus answer = set(entry, request);
            error = errors.of(answer);
            status = answer.ntStatus();
        } else {
            error = perform(entry, kind, request, bytes);
            status = error == Win32Error.NO_ERROR ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_INVALID_PARAMETER;
        }
        return new OverlappedTurn.Result(status, error, bytes.value());
    }

    /** A call that waits is refused inside a completion routine of its thread (WSA-25). */
    Win32Error refusalInRoutine() {
        boolean usable = sockets.isInitialised() && stack.isNetworkUp();
        return usable && process.isInRoutine() ? Win32Error.WSAEINPROGRESS : Win32Error.NO_ERROR;
    }

    /** Cancels the pending redirect ioctls of a socket (WSA-39, WSA-40). */
    private static Win32Error flush(SocketEntry entry) {
        entry.pending().stream()
                .filter(request -> request.function().equals(FUNCTION))
                .forEach(OverlappedRequest::cancel);
        return Win32Error.NO_ERROR;
    }

    /** Runs one synchronous call; the returned count is 0 unless the stack stores a length (WSA-21). */
    Win32Error run(
            SocketHandle handle,
            int code,
            @Nullable ByteBuffer in,
            int inSize,
            @Nullable ByteBuffer out,
            int outSize,
            @Nullable OutUlong returned) {
        if (returned != null) {
            returned.set(0);
        }
        Win32Error inProgress = refusalInRoutine();
        if (inProgress != Win32Error.NO_ERROR) {
            return inProgress;
        }
        SocketEntry entry = sockets.find(handle);
        Kind kind = kindOf(code);
        Win32Error refusal = refusalOfCall(entry, kind, code);
        if (entry == null || refusal != Win32Error.NO_ERROR) {
            return refusal;
        }
        // A query makes no object, not even for its arguments.
        return kind.isQuery()
                ? runQuery(entry, kind, out, Integer.toUnsignedLong(outSize), returned)
                : runOther(entry, kind, Request.of(code, in, inSize, out, outSize, returned));
    }

    /** Runs one synchronous call of the service provider's entry point, which tells the error by pointer (WSA-01). */
    int runForProvider(
            SocketHandle handle,
            int code,
            @Nullable ByteBuffer in,
            int inSize,
            @Nullable ByteBuffer out,
            int outSize,
            @Nullable OutUlong returned,
            @Nullable OutUlong errno) {
        if (errno == null) {
            process.fault(Fault.NULL_ERRNO, "WSPIoctl with a null lpErrno");
            return Winsock.SOCKET_ERROR;
        }
        return told(run(Caller.checked(handle), code, in, inSize, out, outSize, returned), errno);
    }

    /** 0 without error, else SOCKET_ERROR and the code where the pointer says. */
    static int told(Win32Error error, OutUlong errno) {
        if (error == Win32Error.NO_ERROR) {
            return 0;
        }
        errno.set(error.code());
        return Winsock.SOCKET_ERROR;
    }

    private Win32Error runQuery(
            SocketEntry entry, Kind kind, @Nullable ByteBuffer out, long outSize, @Nullable OutUlong returned) {
        Win32Error refusal = refusalOfQuery(out, outSize, returned);
        return returned == null || refusal != Win32Error.NO_ERROR
                ? refusal
                : query(entry, kind, out, outSize, returned);
    }

    private Win32Error runOther(SocketEntry entry, Kind kind, Request request) {
        OutUlong returned = request.returned();
        Win32Error refusal = refusalOfOther(kind, request);
        return returned == null || refusal != Win32Error.NO_ERROR ? refusal : perform(entry, kind, request, returned);
    }

    /** The rows of WSA-42 that concern caller and arguments, in their order; the stack judges state, rights and data. */
    private Win32Error refusal(SocketEntry entry, Kind kind, Request request) {
        Win32Error refusal = refusalOfCall(entry, kind, request.code());
        if (refusal != Win32Error.NO_ERROR) {
            return refusal;
        }
        return kind.isQuery()
                ? refusalOfQuery(request.out(), request.outSize(), request.returned())
                : refusalOfOther(kind, request);
    }

    private Win32Error refusalOfCall(@Nullable SocketEntry entry, Kind kind, int code) {
        if (!sockets.isInitialised()) {
            return Win32Error.WSANOTINITIALISED;
        }
        if (!stack.isNetworkUp()) {
            return Win32Error.WSAENETDOWN;
        }
        if (entry == null) {
            return Win32Error.WSAENOTSOCK;
        }
        if (!ControlCode.isWellFormed(code)) {
            return Win32Error.WSAEINVAL;
        }
        return kind == Kind.UNSUPPORTED ? Win32Error.WSAEOPNOTSUPP : Win32Error.NO_ERROR;
    }

    /** A query never looks at its input (WSA-06). */
    private Win32Error refusalOfQuery(@Nullable ByteBuffer out, long outSize, @Nullable OutUlong returned) {
        if (returned == null || !isWithin(out, outSize) || !isWritable(out, outSize)) {
            return Win32Error.WSAEFAULT;
        }
        boolean sizeIsSound = errors.isObserved() || outSize == 0 || outSize >= SIZEOF_ULONG;
        return sizeIsSound ? Win32Error.NO_ERROR : Win32Error.WSAEINVAL;
    }

    private static Win32Error refusalOfOther(Kind kind, Request request) {
        if (request.returned() == null || !isMemorySound(kind, request)) {
            return Win32Error.WSAEFAULT;
        }
        return areSizesSound(kind, request) ? Win32Error.NO_ERROR : Win32Error.WSAEINVAL;
    }

    /** Judges the arguments of ioctlsocket, which serves FIONBIO and FIONREAD only. */
    static Win32Error refusalOfCommand(int command, @Nullable OutUlong argument) {
        if (!ControlCode.isWellFormed(command)) {
            return Win32Error.WSAEINVAL;
        }
        if (command != ControlCode.FIONBIO.code() && command != ControlCode.FIONREAD.code()) {
            return Win32Error.WSAEOPNOTSUPP;
        }
        return argument == null ? Win32Error.WSAEFAULT : Win32Error.NO_ERROR;
    }

    /** Codes of other providers and of kernel sockets are unknown here (C-11). */
    private Kind kindOf(int code) {
        // Not by a map, which would make an object of each number; the queries come first.
        for (ControlCode known : CODES) {
            if (known.code() == code) {
                Kind kind = kindOf(known);
                return kind.isRedirect() && !stack.control().isSupported() ? Kind.UNSUPPORTED : kind;
            }
        }
        return Kind.UNSUPPORTED;
    }

    private static Kind kindOf(ControlCode code) {
        return switch (code) {
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS -> Kind.QUERY_RECORDS;
            case SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT -> Kind.QUERY_CONTEXT;
            case SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS -> Kind.SET_RECORDS;
            case FIONBIO -> Kind.SET_BLOCKING_MODE;
            case FIONREAD -> Kind.COUNT_READABLE;
            case SIO_UDP_CONNRESET -> Kind.SET_CONNRESET;
            case SIO_FLUSH -> Kind.FLUSH;
            case SIO_GET_EXTENSION_FUNCTION_POINTER -> Kind.GET_EXTENSION_FUNCTION;
            default -> Kind.UNSUPPORTED;
        };
    }

    /** Those that are no queries never look at their output (WSA-08). */
    private static boolean isMemorySound(Kind kind, Request request) {
        if (kind == Kind.GET_EXTENSION_FUNCTION) {
            return areLargeEnough(request, ExtensionFunctions.SIZEOF_GUID, SIZEOF_POINTER);
        }
        if (kind == Kind.SET_CONNRESET) {
            return areLargeEnough(request, 1, 0);
        }
        if (kind == Kind.COUNT_READABLE) {
            return areLargeEnough(request, 0, SIZEOF_ULONG);
        }
        return isWithin(request.in(), request.inSize());
    }

    /** What is too small is bad memory to WSAIoctl, unless a code's own page says otherwise (UDP-26, UDP-29). */
    private static boolean areLargeEnough(Request request, int leastIn, int leastOut) {
        return request.inSize() >= leastIn
                && isWithin(request.in(), request.inSize())
                && request.outSize() >= leastOut
                && (leastOut == 0 || isWithin(request.out(), request.outSize()))
                && (leastOut == 0 || isWritable(request.out(), request.outSize()));
    }

    private static boolean isWithin(@Nullable ByteBuffer buffer, long size) {
        return size == 0 || (buffer != null && size <= buffer.remaining());
    }

    private static boolean isWritable(@Nullable ByteBuffer buffer, long size) {
        return size == 0 || (buffer != null && !buffer.isReadOnly());
    }

    private static boolean areSizesSound(Kind kind, Request request) {
        return switch (kind) {
            case SET_RECORDS -> request.inSize() > 0 && request.outSize() == 0;
            case SET_BLOCKING_MODE -> request.inSize() >= SIZEOF_ULONG;
            case QUERY_RECORDS,
                    QUERY_CONTEXT,
                    COUNT_READABLE,
                    SET_CONNRESET,
                    GET_EXTENSION_FUNCTION,
                    FLUSH,
                    UNSUPPORTED -> true;
        };
    }

    private Win32Error perform(SocketEntry entry, Kind kind, Request request, OutUlong returned) {
        return switch (kind) {
            case QUERY_RECORDS, QUERY_CONTEXT -> query(entry, kind, request.out(), request.outSize(), returned);
            case SET_RECORDS -> errors.of(set(entry, request));
            case SET_BLOCKING_MODE -> setBlockingMode(entry, request);
            case COUNT_READABLE -> countReadable(entry, request, returned);
            case SET_CONNRESET -> setConnReset(entry, request);
            case GET_EXTENSION_FUNCTION -> getExtensionFunction(request, returned);
            case FLUSH -> flush(entry);
            case UNSUPPORTED -> Win32Error.WSAEOPNOTSUPP;
        };
    }

    private Win32Error query(SocketEntry entry, Kind kind, @Nullable ByteBuffer out, long outSize, OutUlong returned) {
        return toldAs(ask(entry, kind, out, outSize, returned), outSize, returned);
    }

    private ControlStatus ask(SocketEntry entry, Kind kind, @Nullable ByteBuffer out, long outSize, OutUlong returned) {
        RedirectControl.Query what =
                kind == Kind.QUERY_RECORDS ? RedirectControl.Query.RECORDS : RedirectControl.Query.CONTEXT;
        // Only the observed profile lets sizes 1 to 3 come this far; there they are as good as 0 (WSA-57).
        long offered = outSize < SIZEOF_ULONG ? 0 : outSize;
        return stack.control().query(entry.kernel(), process.entry(), what, out, offered, returned);
    }

    private Win32Error toldAs(ControlStatus answer, long outSize, OutUlong returned) {
        if (answer == ControlStatus.TOO_SMALL && outSize != 0 && errors.isLiteral()) {
            returned.set(0);
            return Win32Error.WSAEINVAL;
        }
        return errors.of(answer);
    }

    private ControlStatus set(SocketEntry entry, Request request) {
        ByteBuffer record = Objects.requireNonNull(request.in(), "judged before");
        return stack.control().set(entry.kernel(), process.entry(), record, request.inSize(), false);
    }

    private static Win32Error setBlockingMode(SocketEntry entry, Request request) {
        ByteBuffer in = Objects.requireNonNull(request.in(), "judged before");
        return setBlockingMode(
                entry, in.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt() != 0);
    }

    /** FIONBIO, which cannot take back what WSAEventSelect needs (WSA-67). */
    static Win32Error setBlockingMode(SocketEntry entry, boolean nonBlocking) {
        if (!nonBlocking && entry.hasEventsSelected()) {
            return Win32Error.WSAEINVAL;
        }
        entry.setNonBlocking(nonBlocking);
        return Win32Error.NO_ERROR;
    }

    private static Win32Error countReadable(SocketEntry entry, Request request, OutUlong returned) {
        ByteBuffer out = Objects.requireNonNull(request.out(), "judged before");
        out.duplicate().order(ByteOrder.LITTLE_ENDIAN).putInt(entry.kernel().bytesToRead());
        returned.set(SIZEOF_ULONG);
        return Win32Error.NO_ERROR;
    }

    /** A BOOL, of which published clients give the first byte only (UDP-26). */
    private static Win32Error setConnReset(SocketEntry entry, Request request) {
        ByteBuffer in = Objects.requireNonNull(request.in(), "judged before").duplicate();
        boolean on = false;
        for (long left = Math.min(SIZEOF_BOOL, request.inSize()); left > 0; left--) {
            on |= in.get() != 0;
        }
        return entry.kernel().setTellsUnreachable(on) ? Win32Error.NO_ERROR : Win32Error.WSAEINVAL;
    }

    private static Win32Error getExtensionFunction(Request request, OutUlong returned) {
        ByteBuffer out = Objects.requireNonNull(request.out(), "judged before");
        Wsaid function = ExtensionFunctions.of(Objects.requireNonNull(request.in(), "judged before"))
                .orElse(null);
        if (function == null) {
            return Win32Error.WSAEINVAL;
        }
        out.duplicate().order(ByteOrder.LITTLE_ENDIAN).putLong(ExtensionFunctions.pointerTo(function));
        returned.set(SIZEOF_POINTER);
        return Win32Error.NO_ERROR;
    }
}
