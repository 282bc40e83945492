package io.github.wfpsim.trace;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.ReauthorizeReason;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says one event in words. */
final class EventText {

    private EventText() {}

    static String of(TraceEvent event) {
        if (event instanceof TraceEvent.ProcessStarted e) {
            return "starts as " + e.token() + ": " + e.image();
        }
        if (event instanceof TraceEvent.ProcessEnded) {
            return "ends";
        }
        if (event instanceof TraceEvent.Noted e) {
            return "-- " + e.text();
        }
        if (event instanceof TraceEvent.FaultRaised e) {
            return "!! " + e.fault() + " " + e.rules() + " " + e.detail();
        }
        if (event instanceof TraceEvent.DiagnosticRaised e) {
            return "!  " + e.diagnostic() + " " + e.rules() + " " + e.detail();
        }
        return event instanceof TraceEvent.ClassifyStarted
                        || event instanceof TraceEvent.ClassifyDecided
                        || event instanceof TraceEvent.FilterEvaluated
                        || event instanceof TraceEvent.PolicyConflict
                        || event instanceof TraceEvent.ClassifyPended
                        || event instanceof TraceEvent.ClassifyCompleted
                        || event instanceof TraceEvent.PendRefused
                        || event instanceof TraceEvent.PendEnded
                        || event instanceof TraceEvent.RedirectStateQueried
                        || event instanceof TraceEvent.RedirectApplied
                        || event instanceof TraceEvent.LocalAddressChanged
                        || event instanceof TraceEvent.RedirectDropped
                ? ofEngine(event)
                : ofSocket(event);
    }

    private static String ofEngine(TraceEvent event) {
        if (event instanceof TraceEvent.ClassifyStarted e) {
            return "  " + layer(e.layer()) + " is asked" + again(e.reauthorizeReason()) + ": "
                    + tuple(e.layer(), e.tuple());
        }
        if (event instanceof TraceEvent.ClassifyDecided e) {
            return "  " + layer(e.layer()) + (isBlock(e.action()) ? " BLOCKS" : " permits")
                    + (e.decidedBy() == 0 ? "" : " by filter " + e.decidedBy());
        }
        if (event instanceof TraceEvent.FilterEvaluated e) {
            return "    " + subLayer(e) + "filter " + e.filterId() + " \"" + e.filter() + "\": " + asked(e)
                    + action(e.result()) + (e.hard() ? " (hard)" : "");
        }
        if (event instanceof TraceEvent.PolicyConflict e) {
            return "    policy conflict: filter " + e.filterId() + " \"" + e.filter()
                    + "\" vetoes the hard permit of filter " + e.overruled();
        }
        if (event instanceof TraceEvent.ClassifyPended e) {
            return "    filter " + e.filterId() + " \"" + e.filter() + "\": " + e.callout() + " pends "
                    + layer(e.layer());
        }
        if (event instanceof TraceEvent.ClassifyCompleted e) {
            ActionType action = e.action();
            return "    filter " + e.filterId() + " \"" + e.filter() + "\": " + e.callout() + " completes "
                    + layer(e.layer()) + (action == null ? " and asks for it anew" : " with " + action(action));
        }
        if (event instanceof TraceEvent.PendRefused e) {
            return "    filter " + e.filterId() + " \"" + e.filter() + "\": " + e.callout()
                    + " was refused the pend of " + layer(e.layer()) + ": " + e.why();
        }
        if (event instanceof TraceEvent.PendEnded e) {
            return "    filter " + e.filterId() + " \"" + e.filter() + "\": the engine ends " + e.callout()
                    + "'s pend of " + layer(e.layer()) + " (driver unloaded)";
        }
        if (event instanceof TraceEvent.RedirectStateQueried e) {
            return "    " + e.handleOwner() + " sees " + state(e.state());
        }
        if (event instanceof TraceEvent.RedirectApplied e) {
            return "    " + e.handleOwner() + " redirects " + at(e.from()) + " ==> " + at(e.to()) + " (target PID "
                    + e.targetPid() + ", hop " + e.hop() + ", context " + e.contextSize() + " bytes)";
        }
        if (event instanceof TraceEvent.LocalAddressChanged e) {
            return "    " + e.driver() + " changes the local address " + at(e.from()) + " ==> " + at(e.to());
        }
        return "    redirect dropped: " + ((TraceEvent.RedirectDropped) event).why();
    }

    private static String ofSocket(TraceEvent event) {
        if (event instanceof TraceEvent.SocketOpened) {
            return "opens a socket";
        }
        if (event instanceof TraceEvent.Bound e) {
            return "binds to " + at(e.local());
        }
        if (event instanceof TraceEvent.Listening e) {
            return "listens at " + at(e.local());
        }
        if (event instanceof TraceEvent.Connecting e) {
            return "connects to " + at(e.destination());
        }
        if (event instanceof TraceEvent.Connected e) {
            return "is connected to " + at(e.tuple().remote())
                    + (e.effective().equals(e.tuple().remote()) ? "" : ", in truth to " + at(e.effective()));
        }
        if (event instanceof TraceEvent.ConnectFailed e) {
            return "fails to connect to " + at(e.destination()) + ": " + e.status();
        }
        if (event instanceof TraceEvent.FlowCut e) {
            return "is cut: " + layer(e.layer()) + " blocks it after a change of policy";
        }
        if (event instanceof TraceEvent.Accepted e) {
            String arrived = e.arrivedAs() == e.subject().endpoint() ? "" : ", arrived as #" + e.arrivedAs();
            return "accepts from " + at(e.tuple().remote()) + " at listener #" + e.listener() + arrived;
        }
        return event instanceof TraceEvent.FlowStarting
                        || event instanceof TraceEvent.FlowStarted
                        || event instanceof TraceEvent.SendFailed
                        || event instanceof TraceEvent.FlowArrived
                        || event instanceof TraceEvent.DatagramDropped
                ? ofDatagrams(event)
                : ofControl(event);
    }

