package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ActionType;

/**
 * The filter as a callout sees it, FWPS_FILTER1. Immutable.
 *
 * <p>Source: FWPS_FILTER1. Requirement: WFP-30.
 *
 * @param filterId run-time id, unique on the machine
 * @param name for reports
 * @param action the filter's action type
 */
public record FwpsFilter(long filterId, String name, ActionType action) {}
