package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.stack.HostSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kernel socket, WSK_SOCKET: what every category has, WSK_PROVIDER_BASIC_DISPATCH. Safe for use by many threads, up to
 * DISPATCH_LEVEL unless a function says otherwise.
 *
 * <p>Every function takes an IRP and returns STATUS_PENDING, or what it completed the IRP with. Common to all: {@code
 * STATUS_INVALID_PARAMETER} without IRP and after a fault that was not thrown, {@code STATUS_FILE_FORCED_CLOSED} on a
 * connection that was reset, {@code STATUS_INVALID_DEVICE_STATE} with fault {@code SOCKET_USED_AFTER_CLOSE} during and
 * after {@link #wskCloseSocket}, {@code STATUS_CANCELLED} after IoCancelIrp or a close. Faults about the IRP are those of
 * IRP-03, IRP-04, IRP-16 and WSK-07. A call in a completion routine is fault {@code WSK_CALL_IN_COMPLETION_ROUTINE} and goes
 * on if that is not thrown (WSKS-36).
 *
 * <p>Source: WSK_SOCKET; WSK_PROVIDER_BASIC_DISPATCH (WDK). Requirements: WSK-01 to WSK-42, WSKS-05, WSKS-11,
 * WSKS-31 to WSKS-34.
 */
public abstract sealed class WskSocket
        permits WskBasicSocket, WskListenSocket, WskConnectionSocket, WskDatagramSocket, WskStreamSocket {

    private final SocketCore core;

    WskSocket(SocketCore core) {
        this.core = core;
    }

    static WskSocket of(SocketCore core) {
        return switch (core.category()) {
            case BASIC -> new WskBasicSocket(core);
            case LISTEN -> new WskListenSocket(core);
            case CONNECTION -> new WskConnectionSocket(core);
            case DATAGRAM -> new WskDatagramSocket(core);
            case STREAM -> new WskStreamSocket(core);
        };
    }

    final SocketCore core() {
        return core;
    }

    /**
     * Controls the socket, WskControlSocket. <b>Simulated</b> for the three redirect codes, for the fixed peer of a datagram
     * socket (WSKS-30), and for the options of {@link WskFlags} and {@link io.github.wfpsim.cmsg.AncillaryType}. For
     * PASSIVE_LEVEL for the redirect codes. An option is a ULONG, little-endian; a peer is a SOCKADDR, see {@link
     * Sockaddr#bytesOf}, and null and size 0 to have none.
     *
     * <p>Buffers that are pool blocks are watched until the IRP completes: freeing one earlier is fault {@code
     * BUFFER_FREED_WHILE_PENDING}. Outputs change when the IRP completes, not before (WSK-21). A query for the size alone
     * has two null buffers; cast one to {@link PoolBlock}, so that javac knows which of the two methods is meant.
     *
     * @param requestType WskIoctl for codes; WskSetOption, WskGetOption for options
     * @param controlCode see {@link io.github.wfpsim.abi.ControlCode#code()}; the option's number
     * @param level the option's level; not looked at for ioctls (WSK-03)
     * @param inputSize bytes of the input buffer, a SIZE_T
     * @param inputBuffer the record to set; null for queries
     * @param outputSize bytes of the output buffer, a SIZE_T; 0 asks for the size
     * @param outputBuffer receives what is queried; null if outputSize is 0
     * @param outputSizeReturned receives the bytes copied, or needed; null if not wanted (WSK-15), and for SET
     * @param irp tells the end; Information is the number of bytes copied, or needed
     * @return STATUS_PENDING, or what the IRP was completed with: queries STATUS_SUCCESS, STATUS_NOT_FOUND,
     *     STATUS_ACCESS_DENIED, STATUS_INTEGER_OVERFLOW, STATUS_BUFFER_TOO_SMALL; SET STATUS_SUCCESS,
     *     STATUS_INVALID_DEVICE_STATE, STATUS_INTEGER_OVERFLOW, STATUS_ACCESS_DENIED; all STATUS_INVALID_PARAMETER and
     *     STATUS_INVALID_DEVICE_REQUEST (WSK-09, WSK-10); options and peers STATUS_SUCCESS, STATUS_INVALID_PARAMETER,
     *     STATUS_INVALID_DEVICE_STATE if it is too early or too late, options that the socket does not have
     *     STATUS_NOT_SUPPORTED
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}, and those of the class
     */
    public final NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            long inputSize,
            @Nullable PoolBlock inputBuffer,
            long outputSize,
            @Nullable PoolBlock outputBuffer,
            @Nullable OutUlong outputSizeReturned,
            @Nullable Irp irp) {
        Objects.requireNonNull(requestType, "requestType must not be null: give WskIoctl");
        return control(
                new ControlRequest(
                        core,
                        requestType,
                        controlCode,
                        inputSize,
                        ControlRequest.Buffer.of(inputBuffer),
                        outputSize,
                        ControlRequest.Buffer.of(outputBuffer),
                        outputSizeReturned),
                level,
                irp);
    }

    /** The redirect codes are for PASSIVE_LEVEL (WSK-04), options and peers are not. */
    private NtStatus control(ControlRequest control, int level, @Nullable Irp irp) {
        boolean anywhere = OptionRequest.takes(control.type(), control.code())
                || PeerRequest.takes(control.type(), control.code());
        return anywhere
                ? core.call("WskControlSocket", irp, request -> optionOrPeer(control, level, request))
                : core.callAtPassiveLevel("WskControlSocket", irp, control::start);
    }

    private NtStatus optionOrPeer(ControlRequest control, int level, IrpRequest request) {
        ControlRequest.Buffer given = control.in();
        ControlRequest.Buffer taken = control.out();
        ByteBuffer in = given == null ? null : given.lendTo(request);
        ByteBuffer out = taken == null ? null : taken.lendTo(request);
        if ((given != null && in == null) || (taken != null && out == null)) {
            return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
        }
        if (PeerRequest.takes(control.type(), control.code())) {
            boolean hasOutput = control.outSize() != 0 || out != null || control.returned() != null;
            return PeerRequest.start(request, core, control.code(), control.inSize(), in, hasOutput);
        }
        boolean sets = control.type() == WskControlRequestType.WskSetOption;
        return new OptionRequest(
                        core,
                        sets,
                        control.code(),
                        level,
                        control.inSize(),
                        in,
                        control.outSize(),
                        out,
                        control.returned())
                .start(request);
    }

    /**
     * Switches event callbacks, WskControlSocket with WSK_EVENT_CALLBACK_CONTROL as input. <b>Simulated.</b> Up to
     * DISPATCH_LEVEL.
     *
     * @param requestType WskSetOption
     * @param controlCode {@link WskFlags#SO_WSK_EVENT_CALLBACK}
     * @param level {@link WskFlags#SOL_SOCKET}
     * @param inputBuffer which events: several to switch on, one to switch off
     * @param irp null to switch on; to switch off, tells when no such callback runs any more, or null
     * @return STATUS_SUCCESS; STATUS_PENDING with, and STATUS_EVENT_PENDING without an IRP, if a callback runs that is
     *     being switched off; STATUS_INVALID_PARAMETER for other events or callbacks that the socket does not have, several
     *     at once to switch off, an IRP to switch on, another NPI; STATUS_INVALID_DEVICE_STATE before bind or connect;
     *     STATUS_INVALID_DEVICE_REQUEST for static events, and those of connections at a listener, to switch off;
     *     STATUS_NOT_SUPPORTED for other arguments (WSKS-31 to WSKS-34)
     * @throws io.github.wfpsim.verifier.FaultException those of the class
     */
    public final NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            WskEventCallbackControl inputBuffer,
            @Nullable Irp irp) {
        Objects.requireNonNull(requestType, "requestType must not be null: give WskSetOption");
        Objects.requireNonNull(inputBuffer, "inputBuffer must not be null: say which events");
        boolean known = requestType == WskControlRequestType.WskSetOption
                && controlCode == WskFlags.SO_WSK_EVENT_CALLBACK
                && level == WskFlags.SOL_SOCKET;
        if (known) {
            return EventOption.set(core, inputBuffer, irp);
        }
        return irp == null
                ? NtStatus.STATUS_NOT_SUPPORTED
                : core.call("WskControlSocket", irp, request -> request.completeNow(NtStatus.STATUS_NOT_SUPPORTED, 0));
    }

    /**
     * Controls the socket with buffers that are no pool blocks, such as memory of the driver's image. As above.
     *
     * @param requestType WskIoctl for the redirect codes
     * @param controlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param level not looked at for ioctls
     * @param inputSize bytes of the input buffer
     * @param inputBuffer from its position on; null for queries
     * @param outputSize bytes of the output buffer
     * @param outputBuffer from its position on, which does not move; writable; null if outputSize is 0
     * @param outputSizeReturned receives the bytes copied, or needed; null if not wanted
     * @param irp tells the end
     * @return as above
     */
    public final NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            long inputSize,
            @Nullable ByteBuffer inputBuffer,
            long outputSize,
            @Nullable ByteBuffer outputBuffer,
            @Nullable OutUlong outputSizeReturned,
            @Nullable Irp irp) {
        Objects.requireNonNull(requestType, "requestType must not be null: give WskIoctl");
        return control(
                new ControlRequest(
                        core,
                        requestType,
                        controlCode,
                        inputSize,
                        ControlRequest.Buffer.of(inputBuffer),
                        outputSize,
                        ControlRequest.Buffer.of(outputBuffer),
                        outputSizeReturned),
                level,
                irp);
    }

    /**
     * Closes the socket, WskCloseSocket: cancels what is pending on it, waits for running callbacks, and resets a
     * connection that was not fully disconnected. <b>Simulated.</b> Indications that are kept are fault {@code
     * INDICATION_LEAK}. Cancelling the request does not keep the socket open.
     *
     * @param irp tells the end, after everything that was pending and running
     * @return STATUS_PENDING or STATUS_SUCCESS, as the class says
     */
    public final NtStatus wskCloseSocket(@Nullable Irp irp) {
        return core.close(irp);
    }

    // ---- what several categories have

    final NtStatus bind(InetSocketAddress localAddress, int flags, @Nullable Irp irp) {
        Objects.requireNonNull(localAddress, "localAddress must not be null: give an address of the machine");
        return core.call(
                "WskBind",
                irp,
                request -> flags != 0
                        ? request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0)
                        : core.perform(request, core.stack().bind(core.kernel(), localAddress)));
    }

    final NtStatus getLocalAddress(Out<InetSocketAddress> localAddress, @Nullable Irp irp) {
        return getAddress("WskGetLocalAddress", HostSocket::localAddress, localAddress, irp);
    }

    final NtStatus getRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp) {
        return getAddress("WskGetRemoteAddress", HostSocket::remoteAddress, remoteAddress, irp);
    }

    private NtStatus getAddress(
            String function,
            Function<HostSocket, @Nullable InetSocketAddress> address,
            Out<InetSocketAddress> receiver,
            @Nullable Irp irp) {
        Objects.requireNonNull(receiver, "the address must not be null: give an Out for it");
        return core.call(
                function,
                irp,
                request -> core.run(request, () -> {
                    InetSocketAddress known = address.apply(core.kernel());
                    if (known == null) {
                        return new IoStatus(NtStatus.STATUS_INVALID_DEVICE_STATE, 0);
                    }
                    receiver.set(known);
                    return new IoStatus(NtStatus.STATUS_SUCCESS, 0);
                }));
    }

    /** Tells the category and the number, for stories. */
    @Override
    public final String toString() {
        return core.toString();
    }
}
