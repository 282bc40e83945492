package io.github.wfpsim.engine;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.kernel.NonPagedBlock;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.TraceEvent;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What an applied connect request means: checks the edit, takes the context over, adds a record to the chain. */
final class ConnectRedirection {

    private final FilterEngine engine;

    ConnectRedirection(FilterEngine engine) {
        this.engine = engine;
    }

    void apply(LiveRequest live, ConnectVersion request, String driver) {
        request.freeze();
        CapturedContext context = takeContext(live, request, driver);
        RedirectRecord record = null;
        if (isAcceptable(live, request, driver)) {
            record = recordFor(live, request);
            boolean local = engine.isLocal(request.remoteAddressAndPort().getAddress());
            adopt(live, request, record, local, driver, context);
        }
        if (record == null && context != null) {
            context.free();
        }
    }

    /** Passes ownership with the apply call, whatever becomes of the redirect (REC-28, REC-30, REC-33). */
    private static @Nullable CapturedContext takeContext(LiveRequest live, ConnectVersion request, String driver) {
        PoolBlock given = request.localRedirectContext();
        long size = request.localRedirectContextSize();
        if (given == null) {
            if (size != 0) {
                live.fault(Fault.BAD_REDIRECT_CONTEXT, driver, "null context with a size of " + size + " bytes");
            }
            return null;
        }
        NonPagedBlock block = NonPagedBlock.of(given);
        if (!block.transferToEngine()) {
            live.fault(Fault.CONTEXT_USED_AFTER_TRANSFER, driver, block + " was handed over again");
            return null;
        }
        boolean tooLarge = Long.compareUnsigned(size, 0xFFFF_FFFFL) <= 0 && size > block.size();
        if (size == 0 || tooLarge) {
            live.fault(Fault.BAD_REDIRECT_CONTEXT, driver, block + " was declared with a size of " + size + " bytes");
            block.freeByEngine();
            return null;
        }
        ByteBuffer memory = block.bytes();
        memory.limit((int) Math.min(memory.remaining(), size & Long.MAX_VALUE));
        return new CapturedContext(memory, size, block, NonPagedBlock::freeByEngine);
    }

    private boolean isAcceptable(LiveRequest live, ConnectVersion request, String driver) {
        if (!request.isModified()) {
            return false;
        }
        InetSocketAddress asked = live.question().values().remote();
        InetSocketAddress remote = request.remoteAddressAndPort();
        if (AddressFamily.of(remote.getAddress()) != AddressFamily.of(asked.getAddress())) {
            drop(live, Fault.ADDRESS_FAMILY_CHANGED, driver, IpAddress.text(remote) + " is not of the layer's family");
            return false;
        }
        correctLocalAddress(live, request, driver);
        InetSocketAddress source = request.localAddressAndPort();
        if (AddressFamily.of(source.getAddress()) != AddressFamily.of(asked.getAddress())) {
            drop(live, Fault.ADDRESS_FAMILY_CHANGED, driver, IpAddress.text(source) + " is not of the layer's family");
            return false;
        }
        String missing = request.isRedirect() && engine.isLocal(remote.getAddress()) ? missingField(request) : null;
        if (missing != null) {
            drop(
                    live,
                    Fault.INCOMPLETE_LOCAL_REDIRECT,
                    driver,
                    "redirect to " + IpAddress.text(remote) + " without " + missing);
            if (!engine.options().has(Deviation.INCOMPLETE_LOCAL_REDIRECT_DISCARDED)) {
                live.refuse();
            }
            return false;
        }
        return true;
    }

    private void drop(LiveRequest live, Fault fault, String driver, String why) {
        if (engine.trace().isListening()) {
            engine.trace().emit(new TraceEvent.RedirectDropped(live.question().subject(), why));
        }
        live.fault(fault, driver, why);
    }

    /** WFP-48: the local address belongs to the bind layer. */
    private void correctLocalAddress(LiveRequest live, ConnectVersion request, String driver) {
        ConnectVersion before = request.before();
        InetSocketAddress wanted = request.localAddressAndPort();
        if (before == null || wanted.equals(before.localAddressAndPort())) {
            return;
        }
        boolean honoured = engine.options().has(Deviation.LOCAL_ADDRESS_AT_CONNECT_APPLIED_TO_TCP)
                && live.question().values().protocol() == IpProtocol.IPPROTO_TCP
                && (wanted.getAddress().isAnyLocalAddress() || engine.isLocal(wanted.getAddress()));
        if (!honoured) {
            request.restoreLocal(before.localAddressAndPort());
            live.fault(
                    Fault.LOCAL_ADDRESS_CHANGED_AT_CONNECT, driver, "local address set to " + IpAddress.text(wanted));
        }
    }

