package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.verifier.Fault;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One call of a WSK function that takes an IRP: what all of them judge first, in the order of WSK-10. */
final class WskCall {

    private final WskClient client;
    private final Registration registration;
    private final String function;
    private @Nullable OpenCalls ofSocket;
    private Irql highest = Irql.DISPATCH_LEVEL;

    WskCall(WskClient client, Registration registration, String function) {
        this.client = client;
        this.registration = registration;
        this.function = function;
    }

    /** Lets the close of a socket wait for the call. */
    WskCall on(OpenCalls calls) {
        ofSocket = calls;
        return this;
    }

    /** Lets the function be called at PASSIVE_LEVEL only. */
    WskCall atPassiveLevel() {
        highest = Irql.PASSIVE_LEVEL;
        return this;
    }

    /** Judges a call that needs no IRP: false after a fault. */
    boolean isAllowed() {
        client.requireLoaded(function);
        if (!client.provider().irql().allows(highest, function)) {
            return false;
        }
        judgeThread();
        return true;
    }

    private void judgeThread() {
        if (client.provider().ioManager().isInCompletionRoutine()) {
            // The call goes on: on Windows it may well work, until it does not (WSKS-36).
            client.fault(Fault.WSK_CALL_IN_COMPLETION_ROUTINE, function + " was called from a completion routine");
        }
    }

    /** Claims the IRP and goes on with the request; a fault or a missing IRP starts nothing (WSK-07). */
    NtStatus make(@Nullable Irp irp, Function<IrpRequest, NtStatus> then) {
        client.requireLoaded(function);
        if (!client.provider().irql().allows(highest, function) || irp == null) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        judgeThread();
        IrpRequest request = begin(irp);
        return request == null ? NtStatus.STATUS_INVALID_PARAMETER : answer(request, then);
    }

    /** WskDeregister waits from here on until the IRP has gone up (WSKS-01). */
    private @Nullable IrpRequest begin(Irp irp) {
        OpenCalls socket = ofSocket;
        registration.callBegins();
        if (socket != null) {
            socket.begin();
        }
        Runnable whenUp = socket == null ? registration.whenCallEnds() : socket.whenCallEnds();
        IrpRequest request = null;
        try {
            request = IrpRequest.begin(client.io(), irp, function, whenUp);
        } finally {
            if (request == null) {
                whenUp.run();
            }
        }
        return request;
    }

    /** Whatever is thrown, such as a fault about a buffer, the IRP that was given completes (WSK-41). */
    private static NtStatus answer(IrpRequest request, Function<IrpRequest, NtStatus> then) {
        boolean answered = false;
        try {
            NtStatus status = then.apply(request);
            answered = true;
            return status;
        } finally {
            if (!answered) {
                request.refuseUnlessAnswered(NtStatus.STATUS_INVALID_PARAMETER);
            }
        }
    }
}
