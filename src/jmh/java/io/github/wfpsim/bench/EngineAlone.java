package io.github.wfpsim.bench;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.wfp.ClassifyInput;
import io.github.wfpsim.wfp.FilterEngine;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetSocketAddress;

/** A filter engine without sockets, to be asked directly. */
final class EngineAlone {

    static final InetSocketAddress DESTINATION = new InetSocketAddress("203.0.113.10", 443);
    private static final InetSocketAddress SOURCE = new InetSocketAddress("198.51.100.1", 50_000);

    final FilterEngine engine;
    final Fwpm fwpm;
    private final ProcessEntry app;

    EngineAlone() {
        SimOptions options = SimOptions.defaults();
        VirtualClock clock = new VirtualClock();
        TraceRecorder trace = new TraceRecorder(clock, options.traceCapacity());
        FaultRecorder verifier = new FaultRecorder(options.faultMode(), trace);
        ProcessTable processes = new ProcessTable();
        HandleSource handles = new HandleSource();
        engine = new FilterEngine(new FilterEngine.Machine(
                options,
                processes,
                handles,
                address -> false,
                new RedirectRecordCodec(options.minimumRecordSize()),
                new RedirectContexts(),
                trace,
                verifier,
                new ThreadIrql(verifier),
                clock));
        fwpm = new Fwpm(engine.policy(), handles, engine.calloutRegistry());
        app = processes.start("C:\\browser.exe", Token.STANDARD_USER, null);
    }

    ClassifyInput question(Layer layer, InetSocketAddress remote) {
        IncomingValues values =
                new IncomingValues(layer, app, IpProtocol.IPPROTO_TCP, SOURCE, remote, 0, 0, app.appId());
        return new ClassifyInput(values, new Subject(1, 1, app.id(), "browser.exe"), 1, 1, 0, null, null);
    }
}
