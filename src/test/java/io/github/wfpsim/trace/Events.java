package io.github.wfpsim.trace;

import io.github.wfpsim.abi.ActionType;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.Layer;
import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.host.VirtualClock;
import io.github.wfpsim.net.FiveTuple;
import io.github.wfpsim.recorder.TraceRecorder;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Makes events of every type. */
public final class Events {

    private Events() {}

    public static Subject subject(long endpoint) {
        return new Subject(endpoint, endpoint, 1000, "app.exe");
    }

    public static TraceEvent opened(long endpoint) {
        return new TraceEvent.SocketOpened(subject(endpoint));
    }

    public static InetSocketAddress address(int lastByte, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) lastByte}), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    public static FiveTuple tuple() {
        return new FiveTuple(IpProtocol.IPPROTO_TCP, address(2, 49152), address(10, 80));
    }

    /** One event of each type that TraceEvent permits, with a text in every place for text. */
    public static List<TraceEvent> oneOfEach(String text) {
        return Stream.of(TraceEvent.class.getPermittedSubclasses())
                .map(type -> make(type, text))
                .toList();
    }

    private static TraceEvent make(Class<?> type, String text) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Stream.of(types).map(wanted -> value(wanted, text)).toArray();
        try {
            return (TraceEvent) type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException failure) {
            throw new LinkageError("cannot make a " + type, failure);
        }
    }

    private static Object value(Class<?> type, String text) {
        Map<Class<?>, Object> values = Map.ofEntries(
                Map.entry(Subject.class, new Subject(4, 4, 1000, text)),
                Map.entry(String.class, text),
                Map.entry(int.class, 7),
                Map.entry(long.class, 8L),
                Map.entry(boolean.class, true),
                Map.entry(UUID.class, new UUID(1, 2)),
                Map.entry(Token.class, Token.STANDARD_USER),
                Map.entry(InetSocketAddress.class, address(10, 80)),
                Map.entry(FiveTuple.class, tuple()),
                Map.entry(Layer.class, Layer.FWPS_LAYER_ALE_CONNECT_REDIRECT_V4),
                Map.entry(DropReason.class, DropReason.NO_ROOM),
                Map.entry(ActionType.class, ActionType.FWP_ACTION_PERMIT),
                Map.entry(RedirectState.class, RedirectState.FWPS_CONNECTION_NOT_REDIRECTED),
                Map.entry(NtStatus.class, NtStatus.STATUS_SUCCESS),
                Map.entry(List.class, List.of("REC-31")));
        Object value = values.get(type);
        if (value == null) {
            throw new AssertionError("no example of a " + type + ": add one");
        }
        return value;
    }

    /** Logs events as a machine does. */
    public static List<TraceLog.Entry> logged(List<TraceEvent> events) {
        TraceRecorder trace = new TraceRecorder(new VirtualClock(), events.size());
        events.forEach(trace::emit);
        return trace.log().entries();
    }
}