    private static String ofDatagrams(TraceEvent event) {
        if (event instanceof TraceEvent.FlowStarting e) {
            return "sends to " + at(e.destination()) + ", a new flow";
        }
        if (event instanceof TraceEvent.FlowStarted e) {
            return "its datagrams go to " + at(e.tuple().remote())
                    + (e.effective().equals(e.tuple().remote()) ? "" : ", in truth to " + at(e.effective()));
        }
        if (event instanceof TraceEvent.SendFailed e) {
            return "fails to send to " + at(e.destination()) + ": " + e.status();
        }
        if (event instanceof TraceEvent.DatagramDropped e) {
            Layer layer = e.layer();
            return "datagram of " + e.bytes() + " bytes is dropped, " + at(e.source()) + " -> " + at(e.destination())
                    + ": " + e.reason().text() + (layer == null ? "" : ", at " + layer(layer));
        }
        return "gets datagrams from "
                + at(((TraceEvent.FlowArrived) event).tuple().remote()) + ", a new flow";
    }

    private static String ofControl(TraceEvent event) {
        if (event instanceof TraceEvent.RecordsQueried e) {
            return "queries redirect records: " + outcome(e.status(), e.bytes());
        }
        if (event instanceof TraceEvent.ContextQueried e) {
            return "queries redirect context: " + outcome(e.status(), e.bytes());
        }
        if (event instanceof TraceEvent.RecordsSet e) {
            return "sets redirect records: " + e.status() + ", " + e.bytes() + " bytes, chain of " + e.chainLength();
        }
        if (event instanceof TraceEvent.RecordsReceived e) {
            return "receives redirect records from " + at(e.source()) + ": " + e.bytes() + " bytes, context "
                    + e.contextBytes() + " bytes";
        }
        if (event instanceof TraceEvent.RecordsSent e) {
            return "sends redirect records to " + at(e.destination()) + ": " + e.status() + ", " + e.bytes()
                    + " bytes, chain of " + e.chainLength();
        }
        if (event instanceof TraceEvent.Shutdown e) {
            return "shuts down " + e.direction();
        }
        if (event instanceof TraceEvent.Closed e) {
            return e.abortive() ? "closes with a reset" : "closes";
        }
        throw new AssertionError("an event without words: " + event);
    }

    /** The answer of a layer that had nobody to ask, in one line with the question. */
    static String answered(TraceEvent.ClassifyDecided event) {
        return of(event) + " " + tuple(event.layer(), event.tuple());
    }

    /** The universal sub-layer, the lightest, goes without saying. */
    private static String subLayer(TraceEvent.FilterEvaluated event) {
        return event.subLayerWeight() == 0
                ? ""
                : "sub-layer \"" + event.subLayer() + "\" (" + event.subLayerWeight() + "), ";
    }

    private static String again(int reasons) {
        if (reasons == 0) {
            return "";
        }
        return Stream.of(ReauthorizeReason.values())
                .filter(reason -> (reasons & reason.code()) != 0)
                .map(reason -> reason.name()
                        .replace("FWP_CONDITION_REAUTHORIZE_REASON_", "")
                        .replace('_', ' ')
                        .toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ", " again (", ")"));
    }

    private static String asked(TraceEvent.FilterEvaluated event) {
        if (event.unregistered() != null) {
            return "callout {" + event.unregistered() + "} is not registered, ";
        }
        return event.callout() == null ? "" : event.callout() + " answers ";
    }

    private static String outcome(NtStatus status, long bytes) {
        return status + (status == NtStatus.STATUS_BUFFER_TOO_SMALL ? ", needs " : ", ") + bytes + " bytes";
    }

    private static String tuple(Layer layer, FiveTuple tuple) {
        if (tuple.remote().getPort() == 0) {
            return at(tuple.local());
        }
        boolean inbound =
                layer == Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 || layer == Layer.FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V6;
        return at(tuple.local()) + (inbound ? " <- " : " -> ") + at(tuple.remote());
    }

    private static String at(InetSocketAddress address) {
        boolean unset = address.getPort() == 0 && address.getAddress().isAnyLocalAddress();
        return unset ? "any" : IpAddress.text(address);
    }

    static String layer(Layer layer) {
        return layer.name().replace("FWPS_LAYER_ALE_", "");
    }

    static String state(RedirectState state) {
        return state.name().replace("FWPS_CONNECTION_", "");
    }

    private static String action(ActionType action) {
        return action.name().replace("FWP_ACTION_", "");
    }

    private static boolean isBlock(ActionType action) {
        return action == ActionType.FWP_ACTION_BLOCK;
    }

    /** Whose line of their own it is; the test's own has no process. */
    static String author(TraceEvent.Noted note) {
        return note.process() == null ? "test" : oneLine(note.process()) + "(" + note.pid() + ")";
    }

    /** Control characters and line separators would tear a line apart. */
    static String oneLine(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(isBreak(c) ? '?' : c));
        return clean.toString();
    }

    private static boolean isBreak(int character) {
        return Character.isISOControl(character)
                || Character.getType(character) == Character.LINE_SEPARATOR
                || Character.getType(character) == Character.PARAGRAPH_SEPARATOR;
    }
}
