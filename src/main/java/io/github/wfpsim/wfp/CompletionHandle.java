package io.github.wfpsim.wfp;

/**
 * What the metadata of the authorization layers and of RESOURCE_ASSIGNMENT supply for FwpsPendOperation0. Of use inside
 * classifyFn only. Opaque.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; FwpsPendOperation0. Requirement: WFP-73.
 */
public interface CompletionHandle {}
