package io.github.wfpsim.misuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.KernelDriver;
import io.github.wfpsim.SimProcess;
import io.github.wfpsim.WfpSim;
import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.CalloutFlag;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.Out;
import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.architecture.ExportedApi;
import io.github.wfpsim.chain.CapturedContext;
import io.github.wfpsim.chain.RedirectChain;
import io.github.wfpsim.chain.RedirectRecordCodec;
import io.github.wfpsim.cmsg.ControlMessage;
import io.github.wfpsim.cmsg.ControlWriter;
import io.github.wfpsim.cmsg.WsaCmsgHdr;
import io.github.wfpsim.fabric.Pairs;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.irp.DeviceObject;
import io.github.wfpsim.irp.IoCompletionRoutine;
import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.irp.Mdl;
import io.github.wfpsim.irp.WskBuf;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.machine.HandleTable;
import io.github.wfpsim.machine.TaskQueue;
import io.github.wfpsim.machine.Waits;
import io.github.wfpsim.net.Datagram;
import io.github.wfpsim.net.DuplexStream;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.redirect.RecordForge;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import io.github.wfpsim.trace.SequenceRenderer;
import io.github.wfpsim.trace.TextRenderer;
import io.github.wfpsim.verifier.FaultException;
import io.github.wfpsim.wfp.ClassifyContext;
import io.github.wfpsim.wfp.ClassifyHandle;
import io.github.wfpsim.wfp.ClassifyOut;
import io.github.wfpsim.wfp.Filter;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterWeight;
import io.github.wfpsim.wfp.FwpmCalloutEnumTemplate;
import io.github.wfpsim.wfp.FwpmChangeHandle;
import io.github.wfpsim.wfp.FwpmEnumHandle;
import io.github.wfpsim.wfp.FwpmFilterEnumTemplate;
import io.github.wfpsim.wfp.FwpmProviderContext;
import io.github.wfpsim.wfp.FwpmProviderContextEnumTemplate;
import io.github.wfpsim.wfp.FwpmProviderEnumTemplate;
import io.github.wfpsim.wfp.FwpmSubLayerEnumTemplate;
import io.github.wfpsim.wfp.FwpmSubscription;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.wfp.FwpsFilter;
import io.github.wfpsim.wfp.RedirectCallout;
import io.github.wfpsim.wfp.SubLayer;
import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.SimDatagramSocket;
import io.github.wfpsim.winsock.SimSocket;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaMsg;
import io.github.wfpsim.winsock.WsaNetworkEvents;
import io.github.wfpsim.winsock.WsaPollFd;
import io.github.wfpsim.winsock.WsaThreadId;
import io.github.wfpsim.wsk.WskClientNpi;
import io.github.wfpsim.wsk.WskControlBuffer;
import io.github.wfpsim.wsk.WskFlags;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import io.github.wfpsim.wsk.WskSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A machine in the middle of a redirected connection, and one sound value of every type that its public calls take. What
 * could wait does not: its sockets are non-blocking and its deadline has passed.
 */
final class Specimens implements AutoCloseable {

    private static final int PROXY_PORT = 8080;

    final WfpSim sim = WfpSim.open(SimOptions.defaults().completionMode(SimOptions.CompletionMode.INLINE));
    final WfpSim otherMachine = WfpSim.open();
    final SimProcess proxy = sim.process("C:\\proxy.exe", Token.ELEVATED_ADMINISTRATOR);
    final SimProcess client = sim.process("C:\\client.exe", Token.STANDARD_USER);
    final SocketHandle accepted;
    final SocketHandle ofAnotherProcess;
    final RedirectHandle handleOfAnotherMachine;
    final FwpmEnumHandle<Filter> enumerationOfAnotherMachine = enumeration(otherMachine);
    final FwpmChangeHandle subscriptionOfAnotherMachine = subscription(otherMachine);
    private final Map<Class<?>, Object> sound = new LinkedHashMap<>();

