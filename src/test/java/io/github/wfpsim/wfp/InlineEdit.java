package io.github.wfpsim.wfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import java.util.Objects;
import java.util.function.Consumer;

/** Acquire, edit, apply, permit, release: what a classifyFn does that redirects inline, with an edit of the test's own. */
public final class InlineEdit {

    private InlineEdit() {}

    public static void connect(
            Fwps fwps, ClassifyContext context, FwpsFilter filter, ClassifyOut out, Consumer<ConnectRequest> edit) {
        apply(fwps, context, filter, out, data -> edit.accept((ConnectRequest) data));
    }

    public static void bind(
            Fwps fwps, ClassifyContext context, FwpsFilter filter, ClassifyOut out, Consumer<BindRequest> edit) {
        apply(fwps, context, filter, out, data -> edit.accept((BindRequest) data));
    }

    private static void apply(
            Fwps fwps, ClassifyContext context, FwpsFilter filter, ClassifyOut out, Consumer<Object> edit) {
        Out<ClassifyHandle> handle = Out.empty();
        assertThat(fwps.fwpsAcquireClassifyHandle0(context, 0, handle)).isEqualTo(NtStatus.STATUS_SUCCESS);
        ClassifyHandle acquired = Objects.requireNonNull(handle.get());
        Out<Object> writable = Out.empty();
        assertThat(fwps.fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, writable, out))
                .isEqualTo(NtStatus.STATUS_SUCCESS);
        Object data = Objects.requireNonNull(writable.get());
        edit.accept(data);
        try {
            fwps.fwpsApplyModifiedLayerData0(acquired, data, 0);
        } finally {
            out.setActionType(ActionType.FWP_ACTION_PERMIT);
            fwps.fwpsReleaseClassifyHandle0(acquired);
        }
    }
}
