package io.github.wfpsim.scenario;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import java.util.function.Consumer;

/** Acquire, edit, apply, permit, release: the inline redirect with an edit of the test's own. */
final class Redirects {

    private Redirects() {}

    static void apply(
            Vendor vendor, ClassifyContext context, FwpsFilter filter, ClassifyOut out, Consumer<ConnectRequest> edit) {
        Fwps fwps = vendor.driver.fwps();
        Out<ClassifyHandle> handle = Out.empty();
        fwps.fwpsAcquireClassifyHandle0(context, 0, handle);
        Out<Object> data = Out.empty();
        fwps.fwpsAcquireWritableLayerDataPointer0(handle.get(), filter.filterId(), 0, data, out);
        edit.accept((ConnectRequest) data.get());
        try {
            fwps.fwpsApplyModifiedLayerData0(handle.get(), data.get(), 0);
        } finally {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            fwps.fwpsReleaseClassifyHandle0(handle.get());
        }
    }
}
