package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.wsk.WskControlRequestType;
import io.github.wfpsim.wsk.WskEventCallbackControl;
import io.github.wfpsim.wsk.WskEventFlags;
import io.github.wfpsim.wsk.WskFlags;
import org.jspecify.annotations.Nullable;

/** Socket option SO_WSK_EVENT_CALLBACK (WSKS-31 to WSKS-33). */
final class EventOption {

    /** Every event there is. */
    static final int ALL = WskEventFlags.WSK_EVENT_ACCEPT
            | WskEventFlags.WSK_EVENT_RECEIVE
            | WskEventFlags.WSK_EVENT_DISCONNECT
            | WskEventFlags.WSK_EVENT_SEND_BACKLOG
            | WskEventFlags.WSK_EVENT_RECEIVE_FROM;

    /** Those of connections, which a listener hands on to the ones that it accepts. */
    static final int OF_CONNECTIONS =
            WskEventFlags.WSK_EVENT_RECEIVE | WskEventFlags.WSK_EVENT_DISCONNECT | WskEventFlags.WSK_EVENT_SEND_BACKLOG;

    private EventOption() {}

    static boolean isIt(WskControlRequestType type, int option, int level) {
        return type == WskControlRequestType.WskSetOption
                && option == WskFlags.SO_WSK_EVENT_CALLBACK
                && level == WskFlags.SOL_SOCKET;
    }

    static NtStatus set(KernelSocket socket, WskEventCallbackControl control, @Nullable Irp irp) {
        boolean disables = (control.eventMask() & WskEventFlags.WSK_EVENT_DISABLE) != 0;
        int events = control.eventMask() & ~WskEventFlags.WSK_EVENT_DISABLE;
        if (irp == null) {
            NtStatus refused = socket.judgeWithoutIrp("WskControlSocket");
            return refused.isSuccess() ? without(socket, control, disables, events) : refused;
        }
        return socket.call("WskControlSocket", irp, request -> {
            if (!disables || !isOfWsk(control)) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            IrpAnswer answer = new IrpAnswer(request, () -> {});
            NtStatus now = socket.events().disable(events, () -> answer.is(NtStatus.STATUS_SUCCESS));
            return now == NtStatus.STATUS_EVENT_PENDING ? answer.returned() : request.completeNow(now, 0);
        });
    }

    private static NtStatus without(
            KernelSocket socket, WskEventCallbackControl control, boolean disables, int events) {
        if (!isOfWsk(control)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return disables
                ? socket.events().disable(events, () -> {})
                : socket.events().enable(events);
    }

    static boolean isOfWsk(WskEventCallbackControl control) {
        return control.npiId().equals(WskEventCallbackControl.NPI_WSK_INTERFACE_ID);
    }
}
