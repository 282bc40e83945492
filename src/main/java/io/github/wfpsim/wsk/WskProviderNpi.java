package io.github.wfpsim.wsk;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.irp.IoStatus;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.IrpRequest;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.Request;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The captured provider, WSK_PROVIDER_NPI with its WSK_PROVIDER_DISPATCH: makes sockets. Safe for use by many threads, up
 * to DISPATCH_LEVEL.
 *
 * <p>Source: WSK_PROVIDER_DISPATCH; PFN_WSK_SOCKET; PFN_WSK_SOCKET_CONNECT (WDK). Requirements: WSKS-05, WSKS-06, WSKS-21.
 */
public final class WskProviderNpi {

    private final WskProvider provider;
    private final WskClient client;
    private final WskRegistration registration;

    WskProviderNpi(WskProvider provider, WskClient client, WskRegistration registration) {
        this.provider = provider;
        this.client = client;
        this.registration = registration;
    }

    /**
     * Controls the client, WskControlClient. <b>Simulated</b> for {@link WskFlags#WSK_SET_STATIC_EVENT_CALLBACKS}: events
     * that every socket made from now on has as soon as it can, and that cannot be switched off. Other codes are
     * <b>rejected</b>.
     *
     * @param controlCode {@link WskFlags#WSK_SET_STATIC_EVENT_CALLBACKS}
     * @param inputBuffer which events
     * @param irp null: this operation takes none
     * @return STATUS_SUCCESS; STATUS_INVALID_PARAMETER with an IRP, which is completed, without events, for
     *     WSK_EVENT_DISABLE, for another NPI, and after a fault that was not thrown; STATUS_INVALID_DEVICE_STATE if the
     *     client has made a socket; STATUS_NOT_SUPPORTED for other codes
     * @throws io.github.wfpsim.verifier.FaultException {@code IRQL_TOO_HIGH}; {@code WSK_CALL_IN_COMPLETION_ROUTINE}; with
     *     an IRP those of a bad one
     */
    public NtStatus wskControlClient(int controlCode, WskEventCallbackControl inputBuffer, @Nullable Irp irp) {
        Objects.requireNonNull(inputBuffer, "inputBuffer must not be null: say which events");
        Call call = new Call(provider, client, registration, "WskControlClient");
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

    /**
     * Creates a socket, WskSocket. <b>Simulated</b>; the security descriptor is <b>rejected</b> by having no parameter.
     *
     * @param addressFamily AF_INET or AF_INET6
     * @param socketType {@link SocketType#code()}
     * @param protocol {@link IpProtocol#code()}
     * @param flags the category: one WSK_FLAG_*_SOCKET, see {@link WskFlags}
     * @param socketContext what the socket's event callbacks get; may be null
     * @param dispatch the socket's event callbacks, of the type that goes with the category; null for none
     * @param owningProcess the process that the socket acts for (REC-36); null for the current one, System
     * @param irp tells the end; Information points to the {@link WskSocket}, see {@link Irp#informationPointer()} and
     *     {@link io.github.wfpsim.irp.Io#sendFor}
     * @return STATUS_PENDING, or what the IRP was completed with: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for arguments
     *     that do not fit together (WSKS-06), or without IRP, or after a fault that was not thrown; STATUS_NOT_SUPPORTED
     *     for a stream socket before Windows 10 version 1703; STATUS_DEVICE_NOT_READY while the network is down
     * @throws io.github.wfpsim.verifier.FaultException those of a bad IRP (IRP-03, IRP-04, IRP-16), {@code IRQL_TOO_HIGH}
     */
    public NtStatus wskSocket(
            int addressFamily,
            int socketType,
            int protocol,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientDispatch dispatch,
            @Nullable ProcessEntry owningProcess,
            @Nullable Irp irp) {
        return new Call(provider, client, registration, "WskSocket").make(irp, request -> {
            Category category = Category.of(flags);
            NtStatus unfit = unfit(category, addressFamily, socketType, protocol);
            if (unfit.isSuccess() && category != null && !category.fits(dispatch)) {
                unfit = NtStatus.STATUS_INVALID_PARAMETER;
            }
            if (unfit != NtStatus.STATUS_SUCCESS || category == null) {
                return request.completeNow(unfit, 0);
            }
            return request.run(() -> {
                WskSocket socket = open(
                        category,
                        AddressFamily.fromCode(addressFamily).orElseThrow(),
                        SocketType.fromCode(socketType).orElseThrow(),
                        IpProtocol.fromCode(protocol).orElseThrow(),
                        owningProcess == null ? provider.system() : owningProcess);
                socket.core().events().adopt(socketContext, dispatch);
                request.pointTo(socket);
                return new IoStatus(NtStatus.STATUS_SUCCESS, socket.core().handle());
            });
        });
    }

    private NtStatus unfit(@Nullable Category category, int family, int type, int protocol) {
        if (category == null || AddressFamily.fromCode(family).isEmpty()) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        if (category == Category.STREAM
                && !provider.stack().options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_10_1703)) {
            return NtStatus.STATUS_NOT_SUPPORTED;
        }
        if (!category.fits(type, protocol)) {
            return NtStatus.STATUS_INVALID_PARAMETER;
        }
        return provider.stack().isNetworkUp() ? NtStatus.STATUS_SUCCESS : NtStatus.STATUS_DEVICE_NOT_READY;
    }

