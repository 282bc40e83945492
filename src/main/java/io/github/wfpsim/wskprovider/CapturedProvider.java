package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.kernel.IrpRequest;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.SocketRequest;
import io.github.wfpsim.wsk.WskClientConnectionDispatch;
import io.github.wfpsim.wsk.WskClientDispatch;
import io.github.wfpsim.wsk.WskEventCallbackControl;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskProviderNpi;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The provider as one registration has captured it: makes its sockets. */
final class CapturedProvider implements WskProviderNpi {

    private final WskClient client;
    private final Registration registration;

    CapturedProvider(WskClient client, Registration registration) {
        this.client = client;
        this.registration = registration;
    }

    @Override
    public NtStatus wskControlClient(int controlCode, WskEventCallbackControl inputBuffer, @Nullable Irp irp) {
        Objects.requireNonNull(inputBuffer, "inputBuffer must not be null: say which events");
        WskCall call = new WskCall(client, registration, "WskControlClient");
        if (irp != null) {
            return call.make(irp, request -> request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0));
        }
        if (!call.isAllowed()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (controlCode != WskFlags.WSK_SET_STATIC_EVENT_CALLBACKS) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        int events = inputBuffer.eventMask();
        if (!EventOption.isOfWsk(inputBuffer) || events == 0 || (events & ~EventOption.ALL) != 0) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return registration.setStaticEvents(events) ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_INVALID_DEVICE_STATE;
    }

    @Override
    public NtStatus wskSocket(
            int addressFamily,
            int socketType,
            int protocol,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientDispatch dispatch,
            int owningProcess,
            @Nullable Irp irp) {
        return new WskCall(client, registration, "WskSocket").make(irp, request -> {
            Category category = Category.of(flags);
            ProcessEntry owner = client.provider().process(owningProcess);
            NtStatus unfit = unfit(category, addressFamily, socketType, protocol, owner);
            if (unfit.isSuccess() && category != null && !category.fits(dispatch)) {
                unfit = NtStatus.STATUS_INVALID_PARAMETER;
            }
            if (unfit != NtStatus.STATUS_SUCCESS || category == null || owner == null) {
                return request.completeNow(unfit, 0);
            }
            return request.run(() -> {
                KernelSocket socket = open(
                        category,
                        AddressFamily.fromCode(addressFamily).orElseThrow(),
                        SocketType.fromCode(socketType).orElseThrow(),
                        IpProtocol.fromCode(protocol).orElseThrow(),
                        owner);
                socket.events().adopt(socketContext, dispatch);
                request.pointTo(socket);
                return new IoStatus(NtStatus.STATUS_SUCCESS, socket.handle());
            });
        });
    }

    private NtStatus unfit(
            @Nullable Category category, int family, int type, int protocol, @Nullable ProcessEntry owner) {
        if (category == null || AddressFamily.fromCode(family).isEmpty()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (category == Category.STREAM
                && !client.stack().options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_10_1703)) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (!category.fits(type, protocol) || owner == null) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return client.stack().isNetworkUp() ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_DEVICE_NOT_READY;
    }

    private KernelSocket open(
            Category category, AddressFamily family, SocketType type, IpProtocol protocol, ProcessEntry owner) {
        HostSocket transport = client.stack().open(owner, family, type, protocol);
        return KernelSocket.open(client, registration, category, transport);
    }

    @Override
    public NtStatus wskSocketConnect(
            int socketType,
            int protocol,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientConnectionDispatch dispatch,
            int owningProcess,
            @Nullable Irp irp) {
        Objects.requireNonNull(localAddress, "localAddress must not be null: give an unspecified address for any");
        Objects.requireNonNull(remoteAddress, "remoteAddress must not be null: give where to connect");
        return new WskCall(client, registration, "WskSocketConnect").make(irp, request -> {
            if (flags != 0 || localAddress.isUnresolved()) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            AddressFamily family = AddressFamily.of(localAddress.getAddress());
            ProcessEntry owner = client.provider().process(owningProcess);
            NtStatus unfit = unfit(Category.CONNECTION, family.code(), socketType, protocol, owner);
            if (unfit != NtStatus.STATUS_SUCCESS || owner == null) {
                return request.completeNow(unfit, 0);
            }
            KernelSocket socket =
                    open(Category.CONNECTION, family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP, owner);
            socket.events().adopt(socketContext, dispatch);
            return connectInOneStep(request, socket, localAddress, remoteAddress);
        });
    }

    private NtStatus connectInOneStep(
            IrpRequest request, KernelSocket socket, InetSocketAddress local, InetSocketAddress remote) {
        IrpAnswer answer = new IrpAnswer(request, socket::abandon);
        answer.pointsTo(socket, socket.handle());
        HostStack stack = client.stack();
        SocketRequest both =
                stack.bind(socket.transport(), local).then(() -> stack.connect(socket.transport(), remote));
        return answer.startedBy(() -> both.start(status -> {
            if (status.isSuccess()) {
                socket.events().ready();
            } else {
                socket.abandon();
            }
            answer.is(status);
        }));
    }
}
