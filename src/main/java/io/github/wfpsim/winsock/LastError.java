package io.github.wfpsim.winsock;

/**
 * The last error of each thread of one process: failures store a code, successes leave it alone.
 *
 * <p>Requirements: WSA-02, WSA-03.
 */
final class LastError {

    private final ThreadLocal<int[]> code = ThreadLocal.withInitial(() -> new int[1]);

    int get() {
        return code.get()[0];
    }

    void set(int error) {
        code.get()[0] = error;
    }
}
