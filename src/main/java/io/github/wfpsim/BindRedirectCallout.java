package io.github.wfpsim;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.wfp.BindRequest;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyFn1;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.IncomingMetadataValues;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives a socket that is bound to no particular address one of the product's: acquire, edit, apply, release, as Using Bind
 * or Connect Redirection describes it. The port stays.
 */
final class BindRedirectCallout implements ClassifyFn1 {

    private final Fwps fwps;
    private final Map<AddressFamily, InetAddress> locals;

    BindRedirectCallout(Fwps fwps, Map<AddressFamily, InetAddress> locals) {
        this.fwps = fwps;
        this.locals = locals;
    }

    static Map<AddressFamily, InetAddress> addresses(String... texts) {
        Map<AddressFamily, InetAddress> addresses = new EnumMap<>(AddressFamily.class);
        for (String text : texts) {
            InetAddress address = IpAddress.parseHost(text);
            if (addresses.put(AddressFamily.of(address), address) != null) {
                throw new IllegalArgumentException(
                        text + " is a second address of its family: give one for each family at most");
            }
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("there is no address to bind to: give one of the machine");
        }
        return addresses;
    }

    @Override
    public void classify(
            IncomingValues inFixedValues,
            IncomingMetadataValues inMetaValues,
            @Nullable Object layerData,
            ClassifyContext classifyContext,
            FwpsFilter filter,
            long flowContext,
            ClassifyOut classifyOut) {
        if (!classifyOut.canWrite()) {
            return;
        }
        classifyOut.setActionType(ActionType.FWP_ACTION_PERMIT);
        InetAddress asked = inFixedValues.local().getAddress();
        InetAddress own = locals.get(AddressFamily.of(asked));
        Out<ClassifyHandle> handle = Out.empty();
        if (own != null
                && asked.isAnyLocalAddress()
                && fwps.fwpsAcquireClassifyHandle0(classifyContext, 0, handle).isSuccess()) {
            ClassifyHandle acquired = Objects.requireNonNull(handle.get());
            change(acquired, filter, classifyOut, own);
            fwps.fwpsReleaseClassifyHandle0(acquired);
        }
    }

    private void change(ClassifyHandle acquired, FwpsFilter filter, ClassifyOut classifyOut, InetAddress own) {
        Out<Object> layerData = Out.empty();
        fwps.fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, layerData, classifyOut);
        if (layerData.get() instanceof BindRequest request) {
            int port = request.localAddressAndPort().getPort();
            request.setLocalAddressAndPort(new InetSocketAddress(own, port));
            fwps.fwpsApplyModifiedLayerData0(acquired, request, 0);
            classifyOut.setActionType(ActionType.FWP_ACTION_PERMIT);
        }
    }
}
