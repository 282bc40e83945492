package io.github.wfpsim.soak;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.winsock.WinsockException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** What the run has done so far and what was wrong. Safe for use by many threads. */
final class Tally {

    private static final int MOST_COMPLAINTS = 50;

    /** How a connection may end when somebody leaves early. */
    private static final Set<Win32Error> ENDS = Set.of(
            Win32Error.WSAECONNRESET, Win32Error.WSAECONNABORTED, Win32Error.WSAENOTCONN, Win32Error.WSAESHUTDOWN);

    private final LongAdder complete = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final LongAdder inspected = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder pended = new LongAdder();
    private final LongAdder visits = new LongAdder();
    private final LongAdder contexts = new LongAdder();
    private final LongAdder policies = new LongAdder();
    private final LongAdder cancels = new LongAdder();
    private final LongAdder deaths = new LongAdder();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    void complete() {
        complete.increment();
    }

    void cut() {
        cut.increment();
    }

    void inspected() {
        inspected.increment();
    }

    void pended() {
        pended.increment();
    }

    void visited(long tied) {
        visits.increment();
        contexts.add(tied);
    }

    void policyChanged() {
        policies.increment();
    }

    void cancelled() {
        cancels.increment();
    }

    void died() {
        deaths.increment();
    }

    /** What happened beside the exchanges. */
    String troubles() {
        return String.format(
                "%,d pends, %,d visits of a driver with %,d flow contexts, %,d changes of policy, %,d cancelled receives, "
                        + "%,d ended processes",
                pended.sum(), visits.sum(), contexts.sum(), policies.sum(), cancels.sum(), deaths.sum());
    }

    void moved(Payload.Checksum sent, Payload.Checksum got) {
        bytes.add((long) sent.bytes() + got.bytes());
    }

    void complain(String what) {
        if (complaints.size() < MOST_COMPLAINTS) {
            complaints.add(what);
        }
    }

    /** Judges one party's view of an exchange: all bytes if it was to be complete, else the first ones. */
    void judge(String party, Plan plan, Payload meant, int whole, Payload.Checksum got) {
        if (!meant.isPrefix(got)) {
            complain(party + " of " + plan + " got " + got.bytes() + " other bytes than were sent");
        } else if (plan.isComplete() && got.bytes() != whole) {
            complain(party + " of " + plan + " got " + got.bytes() + " of " + whole + " bytes");
        }
    }

    /** Judges a failure: nobody may see one in a complete exchange, and otherwise only the end of the connection. */
    void failed(String party, Plan plan, IOException failure) {
        boolean end = failure instanceof WinsockException socket
                && (ENDS.contains(socket.error())
                        || (plan.route() == Plan.Route.POLICY && socket.error() == Win32Error.WSAEACCES)
                        || (plan.ending() == Plan.Ending.APPLICATION_DIES && socket.error() == Win32Error.WSAENOTSOCK));
        if (!end || plan.isComplete()) {
            complain(party + " of " + plan + ": " + failure.getMessage());
        }
    }

    long connections() {
        return complete.sum() + cut.sum();
    }

    long completed() {
        return complete.sum();
    }

    long inspections() {
        return inspected.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    List<String> complaints() {
        return complaints;
    }
}
