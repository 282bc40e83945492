package io.github.wfpsim.trace;

/**
 * Whose connection an event concerns. Immutable.
 *
 * @param endpoint handle of the endpoint
 * @param lineage equal for all connections that records tie together
 * @param pid process id of the owner
 * @param process file name of the owner's executable
 */
public record Subject(long endpoint, long lineage, int pid, String process) {

    @Override
    public String toString() {
        return process + "(" + pid + ") #" + endpoint;
    }
}
