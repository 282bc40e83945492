package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.Inspection;
import io.github.wfpsim.wsk.WskClientListenDispatch;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskAbortEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectAction;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectEvent;
import io.github.wfpsim.wsk.WskClientListenDispatch.WskInspectId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Conditional accept: has a listener's callback look at connections before they are let in (WSKS-17). */
final class Inspections {

    private final KernelSocket socket;
    private final SocketEvents events;
    private final Map<WskInspectId, Inspection> pending = new ConcurrentHashMap<>();
    private final AtomicInteger serials = new AtomicInteger();

    Inspections(KernelSocket socket, SocketEvents events) {
        this.socket = socket;
        this.events = events;
    }

    private HostStack stack() {
        return socket.stack();
    }

    // ---- switching

    /** Switches it, before the socket is bound; STATUS_INVALID_PARAMETER without WskInspectEvent. */
    NtStatus set(boolean on) {
        if (socket.transport().isBound()) {
            return NtStatus.STATUS_INVALID_DEVICE_STATE;
        }
        if (on && inspectEvent() == null) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (on) {
            events.callbacks().enable(Callbacks.INSPECTION);
            stack().setInspector(socket.transport(), this::begin);
        } else {
            events.callbacks().disable(Callbacks.INSPECTION);
            stack().setInspector(socket.transport(), null);
        }
        return NtStatus.STATUS_SUCCESS;
    }

    boolean isOn() {
        return events.callbacks().isEnabled(Callbacks.INSPECTION);
    }

    private @Nullable WskInspectEvent inspectEvent() {
        WskClientListenDispatch table = events.table().listen();
        return table == null ? null : table.wskInspectEvent();
    }

    // ---- inspecting

    /** A connection asks to be let in: the callback hears of it on the dispatcher. */
    private void begin(Inspection inspection) {
        WskInspectId id = new WskInspectId(socket.handle(), serials.incrementAndGet());
        pending.put(id, inspection);
        inspection.whenAborted(() -> {
            if (pending.remove(id) != null) {
                stack().dispatcher().offer(() -> tellAborted(id));
            }
        });
        if (!stack().dispatcher().offer(() -> ask(id, inspection))) {
            settle(id, false);
        }
    }

    private void ask(WskInspectId id, Inspection inspection) {
        WskInspectEvent event = inspectEvent();
        if (event == null || !pending.containsKey(id)) {
            return;
        }
        Loan loan = new Loan(socket.client());
        WskInspectAction[] answer = {WskInspectAction.WskInspectReject};
        try {
            events.call(
                    Callbacks.INSPECTION,
                    context -> answer[0] = event.inspect(
                            context, loan.address(inspection.local()), loan.address(inspection.remote()), id));
        } finally {
            loan.end();
            if (answer[0] != WskInspectAction.WskInspectPend) {
                settle(id, answer[0] == WskInspectAction.WskInspectAccept);
            }
        }
    }

    private void tellAborted(WskInspectId id) {
        WskClientListenDispatch table = events.table().listen();
        WskAbortEvent event = table == null ? null : table.wskAbortEvent();
        if (event != null) {
            events.call(Callbacks.INSPECTION, context -> event.aborted(context, id));
        }
    }

    /** The listener no longer works. */
    void tellDied() {
        WskInspectEvent event = inspectEvent();
        if (event != null) {
            events.call(Callbacks.INSPECTION, context -> event.inspect(context, null, null, null));
        }
    }

    // ---- settling

    /** Ends an inspection that was pended, WskInspectComplete; STATUS_NOT_FOUND if there is no such one. */
    NtStatus complete(WskInspectId id, boolean accept) {
        return settle(id, accept) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_NOT_FOUND;
    }

    private boolean settle(WskInspectId id, boolean accept) {
        Inspection inspection = pending.remove(id);
        if (inspection != null) {
            inspection.settle(accept);
        }
        return inspection != null;
    }

    /** The listener closes: whoever still waits is refused. */
    void close() {
        stack().setInspector(socket.transport(), null);
        List.copyOf(pending.keySet()).forEach(id -> settle(id, false));
    }
}
