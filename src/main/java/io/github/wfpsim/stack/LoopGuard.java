package io.github.wfpsim.stack;

import io.github.wfpsim.engine.Verdict;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.verifier.Diagnostic;
import java.util.ArrayList;
import java.util.List;

/** Ends the redirects of a connection that go round for ever, and says why they did (REC-19). */
final class LoopGuard {

    private final HostStack stack;
    private final Endpoint endpoint;

    LoopGuard(HostStack stack, Endpoint endpoint) {
        this.stack = stack;
        this.endpoint = endpoint;
    }

    /** Whether a redirect is one too many; if so, the diagnostic has been raised. */
    boolean stops(Verdict.Redirect redirect, int hopDepth) {
        RedirectRecord newest = redirect.chain().newest();
        if (newest == null || redirect.ownRecords().isEmpty()) {
            return false;
        }
        int limit = stack.options().loopLimit();
        if (endpoint.inherited().isEmpty() && hopDepth > limit) {
            report(stack.table().hopsTo(endpoint.owner()), newest, forgottenSet());
            return true;
        }
        if (redirect.chain().occurrencesOf(newest.handleId()) > limit) {
            report(endpoint.inherited().records(), newest, ignoredState(newest));
            return true;
        }
        return false;
    }

    private String forgottenSet() {
        return endpoint.owner() + " connects on without the records of the connection that it accepted: call "
                + "SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS on socket #" + endpoint.socketHandle() + " before connect";
    }

    private static String ignoredState(RedirectRecord newest) {
        return "the records are set, but the callout with handle #" + newest.handleId()
                + " redirects all the same: permit unchanged in state FWPS_CONNECTION_REDIRECTED_BY_SELF or "
                + "FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF";
    }

    private void report(List<RedirectRecord> before, RedirectRecord newest, String cause) {
        List<RedirectRecord> hops = new ArrayList<>(before);
        hops.add(newest);
        Subject subject = endpoint.subject();
        stack.verifier()
                .diagnose(
                        subject,
                        Diagnostic.REDIRECT_LOOP,
                        subject.process() + "(" + subject.pid() + ")",
                        hops.size() + " hops: " + storyOf(hops) + "; " + cause);
    }

    /** One sentence for each hop; hops that are alike share one. */
    private String storyOf(List<RedirectRecord> hops) {
        List<String> sentences = new ArrayList<>();
        int alike = 1;
        for (int i = 0; i < hops.size(); i++) {
            String sentence = sentence(hops.get(i));
            boolean last = i + 1 == hops.size();
            if (!last && sentence.equals(sentence(hops.get(i + 1)))) {
                alike++;
            } else {
                sentences.add(alike == 1 ? sentence : alike + " times " + sentence);
                alike = 1;
            }
        }
        return String.join("; ", sentences);
    }

    private String sentence(RedirectRecord hop) {
        return nameOf(hop.originPid()) + " to " + IpAddress.text(hop.originalDestination()) + " redirected by handle #"
                + hop.handleId() + " to " + IpAddress.text(hop.redirectedTo()) + " of " + nameOf(hop.targetPid());
    }

    private String nameOf(int pid) {
        return stack.processes().find(pid).map(ProcessEntry::toString).orElse("process(" + pid + ")");
    }
}
