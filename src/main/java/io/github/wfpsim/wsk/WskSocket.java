package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.irp.Irp;
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
public interface WskSocket {

    /**
     * Controls the socket, WskControlSocket. <b>Simulated</b> for the three redirect codes, for the fixed peer of a datagram
     * socket (WSKS-30), and for the options of {@link WskFlags} and {@link io.github.wfpsim.cmsg.AncillaryType}. For
     * PASSIVE_LEVEL for the redirect codes. An option is a ULONG, little-endian; a peer is a SOCKADDR, see {@link
     * io.github.wfpsim.net.Sockaddr#bytesOf}, and null and size 0 to have none.
     *
     * <p>Buffers that are pool blocks are watched until the IRP completes: freeing one earlier is fault {@code
     * BUFFER_FREED_WHILE_PENDING}. Outputs change when the IRP completes, not before (WSK-21).
     *
     * @param requestType WskIoctl for codes; WskSetOption, WskGetOption for options
     * @param controlCode see {@link io.github.wfpsim.abi.ControlCode#code()}; the option's number
     * @param level the option's level; not looked at for ioctls (WSK-03)
     * @param inputSize bytes of the input buffer, a SIZE_T
     * @param inputBuffer the record to set; null for queries
     * @param outputSize bytes of the output buffer, a SIZE_T; 0 asks for the size
     * @param outputBuffer receives what is queried, writable; null if outputSize is 0
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
    NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            long inputSize,
            @Nullable WskControlBuffer inputBuffer,
            long outputSize,
            @Nullable WskControlBuffer outputBuffer,
            @Nullable OutUlong outputSizeReturned,
            @Nullable Irp irp);

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
    NtStatus wskControlSocket(
            WskControlRequestType requestType,
            int controlCode,
            int level,
            WskEventCallbackControl inputBuffer,
            @Nullable Irp irp);

    /**
     * Closes the socket, WskCloseSocket: cancels what is pending on it, waits for running callbacks, and resets a
     * connection that was not fully disconnected. <b>Simulated.</b> Indications that are kept are fault {@code
     * INDICATION_LEAK}. Cancelling the request does not keep the socket open.
     *
     * @param irp tells the end, after everything that was pending and running
     * @return STATUS_PENDING or STATUS_SUCCESS, as the class says
     */
    NtStatus wskCloseSocket(@Nullable Irp irp);

    /** {@return the category and the number that the story and faults name it by} */
    @Override
    String toString();
}
