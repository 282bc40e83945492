package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ChangeType;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.verifier.Diagnostic;
import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.wfp.FwpmChangeCallback;
import io.github.wfpsim.wfp.FwpmChangeHandle;
import io.github.wfpsim.wfp.FwpmSubscription;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A subscription to changes of one kind of objects: what it has to be told, in the order of the commits, and by whom it is told
 * now. Safe for use by many threads, without a lock.
 */
final class ChangeSubscription<T, C> implements FwpmChangeHandle {

    /**
     * What somebody subscribes to.
     *
     * @param selection which objects
     * @param flags FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_* flags
     * @param callback who hears of them
     * @param context what the callback is given
     */
    record Request<T, C>(
            Selection<T> selection,
            int flags,
            FwpmChangeCallback<C> callback,
            @Nullable Object context) {}

    /** A change to tell of, and its place in a chain of changes that callbacks made. */
    private record Notice<C>(C change, int turn) {}

    private final PolicySession session;
    private final ObjectKind<T, ?, C> kind;
    private final Request<T, C> request;
    private final FaultRecorder verifier;
    private final RunningCalls running;
    private final ConcurrentLinkedQueue<Notice<C>> untold = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean telling = new AtomicBoolean();

    ChangeSubscription(
            PolicySession session,
            ObjectKind<T, ?, C> kind,
            Request<T, C> request,
            FaultRecorder verifier,
            Waits waits) {
        this.session = session;
        this.kind = kind;
        this.request = request;
        this.verifier = verifier;
        this.running = new RunningCalls(waits);
    }

    PolicySession session() {
        return session;
    }

    /** Whether it is one of a session, and to changes of such objects. */
    boolean isOf(PolicySession user, ObjectKind<?, ?, ?> objects) {
        return session == user && kind.equals(objects);
    }

    FaultRecorder verifier() {
        return verifier;
    }

    /** Notes a change that was committed, if it is one to tell of; called in the order of the commits. */
    boolean note(PolicyChange change, int turn) {
        Class<T> type = kind.type();
        if (!type.isInstance(change.object())) {
            return false;
        }
        T object = type.cast(change.object());
        boolean wanted = (request.flags() & flagOf(change.type())) != 0
                && request.selection().matches(object);
        if (wanted) {
            untold.add(new Notice<>(kind.changeOf().apply(change.type(), object), turn));
        }
        return wanted;
    }

    private static int flagOf(ChangeType type) {
        return type == ChangeType.FWPM_CHANGE_ADD
                ? FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_ADD
                : FwpmSubscription.FWPM_SUBSCRIPTION_FLAG_NOTIFY_ON_DELETE;
    }

    /** Tells what is noted, unless another thread is at it, which tells that as well. */
    void tell(ChangeNotices notices) {
        while (!untold.isEmpty() && telling.compareAndSet(false, true)) {
            try {
                for (Notice<C> next = untold.poll(); next != null; next = untold.poll()) {
                    if (notices.begin(next.turn())) {
                        tell(next.change());
                    } else {
                        tellOfLoop(next);
                    }
                }
            } finally {
                telling.set(false);
            }
        }
    }

    private void tellOfLoop(Notice<C> dropped) {
        verifier.diagnose(
                null,
                Diagnostic.CHANGE_NOTICES_IN_A_LOOP,
                toString(),
                "is not told of " + dropped.change() + ", made after " + (dropped.turn() - 1)
                        + " changes of which each was made in the callback that heard of the one before");
    }

    // Whatever it throws, an assertion of a test included, must not keep others from hearing.
    @SuppressWarnings("CatchingThrowable")
    private void tell(C change) {
        ChangeCall call = new ChangeCall();
        int place = running.enter(call);
        if (place == RunningCalls.CLOSED) {
            return;
        }
        try {
            request.callback().changed(request.context(), change);
        } catch (OutOfMemoryError | InternalError | UnknownError fatal) {
            throw fatal;
        } catch (Throwable thrown) {
            verifier.fault(null, Fault.CHANGE_CALLBACK_THREW, toString(), "the callback threw " + thrown, thrown);
        } finally {
            call.end();
            running.leave(place);
        }
    }

    /** Has it told of nothing more; a call that runs goes on. */
    void cancel() {
        running.close();
    }

    boolean isToldOnThisThread() {
        return running.isRunningOnThisThread();
    }

    void awaitEnd() {
        running.awaitNone(toString());
    }

    @Override
    public String toString() {
        return "the subscription to changes of " + kind.name();
    }
}
