package io.github.wfpsim;

import io.github.wfpsim.host.Token;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.sockets.ProcessWinsock;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmSession;
import io.github.wfpsim.winsock.Winsock;

/**
 * A simulated process with its own Winsock. Closing it ends the process and everything that it holds.
 *
 * <p>Safe for use by many threads.
 */
public final class AppProcess implements AutoCloseable {

    private final WfpSim machine;
    private final ProcessEntry process;
    private final Winsock winsock;

    AppProcess(WfpSim machine, ProcessEntry process) {
        this.machine = machine;
        this.process = process;
        this.winsock = new ProcessWinsock(machine.stack(), process);
    }

    /**
     * Hands out the process' user-mode sockets.
     *
     * @return its Winsock
     */
    public Winsock winsock() {
        return winsock;
    }

    /**
     * Opens a session with the filter engine, which ends with the process.
     *
     * @param description what kind
     * @return the session; closing it ends it before
     */
    public Fwpm openEngine(FwpmSession description) {
        return machine.openEngine(process, description);
    }

    /**
     * Tells the process id.
     *
     * @return the PID, as localRedirectTargetPID takes it
     */
    public int id() {
        return process.id();
    }

    /**
     * Hands out what the host knows about the process.
     *
     * @return image, token, package
     */
    public ProcessEntry info() {
        return process;
    }

    /**
     * Changes the rights that the process runs with.
     *
     * @param token the new token
     */
    public void setToken(Token token) {
        process.setToken(token);
    }

    /** Ends the process: its connections are aborted. A second call does nothing. */
    @Override
    public void close() {
        machine.end(process);
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
