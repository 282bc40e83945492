package io.github.wfpsim.redirect;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.UUID;

/**
 * One redirect in a chain. Immutable.
 *
 * @param id unique on the machine
 * @param handleId the redirect handle that it was made with
 * @param providerId GUID of the handle's provider
 * @param driver name of the driver that created the handle
 * @param targetPid the process that it named
 * @param originPid the process whose connection was redirected
 * @param originalAppId application before the first redirect, lower-case path
 * @param originalDestination where the connection was headed
 * @param redirectedTo where it was sent
 * @param lineage what ties connections together
 * @param hopDepth how many redirects deep this one is
 * @param local whether it was sent to this machine
 */
public record RedirectRecord(
        long id,
        long handleId,
        UUID providerId,
        String driver,
        int targetPid,
        int originPid,
        String originalAppId,
        InetSocketAddress originalDestination,
        InetSocketAddress redirectedTo,
        long lineage,
        int hopDepth,
        boolean local) {

    /**
     * Checks the values.
     *
     * @param id unique on the machine
     * @param handleId the redirect handle that it was made with
     * @param providerId GUID of the handle's provider
     * @param driver name of the driver that created the handle
     * @param targetPid the process that it named
     * @param originPid the process whose connection was redirected
     * @param originalAppId application before the first redirect
     * @param originalDestination where the connection was headed
     * @param redirectedTo where it was sent
     * @param lineage what ties connections together
     * @param hopDepth how many redirects deep this one is
     * @param local whether it was sent to this machine
     */
    public RedirectRecord {
        Objects.requireNonNull(providerId, "providerId must not be null");
        Objects.requireNonNull(driver, "driver must not be null");
        Objects.requireNonNull(originalAppId, "originalAppId must not be null");
        Objects.requireNonNull(originalDestination, "originalDestination must not be null");
        Objects.requireNonNull(redirectedTo, "redirectedTo must not be null");
    }
}
