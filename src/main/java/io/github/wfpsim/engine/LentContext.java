package io.github.wfpsim.engine;

import io.github.wfpsim.redirect.RedirectContext;
import java.nio.ByteBuffer;

/** A redirect context that a state query gave to one turn of a callout; WFP owns it (REC-26, WFP-19). */
final class LentContext implements RedirectContext {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final CalloutTurn turn;
    private final RedirectContext context;

    LentContext(CalloutTurn turn, RedirectContext context) {
        this.turn = turn;
        this.context = context;
    }

    @Override
    public ByteBuffer bytes() {
        return isAlive("bytes") ? context.bytes() : NOTHING.duplicate();
    }

    @Override
    public long declaredSize() {
        return isAlive("size") ? context.declaredSize() : 0;
    }

    @Override
    public boolean isOversized() {
        return isAlive("size") && context.isOversized();
    }

    @Override
    public boolean isFreed() {
        return context.isFreed();
    }

    private boolean isAlive(String member) {
        if (turn.isOver()) {
            return turn.refuseStale("redirectContext." + member, "read");
        }
        if (context.isFreed()) {
            return turn.refuseFreed("redirectContext." + member);
        }
        return true;
    }
}