    Specimens() {
        try {
            KernelDriver driver = sim.loadDriver("acme.sys");
            RedirectHandle handle = driver.createRedirectHandle(new UUID(1, 1));
            handleOfAnotherMachine = otherMachine.loadDriver("other.sys").createRedirectHandle(new UUID(1, 1));
            SimSocket listener = listen(proxy);
            redirect(driver, handle);
            SimSocket connecting = client.winsock().tcpSocket(AddressFamily.AF_INET);
            connecting.connect(origin());
            SimSocket onward = listener.accept();
            accepted = onward.handle();
            ofAnotherProcess = connecting.handle();
            unblock(proxy.winsock(), accepted);
            add(sim, proxy, driver, driver.fwps(), driver.pool(), handle, onward, accepted, proxy.winsock());
            addParts(driver);
            addManagement();
            addProducts();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static SimSocket listen(SimProcess proxy) throws IOException {
        return proxy.winsock()
                .tcpSocket(AddressFamily.AF_INET)
                .bind(loopback(PROXY_PORT))
                .listen();
    }

    private void redirect(KernelDriver driver, RedirectHandle handle) {
        RedirectCallout callout = driver.redirectCallout(handle, loopback(PROXY_PORT), proxy);
        add(callout);
        UUID key = new UUID(2, 2);
        driver.registerCallout(key, (values, meta, data, context, filter, flow, out) -> {
            add(values, meta, context, filter, out, requestOf(driver.fwps(), context, filter, out));
            if (values.layer() == Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4) {
                callout.classify(values, meta, data, context, filter, flow, out);
                add(Objects.requireNonNull(meta.redirectRecords()));
            }
        });
        for (Layer layer : List.of(Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4, Layer.FWPS_LAYER_ALE_BIND_REDIRECT_V4)) {
            sim.fwpm().addFilter(Filter.at(layer).callout(key));
        }
    }

    /** Takes the request and puts it back as it was; the classify handle is released then. */
    private Object requestOf(Fwps fwps, ClassifyContext context, FwpsFilter filter, ClassifyOut out) {
        Out<ClassifyHandle> handle = Out.empty();
        Out<Object> request = Out.empty();
        fwps.fwpsAcquireClassifyHandle0(context, 0, handle);
        ClassifyHandle acquired = Objects.requireNonNull(handle.get());
        fwps.fwpsAcquireWritableLayerDataPointer0(acquired, filter.filterId(), 0, request, out);
        Object writable = Objects.requireNonNull(request.get());
        fwps.fwpsApplyModifiedLayerData0(acquired, writable, 0);
        fwps.fwpsReleaseClassifyHandle0(acquired);
        out.setRights(ActionType.FWPS_RIGHT_ACTION_WRITE);
        out.setActionType(ActionType.FWP_ACTION_PERMIT);
        add(acquired);
        return writable;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), port);
    }

    private static void unblock(Winsock winsock, SocketHandle socket) {
        OutUlong on = new OutUlong();
        on.set(1);
        winsock.ioctlsocket(socket, ControlCode.FIONBIO.code(), on);
    }