    private @Nullable String missingField(ConnectVersion request) {
        if (request.localRedirectTargetPid() == 0) {
            return "localRedirectTargetPID";
        }
        RedirectHandle handle = request.localRedirectHandle();
        if (handle == null) {
            return engine.options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_8) ? "localRedirectHandle" : null;
        }
        return engine.redirectHandles().containsKey(handle) ? null : "a live localRedirectHandle of this machine";
    }

    private @Nullable RedirectRecord recordFor(LiveRequest live, ConnectVersion request) {
        RedirectHandle handle = request.localRedirectHandle();
        Question.Connect connect = live.question().connect();
        if (handle == null || connect == null) {
            return null;
        }
        FixedValues values = live.question().values();
        return new RedirectRecord(
                engine.nextRecordId(),
                handle.id(),
                handle.providerId(),
                handle.owner(),
                request.localRedirectTargetPid(),
                values.process().id(),
                values.originalAppId(),
                values.remote(),
                request.remoteAddressAndPort(),
                connect.lineage(),
                connect.hopDepth(),
                engine.isLocal(request.remoteAddressAndPort().getAddress()));
    }

    private void adopt(
            LiveRequest live,
            ConnectVersion request,
            @Nullable RedirectRecord record,
            boolean local,
            String driver,
            @Nullable CapturedContext context) {
        RedirectRecord before = live.ownNewest();
        boolean replaces = before != null && record != null && before.handleId() == record.handleId();
        if (request.isRedirect()) {
            remark(live, request, before, replaces, local, driver);
        }
        if (record != null && context != null) {
            engine.contexts().put(record.id(), context);
        }
        if (!live.applyConnect(request, driver, record, local, replaces) && record != null) {
            // The connection was given up meanwhile, so that no flow will ever free the context (WFP-66).
            engine.contexts().free(record.id());
            return;
        }
        engine.traceLocalAddress(live.question(), driver, request.before(), request);
        if (request.isRedirect() && engine.trace().isListening()) {
            engine.trace()
                    .emit(new TraceEvent.RedirectApplied(
                            live.question().subject(),
                            driver,
                            live.question().values().remote(),
                            request.remoteAddressAndPort(),
                            request.localRedirectTargetPid(),
                            record == null ? 0 : record.hopDepth(),
                            request.localRedirectContextSize()));
        }
    }

    /** Faults and diagnostics of redirects that take effect all the same. */
    private void remark(
            LiveRequest live,
            ConnectVersion request,
            @Nullable RedirectRecord before,
            boolean replaces,
            boolean local,
            String driver) {
        RedirectHandle handle = request.localRedirectHandle();
        if (handle != null && !replaces) {
            RedirectState state = live.chain().stateFor(handle);
            if (state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_SELF
                    || state == RedirectState.FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF) {
                live.fault(
                        Fault.REDIRECT_NOT_PERMITTED_IN_STATE,
                        driver,
                        "redirect to " + IpAddress.text(request.remoteAddressAndPort()) + " in state " + state
                                + " of handle #" + handle.id());
            } else if (local && state == RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER) {
                remarkOnOtherHandle(live, handle, request.localRedirectTargetPid(), driver);
            }
        }
        if (before != null && before.local() && !replaces) {
            diagnose(
                    live,
                    Diagnostic.REDIRECT_OVERRIDDEN,
                    driver,
                    "the redirect to " + IpAddress.text(before.redirectedTo()) + " for PID " + before.targetPid()
                            + " loses to " + IpAddress.text(request.remoteAddressAndPort()));
        }
        if (local) {
            remarkOnTarget(live, request.localRedirectTargetPid(), driver);
        }
    }

    /** A driver with several handles does not know its own redirects again (REC-25). */
    private void remarkOnOtherHandle(LiveRequest live, RedirectHandle handle, int targetPid, String driver) {
        Question.Connect connect = live.question().connect();
        RedirectChain inherited = connect == null ? RedirectChain.empty() : connect.inherited();
        for (RedirectRecord before : inherited.records()) {
            if (before.local()
                    && before.targetPid() == targetPid
                    && before.driver().equals(handle.owner())) {
                boolean isLive = engine.isLiveRedirectHandle(before.handleId());
                diagnose(
                        live,
                        Diagnostic.OWN_REDIRECT_NOT_RECOGNIZED,
                        driver,
                        "redirected this for PID " + targetPid + " before, by handle #" + before.handleId()
                                + (isLive ? "" : ", which is destroyed")
                                + "; handle #" + handle.id() + " takes that for another driver's redirect");
                return;
            }
        }
    }

    private void remarkOnTarget(LiveRequest live, int targetPid, String driver) {
        if (engine.processes().find(targetPid).isEmpty()) {
            diagnose(
                    live,
                    Diagnostic.UNKNOWN_REDIRECT_TARGET,
                    driver,
                    "localRedirectTargetPID " + targetPid + " names no live process");
        }
        ProcessEntry origin = live.question().values().process();
        Question.Connect connect = live.question().connect();
        if (targetPid == origin.id() && connect != null && connect.inherited().isEmpty()) {
            diagnose(
                    live,
                    Diagnostic.PROXY_REDIRECTED_TO_ITSELF,
                    driver,
                    origin + " gets its own connection to "
                            + IpAddress.text(live.question().values().remote())
                            + " back: it has to set the records of the accepted connection on socket #"
                            + live.question().subject().endpoint() + " before connect");
        }
    }

    private void diagnose(LiveRequest live, Diagnostic diagnostic, String driver, String detail) {
        engine.verifier().diagnose(live.question().subject(), diagnostic, driver, detail);
    }
}
