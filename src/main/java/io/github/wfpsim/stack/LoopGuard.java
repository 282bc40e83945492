package io.github.wfpsim.stack;

import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.trace.Subject;
import io.github.wfpsim.verifier.Diagnostic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ends the redirects of a connection that go round for ever, and says why they did (REC-19): the same driver has
 * redirected one lineage to the same process too often.
 */
final class LoopGuard {

    private final HostStack stack;
    private final Endpoint endpoint;

    LoopGuard(HostStack stack, Endpoint endpoint) {
        this.stack = stack;
        this.endpoint = endpoint;
    }

    /** Whether the newest redirect of a trail is one too many; if so, the diagnostic has been raised. */
    boolean stops(Trail trail) {
        if (trail.turns() <= stack.options().loopLimit()) {
            return false;
        }
        Subject subject = endpoint.subject();
        List<Trail.Hop> hops = trail.hops();
        stack.verifier()
                .diagnose(
                        subject,
                        Diagnostic.REDIRECT_LOOP,
                        subject.process() + "(" + subject.pid() + ")",
                        hops.size() + " hops: " + storyOf(hops) + "; " + causeOf(trail, hops));
        return true;
    }

    // ---- why

    private String causeOf(Trail trail, List<Trail.Hop> hops) {
        List<Integer> forgetful = trail.forgetful();
        if (!forgetful.isEmpty()) {
            return forgottenSet(forgetful);
        }
        Trail.Hop newest = trail.newest();
        List<Long> handles = hops.stream()
                .filter(hop -> hop.isLike(newest.driver(), newest.targetPid()))
                .map(Trail.Hop::handleId)
                .distinct()
                .toList();
        return handles.size() == 1 ? ignoredState(newest) : manyHandles(newest.driver(), handles);
    }

    private String forgottenSet(List<Integer> forgetful) {
        boolean here = endpoint.inherited().isEmpty();
        return forgetful.stream().map(this::nameOf).collect(Collectors.joining(" and "))
                + (forgetful.size() == 1 ? " connects" : " connect")
                + " on without the records of the connection that was accepted: call "
                + "SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS on "
                + (here ? "socket #" + endpoint.socketHandle() : "the onward socket") + " before connect";
    }

    private static String ignoredState(Trail.Hop newest) {
        return "the records are set, but the callout with handle #" + newest.handleId()
                + " redirects all the same: permit unchanged in state FWPS_CONNECTION_REDIRECTED_BY_SELF or "
                + "FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF";
    }

    /** No handle sees what another one of the driver redirected (REC-25). */
    private String manyHandles(String driver, List<Long> handles) {
        List<Long> destroyed = handles.stream()
                .filter(handle -> !stack.engine().isLiveRedirectHandle(handle))
                .toList();
        return "the records are set, but " + driver + " redirects with " + handles.size()
                + " redirect handles, none of which sees the redirects of the others as its own"
                + (destroyed.isEmpty() ? "" : "; destroyed meanwhile: " + numbers(destroyed))
                + ": call FwpsRedirectHandleCreate0 once, use the handle for both address families, and destroy it last";
    }

    private static String numbers(List<Long> handles) {
        return handles.stream().map(handle -> "#" + handle).collect(Collectors.joining(", "));
    }

    // ---- what happened

    /** One sentence for each hop; hops that are alike share one. */
    private String storyOf(List<Trail.Hop> hops) {
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

    private String sentence(Trail.Hop hop) {
        return nameOf(hop.originPid()) + " to " + IpAddress.text(hop.from()) + " redirected by " + hop.driver() + " to "
                + IpAddress.text(hop.to()) + " of " + nameOf(hop.targetPid());
    }

    private String nameOf(int pid) {
        return stack.processes().find(pid).map(ProcessEntry::toString).orElse("process(" + pid + ")");
    }
}
