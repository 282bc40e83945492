package io.github.wfpsim.wfp;

/**
 * A subscription to changes, the handle that FwpmFilterSubscribeChanges0 and its kin give. It ends with its session. Opaque.
 *
 * <p>Safe for use by many threads.
 *
 * <p>Source: FwpmFilterSubscribeChanges0. Requirement: WFP-142.
 */
public interface FwpmChangeHandle {}
