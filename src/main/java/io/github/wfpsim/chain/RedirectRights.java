package io.github.wfpsim.chain;

import io.github.wfpsim.host.Deviation;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.redirect.RedirectRecord;
import java.util.Objects;

/** Who may read and set records. Pure rules (REC-35 to REC-37). */
public final class RedirectRights {

    private RedirectRights() {}

    /**
     * Tells whether a process may query a connection's records and context.
     *
     * @param options the machine's options
     * @param callerPid the process that asks, or that a kernel socket acts for
     * @param targetPid the process that the connection's newest redirect names
     * @return true for the process that the redirect named, or for any under the deviation QUERY_ACCESS_ANY_LOCAL_PROCESS
     */
    public static boolean mayQuery(SimOptions options, int callerPid, int targetPid) {
        Objects.requireNonNull(options, "options must not be null");
        return options.has(Deviation.QUERY_ACCESS_ANY_LOCAL_PROCESS) || targetPid == callerPid;
    }

    /**
     * Tells whether a token suffices to set records.
     *
     * @param token the rights of the user-mode process that asks
     * @return true for an elevated administrator and SYSTEM
     */
    public static boolean maySet(Token token) {
        return Objects.requireNonNull(token, "token must not be null").isElevated();
    }

    /**
     * Tells whether an intact record was issued for a process.
     *
     * @param chain what the record says
     * @param callerPid the process that sets it
     * @return true if the newest redirect named that process
     */
    public static boolean isAddressedTo(RedirectChain chain, int callerPid) {
        RedirectRecord newest =
                Objects.requireNonNull(chain, "chain must not be null").newest();
        return newest != null && newest.targetPid() == callerPid;
    }
}
