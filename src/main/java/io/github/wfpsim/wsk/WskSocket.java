package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.stack.KernelSocket;
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
 * IRP-03, IRP-04, IRP-16 and WSK-07.
 *
 * <p>Source: WSK_SOCKET; WSK_PROVIDER_BASIC_DISPATCH (WDK). Requirements: WSKS-05, WSKS-11.
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
     * Controls the socket, WskControlSocket. <b>Simulated</b> for the three redirect codes. For PASSIVE_LEVEL for these.
     *
     * <p>Buffers that are pool blocks are watched until the IRP completes: freeing one earlier is fault {@code
     * BUFFER_FREED_WHILE_PENDING}. Outputs change when the IRP completes, not before (WSK-21).
     *
     * @param requestType WskIoctl for the redirect codes
     * @param controlCode see {@link io.github.wfpsim.abi.ControlCode#code()}
     * @param level not looked at for ioctls (WSK-03)
     * @param inputSize bytes of the input buffer, a SIZE_T
     * @param inputBuffer the record to set; null for queries
     * @param outputSize bytes of the output buffer, a SIZE_T; 0 asks for the size
     * @param outputBuffer receives what is queried; null if outputSize is 0
     * @param outputSizeReturned receives the bytes copied, or needed; null if not wanted (WSK-15)
     * @param irp tells the end; Information is the number of bytes copied, or needed
     * @return STATUS_PENDING, or what the IRP was completed with: queries STATUS_SUCCESS, STATUS_NOT_FOUND,
     *     STATUS_ACCESS_DENIED, STATUS_INTEGER_OVERFLOW, STATUS_BUFFER_TOO_SMALL; SET STATUS_SUCCESS,
     *     STATUS_INVALID_DEVICE_STATE, STATUS_INTEGER_OVERFLOW, STATUS_ACCESS_DENIED; all STATUS_INVALID_PARAMETER and
     *     STATUS_INVALID_DEVICE_REQUEST (WSK-09, WSK-10)
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
                irp,
                new ControlRequest(
                        core,
                        requestType,
                        controlCode,
                        inputSize,
                        ControlRequest.Buffer.of(inputBuffer),
                        outputSize,
                        ControlRequest.Buffer.of(outputBuffer),
                        outputSizeReturned));
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
                irp,
                new ControlRequest(
                        core,
                        requestType,
                        controlCode,
                        inputSize,
                        ControlRequest.Buffer.of(inputBuffer),
                        outputSize,
                        ControlRequest.Buffer.of(outputBuffer),
                        outputSizeReturned));
    }

    private NtStatus control(@Nullable Irp irp, ControlRequest control) {
        return core.callAtPassiveLevel("WskControlSocket", irp, control::start);
    }

    /**
     * Closes the socket, WskCloseSocket: cancels what is pending on it and resets a connection that was not fully
     * disconnected. <b>Simulated.</b>
     *
     * @param irp tells the end, after everything that was pending
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
        return getAddress("WskGetLocalAddress", KernelSocket::localAddress, localAddress, irp);
    }

    final NtStatus getRemoteAddress(Out<InetSocketAddress> remoteAddress, @Nullable Irp irp) {
        return getAddress("WskGetRemoteAddress", KernelSocket::remoteAddress, remoteAddress, irp);
    }

    private NtStatus getAddress(
            String function,
            Function<KernelSocket, @Nullable InetSocketAddress> address,
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
