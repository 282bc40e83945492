package io.github.wfpsim.engine;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Fault;
import java.net.InetSocketAddress;

/** What an applied bind request means: the edit takes effect, or is dropped with a fault (WFP-52). */
final class BindRedirection {

    private final FilterEngine engine;

    BindRedirection(FilterEngine engine) {
        this.engine = engine;
    }

    void apply(LiveRequest live, BindVersion request, String driver) {
        request.freeze();
        if (!request.isModified()) {
            return;
        }
        InetSocketAddress wanted = request.localAddressAndPort();
        AddressFamily family = live.values().layer().family();
        if (AddressFamily.of(wanted.getAddress()) == family) {
            live.applyBind(request);
            engine.traceLocalAddress(live.question(), driver, request.before(), request);
            return;
        }
        String why = IpAddress.text(wanted) + " is not of the layer's family";
        if (engine.trace().isListening()) {
            engine.trace().emit(new TraceEvent.RedirectDropped(live.question().subject(), why));
        }
        live.fault(Fault.ADDRESS_FAMILY_CHANGED, driver, why);
    }
}
