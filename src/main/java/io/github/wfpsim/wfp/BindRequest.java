package io.github.wfpsim.wfp;

import org.jspecify.annotations.Nullable;

/**
 * The writable layer data of BIND_REDIRECT, FWPS_BIND_REQUEST0. Mutable from acquire to apply, then frozen; used by one
 * thread at a time.
 *
 * <p>Source: FWPS_BIND_REQUEST0; Using Bind or Connect Redirection. Requirements: WFP-44, WFP-47, WFP-55.
 */
public interface BindRequest extends WritableLayerData {

    @Override
    @Nullable
    BindRequest previousVersion();
}
