package io.github.wfpsim.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Each target under a fuzzer that looks for inputs which reach new code; one of them for each run. What it finds goes into
 * {@code src/test/resources/fuzz}, from where {@code FuzzRegressionTest} feeds it again in every build.
 */
class FuzzTargets {

    private static final String LONGEST = "10m";

    @FuzzTest(maxDuration = LONGEST)
    void controlMessages(byte[] bytes) throws Exception {
        FuzzTarget.CONTROL_MESSAGES.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void contexts(byte[] bytes) throws Exception {
        FuzzTarget.CONTEXTS.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void winsockIoctls(byte[] bytes) throws Exception {
        FuzzTarget.WINSOCK_IOCTLS.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void wskIoctls(byte[] bytes) throws Exception {
        FuzzTarget.WSK_IOCTLS.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void send(byte[] bytes) throws Exception {
        FuzzTarget.SEND.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void receive(byte[] bytes) throws Exception {
        FuzzTarget.RECEIVE.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void acceptEx(byte[] bytes) throws Exception {
        FuzzTarget.ACCEPT_EX.feed(new FuzzInput(bytes));
    }

    @FuzzTest(maxDuration = LONGEST)
    void records(byte[] bytes) throws Exception {
        FuzzTarget.RECORDS.feed(new FuzzInput(bytes));
    }
}
