package io.github.wfpsim.model;

/**
 * One end of a connection's bytes, as TCP has them: each direction holds what was sent and not read, may be ended by its
 * sender, and a reset ends both at once for both.
 */
final class ModelStream {

    private ModelStream peer;
    private String unread = "";
    private boolean outputEnded;
    private boolean inputEnded;
    private boolean resetHere;
    private boolean resetThere;

    private ModelStream() {}

    /** One end of a new connection; {@link #peer()} is the other. */
    static ModelStream connected() {
        ModelStream one = new ModelStream();
        one.peer = new ModelStream();
        one.peer.peer = one;
        return one;
    }

    ModelStream peer() {
        return peer;
    }

    boolean hasUnread() {
        return !unread.isEmpty();
    }

    boolean isReset() {
        return resetHere || resetThere;
    }

    /** The count, an error, or null if it would wait. */
    String send(int count, boolean nonBlocking) {
        if (resetThere) {
            return "WSAECONNRESET";
        }
        if (resetHere) {
            return "WSAECONNABORTED";
        }
        if (outputEnded) {
            return "WSAESHUTDOWN";
        }
        if (count == 0) {
            return "0";
        }
        if (peer.inputEnded) {
            // TCP takes them, and the peer answers with a reset.
            peer.reset();
            return Integer.toString(count);
        }
        int free = Redirects.WINDOW - peer.unread.length();
        if (!nonBlocking && count > free) {
            return null;
        }
        int sent = Math.min(free, count);
        peer.unread += "x".repeat(sent);
        return sent == 0 ? "WSAEWOULDBLOCK" : Integer.toString(sent);
    }

    /** Count and bytes, an error, or null if it would wait. */
    String receive(int room, boolean nonBlocking) {
        if (resetThere) {
            return "WSAECONNRESET";
        }
        if (resetHere) {
            return "WSAECONNABORTED";
        }
        if (inputEnded) {
            return "WSAESHUTDOWN";
        }
        if (room == 0) {
            return "0 ";
        }
        if (unread.isEmpty()) {
            if (peer.outputEnded) {
                return "0 ";
            }
            return nonBlocking ? "WSAEWOULDBLOCK" : null;
        }
        String taken = unread.substring(0, Math.min(room, unread.length()));
        unread = unread.substring(taken.length());
        return taken.length() + " " + taken;
    }

    void endOutput() {
        outputEnded = true;
    }

    void endInput() {
        if (!unread.isEmpty()) {
            reset();
        }
        inputEnded = true;
    }

    void reset() {
        if (!isReset()) {
            resetHere = true;
            peer.resetThere = true;
        }
        unread = "";
        peer.unread = "";
    }
}
