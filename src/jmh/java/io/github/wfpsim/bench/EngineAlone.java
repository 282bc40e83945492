package io.github.wfpsim.bench;

import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.chain.RedirectContexts;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.engine.FilterEngine;
import io.github.wfpsim.engine.FixedValues;
import io.github.wfpsim.engine.NetView;
import io.github.wfpsim.engine.Question;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.HandleSource;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.TraceRecorder;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.wfp.Fwpm;
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
        engine = new FilterEngine(new FilterEngine.Machine(
                options,
                processes,
                new HandleSource(),
                NetView.LOOPBACK_ONLY,
                new RedirectRecordCodec(options.minimumRecordSize()),
                new RedirectContexts(),
                trace,
                verifier,
                new ThreadIrql(verifier),
                clock,
                new Waits()));
        fwpm = engine.management();
        app = processes.start("C:\\browser.exe", Token.STANDARD_USER, null);
    }

    Question question(Layer layer, InetSocketAddress remote) {
        FixedValues values = new FixedValues(
                layer, app, IpProtocol.IPPROTO_TCP, SOURCE, remote, 0, 0, app.appId(), NetView.LOOPBACK_ONLY, 1);
        return new Question(values, new Subject(1, 1, app.id(), "browser.exe"), 1, 1, 0, null, null);
    }
}