    private void addParts(KernelDriver driver) {
        RedirectRecord entry = sim.connections().stream()
                .flatMap(connection -> connection.redirectChain().stream())
                .findFirst()
                .orElseThrow();
        RedirectRecordCodec codec = new RedirectRecordCodec(0);
        RedirectChain chain = RedirectChain.empty().append(entry);
        RecordForge forge = codec.forge();
        Filter.Builder filter = Filter.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4);
        add(sim.fwpm(), sim.network(), sim.clock(), sim.trace(), sim.verifier(), sim.irql(), sim.options());
        add(WfpSim.builder(), SimOptions.defaults(), new TextRenderer());
        add(new CapturedContext(ByteBuffer.allocate(1), 1, "memory", memory -> {}));
        add(entry, codec, chain, forge, filter, FilterCondition.remotePort(80), FilterWeight.automatic());
        add(
                new SubLayer(new UUID(9, 9), "layer", 5),
                new SequenceRenderer(),
                new ClassifyOut(ActionType.FWP_ACTION_CONTINUE, 0));
        add(driver.pool().allocate(16, "Spec"), sim.trace().log(), new OutUlong(), Out.empty(), new UUID(5, 5));
        addIrps(driver);
        addWsk(driver);
        addOverlapped();
        add(
                new TaskQueue(SimOptions.DispatcherMode.MANUAL, new Waits()),
                sim.network().listen(at(1)));
        add(sim.network().bridge(at(2), loopback(9)), sim.network().datagramSocket(at(3)));
        add(new Datagram(at(4), at(3), ByteBuffer.allocate(1)));
        add(new LoadedDriver("lone.sys", (FaultRecorder) sim.verifier()), filter.permit(), new Object());
        ControlMessage message = new ControlMessage(0, 60, ByteBuffer.allocate(1));
        add(message, new ControlWriter(ByteBuffer.allocate(64)));
        add(Objects.requireNonNull(WsaCmsgHdr.wsaCmsgFirstHdr(ControlWriter.bufferOf(message))));
        add(new WsaMsg().setLpBuffers(ByteBuffer.allocate(1)), datagramSocket());
        add(new FdSet(), new WsaPollFd(accepted, WsaPollFd.POLLIN), new WsaNetworkEvents());
        add(proxy.iphlpapi());
        sound.put(ControlMessage[].class, new ControlMessage[] {message});
        sound.put(ByteBuffer[].class, new ByteBuffer[] {ByteBuffer.allocate(1)});
        sound.put(HandleTable.class, new HandleTable<>());
        sound.put(DuplexStream.class, Pairs.of(1024).left());
        sound.put(Deadline.class, sim.clock().deadlineAfter(Duration.ZERO));
        sound.put(byte[].class, codec.encode(chain));
        sound.put(ByteBuffer.class, ByteBuffer.allocate(4096));
        sound.put(InetSocketAddress.class, origin());
        sound.put(InetAddress.class, IpAddress.loopback(AddressFamily.AF_INET));
        sound.put(String.class, "text");
        sound.put(Duration.class, Duration.ofMillis(5));
    }

    private void addManagement() {
        FwpmFilterEnumTemplate filters = FwpmFilterEnumTemplate.at(Layer.FWPS_LAYER_ALE_AUTH_CONNECT_V4);
        add(filters, new FwpmCalloutEnumTemplate(null, null), new FwpmSubLayerEnumTemplate(null));
        add(new FwpmProviderEnumTemplate(), new FwpmProviderContextEnumTemplate(null));
        add(enumeration(sim), subscription(sim), FwpmSubscription.toAll(null));
    }

    private static FwpmEnumHandle<Filter> enumeration(WfpSim machine) {
        Out<FwpmEnumHandle<Filter>> handle = Out.empty();
        machine.fwpm().fwpmFilterCreateEnumHandle0(null, handle);
        return Objects.requireNonNull(handle.get());
    }

    private static FwpmChangeHandle subscription(WfpSim machine) {
        Out<FwpmChangeHandle> handle = Out.empty();
        machine.fwpm().fwpmFilterSubscribeChanges0(FwpmSubscription.toAll(null), (context, change) -> {}, null, handle);
        return Objects.requireNonNull(handle.get());
    }

    private void addProducts() throws IOException {
        add(
                sim.product("sound"),
                sim.product("tcp").redirectTcp(7001),
                sim.product("udp").redirectUdp(7002));
        add(
                sim.product("kernel").redirectTcpInDriver(7003),
                sim.product("bind").fromApp("x.exe").redirectBinds("::1"));
        add(new OriginalDestination(origin(), loopback(1)));
        FwpByteBlob blob = FwpByteBlob.of((byte) 1);
        add(blob, new FwpmProviderContext(new UUID(7, 7), "context", blob));
        sound.put(CalloutFlag[].class, new CalloutFlag[0]);
        sound.put(int[].class, new int[] {80});
        sound.put(String[].class, new String[] {"192.0.2.2"});
    }

    private void addOverlapped() {
        Kernel32 kernel32 = proxy.winsock().kernel32();
        add(
                kernel32,
                proxy.winsock().overlapped(),
                proxy.winsock().overlapped().newOverlapped(),
                proxy.winsock().kernel32().wsaCreateEvent());
        add(kernel32.createIoCompletionPort(1), new WsaThreadId());
    }

    private void addWsk(KernelDriver driver) {
        Out<WskRegistration> registration = Out.empty();
        driver.wsk().wskRegister(WskClientNpi.ofVersion10(), registration);
        Out<WskProviderNpi> captured = Out.empty();
        driver.wsk()
                .wskCaptureProviderNpi(
                        Objects.requireNonNull(registration.get()), WskFlags.WSK_INFINITE_WAIT, captured);
        WskProviderNpi npi = Objects.requireNonNull(captured.get());
        add(driver.wsk(), WskClientNpi.ofVersion10(), registration.get(), npi);
        add(WskControlBuffer.of(ByteBuffer.allocate(4096)));
        for (int category : new int[] {0, 1, 2, 4, 8}) {
            int type = category == WskFlags.WSK_FLAG_DATAGRAM_SOCKET ? 2 : 1;
            Irp irp = driver.io().ioAllocateIrp(1, false);
            IoCompletionRoutine keep = (device, completed, context) -> NtStatus.STATUS_MORE_PROCESSING_REQUIRED;
            driver.io().ioSetCompletionRoutine(irp, keep, null, true, true, true);
            npi.wskSocket(2, type, type == 2 ? 17 : 6, category, null, null, 0, irp);
            Object socket = Objects.requireNonNull(irp.informationPointer());
            add(socket);
            sound.put(WskSocket.class, socket);
        }
    }

    private void addIrps(KernelDriver driver) {
        Irp irp = driver.io().ioAllocateIrp(2, false);
        driver.io()
                .ioSetCompletionRoutine(
                        irp,
                        (device, completed, context) -> NtStatus.STATUS_MORE_PROCESSING_REQUIRED,
                        null,
                        true,
                        true,
                        true);
        DeviceObject device =
                driver.io().ioCreateDevice("\\Device\\Acme", 2, (self, sent) -> NtStatus.STATUS_NOT_SUPPORTED);
        Mdl mdl = driver.mm().ioAllocateMdl(driver.pool().allocate(16, "Spec"), 16);
        add(driver.io(), driver.mm(), irp, device, mdl, WskBuf.of(mdl), device.irpFromAbove());
        add(Objects.requireNonNull(driver.io().ioGetNextIrpStackLocation(irp)), irp.ioStatus());
    }

    private SimDatagramSocket datagramSocket() {
        try {
            SimDatagramSocket socket = proxy.winsock().udpSocket(AddressFamily.AF_INET);
            unblock(proxy.winsock(), socket.bind(loopback(0)).handle());
            return socket;
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void add(Object... values) {
        for (Object value : values) {
            sound.put(value.getClass(), value);
        }
    }

    static InetSocketAddress origin() {
        return at(10);
    }

    private static InetSocketAddress at(int lastByte) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {(byte) 203, 0, 113, (byte) lastByte}), 80);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A sound value of a type; null if there is none here. */
    @Nullable
    Object sound(Class<?> type) {
        Object exact = sound.get(type);
        return exact != null
                ? exact
                : sound.values().stream()
                        .filter(value -> type.isInterface() && type.isInstance(value))
                        .filter(value -> ExportedApi.isImplementedByTheLibrary(type))
                        .findFirst()
                        .orElse(null);
    }

    @Override
    public void close() {
        for (WfpSim machine : List.of(otherMachine, sim)) {
            try {
                machine.close();
            } catch (FaultException leaks) {
                // Specimens are not cleaned up; what is left is no concern here.
                assertThat(machine.verifier().violations()).isNotEmpty();
            }
        }
    }
}
