package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ChangeType;

/**
 * What has happened to one object of management.
 *
 * @param type what
 * @param object a provider, sub-layer, callout, provider context or {@link InstalledFilter}
 */
record PolicyChange(ChangeType type, Object object) {}