    private WskSocket open(
            Category category, AddressFamily family, SocketType type, IpProtocol protocol, ProcessEntry owner) {
        HostSocket kernel = provider.stack().open(owner, family, type, protocol);
        return WskSocket.of(new SocketCore(provider, client, registration, category, kernel));
    }

    /**
     * Creates, binds and connects a socket in one step, WskSocketConnect. <b>Simulated.</b> On failure nothing stays.
     *
     * @param socketType SOCK_STREAM
     * @param protocol IPPROTO_TCP
     * @param localAddress its own address, whose family the socket gets; unspecified with port 0 for any
     * @param remoteAddress where to
     * @param flags 0
     * @param socketContext what the socket's event callbacks get; may be null
     * @param dispatch the socket's event callbacks; null for none
     * @param owningProcess the process that the socket acts for; null for System
     * @param irp tells the end; Information points to the {@link WskConnectionSocket}
     * @return as for {@link #wskSocket} and for {@link WskConnectionSocket#wskBind} and {@link
     *     WskConnectionSocket#wskConnect}; STATUS_INVALID_PARAMETER for addresses that are not resolved
     * @throws io.github.wfpsim.verifier.FaultException as for {@link #wskSocket}
     */
    public NtStatus wskSocketConnect(
            int socketType,
            int protocol,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            int flags,
            @Nullable Object socketContext,
            @Nullable WskClientConnectionDispatch dispatch,
            @Nullable ProcessEntry owningProcess,
            @Nullable Irp irp) {
        Objects.requireNonNull(localAddress, "localAddress must not be null: give an unspecified address for any");
        Objects.requireNonNull(remoteAddress, "remoteAddress must not be null: give where to connect");
        return new Call(provider, client, registration, "WskSocketConnect").make(irp, request -> {
            if (flags != 0 || localAddress.isUnresolved()) {
                return request.completeNow(NtStatus.STATUS_INVALID_PARAMETER, 0);
            }
            AddressFamily family = AddressFamily.of(localAddress.getAddress());
            NtStatus unfit = unfit(Category.CONNECTION, family.code(), socketType, protocol);
            if (unfit != NtStatus.STATUS_SUCCESS) {
                return request.completeNow(unfit, 0);
            }
            WskSocket socket = open(
                    Category.CONNECTION,
                    family,
                    SocketType.SOCK_STREAM,
                    IpProtocol.IPPROTO_TCP,
                    owningProcess == null ? provider.system() : owningProcess);
            socket.core().events().adopt(socketContext, dispatch);
            return connectInOneStep(request, socket, localAddress, remoteAddress);
        });
    }

    private NtStatus connectInOneStep(
            IrpRequest request, WskSocket socket, InetSocketAddress local, InetSocketAddress remote) {
        SocketCore core = socket.core();
        Answer answer = new Answer(request, core::abandon);
        answer.pointsTo(socket, core.handle());
        HostStack stack = provider.stack();
        Request both = stack.bind(core.kernel(), local).then(() -> stack.connect(core.kernel(), remote));
        return answer.startedBy(() -> both.start(status -> {
            if (status.isSuccess()) {
                core.events().ready();
            } else {
                core.abandon();
            }
            answer.is(status);
        }));
    }
}
