package io.github.wfpsim.wfp;

/**
 * What the metadata of the authorization layers and of RESOURCE_ASSIGNMENT supply for FwpsPendOperation0. Of use inside
 * classifyFn only.
 *
 * <p>Source: FWPS_INCOMING_METADATA_VALUES0; FwpsPendOperation0. Requirement: WFP-73.
 */
public final class CompletionHandle {

    private final CalloutCall call;

    CompletionHandle(CalloutCall call) {
        this.call = call;
    }

    CalloutCall call() {
        return call;
    }
}
